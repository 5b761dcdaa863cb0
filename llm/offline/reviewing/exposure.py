"""What leaves the server and must not: password hashes in answers."""

from collections.abc import Iterator

from llm.offline.reviewing.codebase import Class, Codebase, Value, unquoted
from llm.offline.reviewing.notes import DESIGN, Note
from llm.offline.reviewing.routes import Route, RouteTable
from llm.offline.reviewing.schemas import fields_of, row_schemas

_PRIVATE = frozenset({"password", "password_hash", "hashed_password", "password_digest", "secret_key", "salt"})


def exposure_notes(code: Codebase, table: RouteTable) -> Iterator[Note]:
    told: set[int] = set()
    for route in table.routes:
        for schema in _answers(code, route):
            for name, line in fields_of(code, schema).items():
                if name in _PRIVATE and id(line) not in told:
                    told.add(id(line))
                    message = f"`{name}` leaves the server in answers of {route.shown}: take it out of the schema of the answer"
                    yield Note(schema.module.path, line.lineno, "critical", DESIGN, message)


def _answers(code: Codebase, route: Route) -> list[Class]:
    module, answer = route.function.module, route.answer
    if answer is None:
        return []
    found = code.resolve(module, unquoted(answer))
    if isinstance(found, Value):
        found = code.resolve(found.module, found.node)
    return [*([found] if isinstance(found, Class) else []), *row_schemas(code, module, answer)]
