"""Checks that no agent has seen: requests in the words of the task, to the operations that the contract has for them."""

import re
from typing import Any

from .asgi import Answer, Client
from .box import OutOfTime, Report, Reports, enter_backend, library, read_json, stop_after
from .contract import Contract, Operation
from .locate import Source
from .walk_auth import sign_in, sign_up
from .walker import Entity, Impossible, Walker, shorten

TIME_S = 45.0
_BODY = ("create", "update", "post")


class Failed(Exception):
    """The check does not hold; the message says why."""


class Hidden:
    """One check, on an application of its own walker: rows that it keeps by name, people who are signed in."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker
        self._rows: dict[str, dict[str, Any]] = {}
        self._users: dict[str, tuple[str, int | None]] = {}

    def run(self, steps: list[dict[str, Any]]) -> None:
        """Raises Failed."""
        for number, step in enumerate(steps, 1):
            try:
                self._step(step)
            except Failed as error:
                raise Failed(f"step {number}, {step['call']} {step['of']}: {error}") from error

    def _step(self, step: dict[str, Any]) -> None:
        entity = self._entity(step["of"])
        operation = self._operation(entity, step)
        ids = self._ids(operation, step)
        body = self._body(entity, operation, step) if step["call"] in _BODY else None
        query = {name: self._value(value) for name, value in step["query"].items()}
        token = self._token(operation, step)
        answer = self._walker.call(operation, *ids, query=query, body=body, token=token)
        if answer.crash is not None:
            raise Failed(f"{operation.name} raised {type(answer.crash).__name__}: {str(answer.crash)[:200]}")
        if answer.status not in step["status"]:
            wanted = " or ".join(map(str, step["status"]))
            sent = f" with {shorten(body)}" if body is not None else ""
            raise Failed(f"{operation.name}{sent} was answered {answer.status}, expected {wanted}")
        self._judge(answer, step)

    def _judge(self, answer: Answer, step: dict[str, Any]) -> None:
        document = answer.json()
        if step["rows"] is not None:
            rows = document.get("items") if isinstance(document, dict) else document
            if not isinstance(rows, list) or len(rows) != step["rows"]:
                found = len(rows) if isinstance(rows, list) else "no"
                raise Failed(f"the list has {found} rows, expected {step['rows']}")
        for name, wanted in step["answers"].items():
            value = document.get(_field(document, name)) if isinstance(document, dict) else None
            expected = self._value(wanted)
            if value != expected and _number(value) != _number(expected):
                raise Failed(f"`{name}` is {shorten(value)}, expected {shorten(expected)}")
        if step["save"]:
            if not isinstance(document, dict):
                raise Failed("the answer is no row that could be kept")
            self._rows[step["save"]] = document

    def _entity(self, words: str) -> Entity:
        for entity in self._walker.entities.values():
            named = (entity.name, entity.spec["path"], entity.spec["label"], entity.spec["label_plural"])
            if any(_same(words, each) for each in named):
                return entity
        for entity in self._walker.entities.values():
            if _words(entity.name)[-1:] == _words(words)[-1:]:  # `book` for `library book`, and the other way round
                return entity
        raise Failed(f"the plan has nothing that is called {words!r}; it has {', '.join(self._walker.entities)}")

    def _operation(self, entity: Entity, step: dict[str, Any]) -> Operation:
        call, base = step["call"], f"/api/{entity.spec['path']}"
        if call in ("get", "post"):
            shape = f"{call.upper()} {base}{'/{}' if step['row'] else ''}{step['path']}"
            found = self._walker.contract.find(shape) or self._walker.contract.find(f"{call.upper()} {step['path']}")
        else:
            found = getattr(entity, call)
        if found is None:
            raise Failed(f"the contract has no operation to {call} {entity.spec['label']} {step['path']}".rstrip())
        return found

    def _ids(self, operation: Operation, step: dict[str, Any]) -> list[Any]:
        if "{" not in operation.path:
            return []
        return [self._row(step["row"])["id"]] if step["row"] in self._rows else [step["row"] or 2_147_483_646]

    def _row(self, name: str) -> dict[str, Any]:
        try:
            return self._rows[name]
        except KeyError:
            raise Failed(f"no earlier step kept {name!r}") from None

    def _body(self, entity: Entity, operation: Operation, step: dict[str, Any]) -> Any:
        schema = self._walker.object_schema(self._walker.contract.body_schema(operation))
        known = schema.get("properties", {})
        given = {_known(known, name): self._value(value) for name, value in step["body"].items()}
        if step["call"] != "create":
            return given
        try:
            return {**self._walker.body(entity, optional=False, **given), **given}
        except Impossible:
            raise Failed(f"a row that {entity.spec['label']} needs could not be made") from None

    def _value(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            name, _, field = value[1:].partition(".")
            row = self._row(name)
            return row.get(_field(row, field or "id"))
        return [self._value(one) for one in value] if isinstance(value, list) else value

    def _token(self, operation: Operation, step: dict[str, Any]) -> str | None:
        if step["user"] == "nobody":
            return None
        if not step["user"]:
            return self._walker.token if self._walker.contract.secured(operation) else None
        if step["user"] not in self._users:
            made = sign_up(self._walker, f"{step['user']}@example.com")
            if made is None:
                raise Failed(f"{step['user']} cannot sign up")
            self._users[step["user"]] = made
        return self._users[step["user"]][0]


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [_singular(word) for word in re.split(r"[^a-z0-9]+", apart.lower()) if word]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _same(one: str, other: str) -> bool:
    return _words(one) == _words(other)


def _field(document: Any, name: str) -> str:
    """The field of an answer that has these words; the name itself when there is none."""
    known = document if isinstance(document, dict) else {}
    return next((each for each in known if _same(each, name)), name)


def _known(properties: dict[str, Any], name: str) -> str:
    """The property of a body that has these words, or the reference to a thing of this name."""
    for each in properties:
        if _same(each, name) or _words(each) == [*_words(name), "id"]:
            return each
    return name


def _number(value: Any) -> Any:
    """Amounts may be text: `12.50` is 12.5."""
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else value
    except ValueError:
        return value


def main() -> None:
    """Run the one check that is there, on a database of its own."""
    reports = Reports("hidden")
    try:
        stop_after(TIME_S)
        enter_backend("hidden")
        reports.run("hidden", _hold)
    except OutOfTime:
        reports.save()


def _hold(report: Report) -> None:
    alembic, config = library("alembic.command"), library("alembic.config").Config("alembic.ini")
    config.print_stdout = lambda *_text: None
    alembic.upgrade(config, "head")
    contract, plan = Contract(read_json(".autonomy/contract.json")), read_json(".autonomy/plan.json")
    client = Client(library("app.main").create_app())
    walker = Walker(client, contract, plan, Source(), Report("walk"))  # what the walker notes is for the usual checks
    if plan.get("auth"):
        sign_in(walker)
    try:
        Hidden(walker).run(read_json(".autonomy/hidden.json")["steps"])
    except Failed as error:
        report.add(str(error))
    client.close()
    report.finish()


if __name__ == "__main__":
    main()
