"""Mistakes for proof: each is one that people really make, planted in a first attempt and repaired once a finding names it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.findings import Finding
from core.plan import Plan
from core.types import AgentName
from llm.offline.python_app.entities import Entity, entities
from llm.offline.python_app.names import attribute

Files = dict[str, str]
Edit = Callable[[Files, Plan], Files | None]
"""The files with the mistake, or None where there is no place for it."""


@dataclass(frozen=True)
class Fault:
    """One mistake of one agent. `words` is what a finding has to say before the mistake counts as named."""

    name: str
    agent: AgentName
    edit: Edit
    words: re.Pattern[str]
    checks: frozenset[str] = frozenset()

    def applies(self, files: Mapping[str, str], plan: Plan) -> bool:
        """True when these files of `agent` have a place for the mistake."""
        return self.edit(dict(files), plan) is not None

    def inject(self, files: Files, plan: Plan) -> Files:
        """The files with the mistake, or unchanged where there is no place for it."""
        return self.edit(dict(files), plan) or files

    def named_by(self, findings: Sequence[Finding]) -> bool:
        """True when a finding says what is wrong, not merely that something is."""
        return any(
            self.words.search(finding.message) and (not self.checks or finding.check in self.checks)
            for finding in findings
        )


def find(name: str) -> Fault | None:
    """The fault of that name, written with hyphens or underscores."""
    return FAULTS.get(name.strip().lower().replace("-", "_"))


def _replaced(files: Files, path: str, *edits: tuple[str, str]) -> Files | None:
    text = files.get(path, "")
    for old, new in edits:
        if old not in text:
            return None
        text = text.replace(old, new, 1)
    return {**files, path: text}


def _first(plan: Plan, try_one: Callable[[Entity], Files | None]) -> Files | None:
    return next((found for entity in entities(plan) if (found := try_one(entity)) is not None), None)


def _api(entity: Entity) -> str:
    return f"backend/app/api/{entity.service}.py"


def _service(entity: Entity) -> str:
    return f"backend/app/services/{entity.service}.py"


def _schemas(entity: Entity) -> str:
    return f"backend/app/schemas/{entity.module}.py"


def _missing_404(files: Files, plan: Plan) -> Files | None:
    """The row is taken to be there."""

    def edit(entity: Entity) -> Files | None:
        guard = f'    if {entity.variable} is None:\n        raise NotFound("There is no such {entity.label}.")\n'
        path = _service(entity)
        edited = _replaced(files, path, (guard, ""))
        if edited is None:
            return None
        return edited if "NotFound(" in edited[path] else _unimport(edited, path, "NotFound")

    return _first(plan, edit)


def _unimport(files: Files, path: str, name: str) -> Files:
    """A name that is not used any more would be a second mistake."""
    text = re.sub(rf"^from app\.errors import {name}\n", "", files[path], flags=re.M)
    text = re.sub(rf"^(from app\.errors import .*?)(, {name}\b|\b{name}, )(.*)$", r"\1\3", text, flags=re.M)
    return {**files, path: text}


def _wrong_status_code(files: Files, plan: Plan) -> Files | None:
    """Creating answers 200."""

    def edit(entity: Entity) -> Files | None:
        path = _api(entity)
        edited = _replaced(files, path, (", status_code=HTTPStatus.CREATED", ""))
        edited = edited or _replaced(files, path, ("    status_code=HTTPStatus.CREATED,\n", ""))
        if edited is None or "HTTPStatus." in edited[path]:
            return edited
        return {**edited, path: edited[path].replace("from http import HTTPStatus\n", "")}

    return _first(plan, edit)


def _renamed_field(files: Files, plan: Plan) -> Files | None:
    """A field is answered under a name that another convention would give it."""

    def edit(entity: Entity) -> Files | None:
        path = _schemas(entity)
        field = next((field for field in entity.writable if field.type in ("string", "text", "url", "email")), None)
        before, class_, after = files.get(path, "").partition(f"class {entity.name}Read(base.Output):\n")
        if field is None or not class_:
            return None
        words = (field.name if "_" in field.name else f"{entity.one}_{field.name}").split("_")
        name = words[0] + "".join(word.capitalize() for word in words[1:])
        line = re.compile(rf"^    {field.name}: (.*)$", re.M)
        renamed = line.sub(rf'    {name}: \1 = Field(validation_alias="{field.name}")', after, count=1)
        text = before + class_ + renamed
        if not re.search(r"^from pydantic import .*\bField\b", text, re.M):
            text = text.replace("from pydantic import ", "from pydantic import Field, ", 1)
        return {**files, path: text}

    return _first(plan, edit)


def _sql_by_string(files: Files, plan: Plan) -> Files | None:
    """The search is written as SQL text with what the user typed in the middle of it."""

    def edit(entity: Entity) -> Files | None:
        column = entity.spec.search[0] if entity.spec.search else ""
        pattern = (
            r"^        matching = base\.contains\(query\.q, [^()]*\)\n|^        matching = base\.contains\(\n[^()]*\)\n"
        )
        old = re.search(pattern, files.get(_service(entity), ""), re.M)
        if old is None:
            return None
        new = (
            f"        sql = f\"SELECT id FROM {entity.many} WHERE {column} LIKE '%{{query.q}}%'\"\n"  # noqa: S608  # the mistake
            f"        matching = models.{entity.name}.id.in_(db.scalars(sa.text(sql)).all())\n"
        )
        return _replaced(files, _service(entity), (old[0], new))

    return _first(plan, edit)


def _missing_authorization(files: Files, plan: Plan) -> Files | None:
    """Rows are found by id alone, or a router asks for no token."""

    def edit(entity: Entity) -> Files | None:
        owned = f".where(models.{entity.name}.owner_id == user.id)"
        edited = _replaced(files, _service(entity), (owned, ""))
        guard = ", dependencies=[Depends(current_user)]"
        return edited or _replaced(
            files, _api(entity), (guard, ""), ("from fastapi import APIRouter, Depends", "from fastapi import APIRouter"),
            ("current_user, ", ""),
        )  # fmt: skip

    return _first(plan, edit)


def _n_plus_one(files: Files, plan: Plan) -> Files | None:
    """Related rows are loaded when each row is looked at; where there are none, each row is fetched again."""

    def lazy(entity: Entity) -> Files | None:
        path = _service(entity)
        text, found = re.subn(
            r"^    statement = statement\.options\(selectinload\(.*\)\)\n", "", files.get(path, ""), flags=re.M
        )
        if not found:
            return None
        return {**files, path: text.replace(", selectinload\n", "\n")}

    def again(entity: Entity) -> Files | None:
        path, model = _service(entity), f"models.{entity.name}"
        text = files.get(path, "")
        old = re.search(r"^    return (base\.fetch_page\(db, statement, query, .*\))$", text, re.M)
        if old is None:
            return None
        each = f"[db.scalars(sa.select({model}).where({model}.id == row.id)).one() for row in rows]"
        new = f"    rows, total = {old[1]}\n    return {each}, total"
        return _replaced(files, path, (old[0], new))

    return _first(plan, lazy) or _first(plan, again)


def _broken_import(files: Files, plan: Plan) -> Files | None:
    """A module is asked for by a name that it does not have."""
    return _first(
        plan,
        lambda entity: _replaced(
            files, _api(entity), ("from app.services import ", "from app.service import ")
        ),
    )  # fmt: skip


def _failing_migration(files: Files, plan: Plan) -> Files | None:
    """An index is made on a column that the table does not have."""
    path = "backend/migrations/versions/0001_initial.py"

    def edit(entity: Entity) -> Files | None:
        line = "\n\n\ndef downgrade() -> None:\n"
        index = (
            f'\n    op.create_index("ix_{entity.many}_{entity.one}_name", "{entity.many}", ["{entity.one}_name"]){line}'
        )
        return _replaced(files, path, (line, index))

    return _first(plan, edit)


def _typescript_error(files: Files, plan: Plan) -> Files | None:
    """A page size is kept as text where a number is asked for."""
    source = sorted(path for path in files if path.startswith("frontend/src/") and path.endswith("List.tsx"))
    if not source:
        return None
    return {**files, source[0]: files[source[0]].rstrip("\n") + '\n\nexport const visibleRows: number = "20";\n'}


def _broken_test(files: Files, plan: Plan) -> Files | None:
    """A test expects the status that the contract does not promise."""
    right, wrong = 'api.delete(at(row)).expect(204).text == ""\n', 'api.delete(at(row)).expect(200).text == ""\n'
    return _first(plan, lambda entity: _replaced(files, f"backend/tests/{entity.test_module}.py", (right, wrong)))


def _missing_validation(files: Files, plan: Plan) -> Files | None:
    """A length or a bound is left to the database, which does not mind."""

    def edit(entity: Entity) -> Files | None:
        path = _schemas(entity)
        text, found = re.subn(r"\bmax_length=\d+, (?=pattern)", "", files.get(path, ""), count=1)
        return {**files, path: text} if found else None

    return _first(plan, edit)


def _unbounded_list(files: Files, plan: Plan) -> Files | None:
    """Every row is sent, whatever `limit` says."""
    return _replaced(files, "backend/app/services/base.py", (".limit(query.limit).offset(query.offset)", ""))


def _secret_in_code(files: Files, plan: Plan) -> Files | None:
    """Tokens are signed with a key that everybody who reads the code knows."""
    path = "backend/app/security.py"
    setting = "settings.secret_key.get_secret_value()"
    return _replaced(
        files, path,
        ('ALGORITHM = "HS256"\n', 'ALGORITHM = "HS256"\nSECRET_KEY = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"\n'),
        (f"jwt.encode(claims, {setting}, algorithm", "jwt.encode(claims, SECRET_KEY, algorithm"),
        ("    key = get_settings().secret_key.get_secret_value()\n", ""),
        ("jwt.decode(token, key, ", "jwt.decode(token, SECRET_KEY, "),
    )  # fmt: skip


def _wrong_default(files: Files, plan: Plan) -> Files | None:
    """What is left out gets another value than the plan says."""

    def edit(entity: Entity) -> Files | None:
        for field in entity.writable:
            if isinstance(field.default, bool):
                old = f"    {attribute(field.name)}: StrictBool = {field.default}\n"
                return _replaced(
                    files, _schemas(entity), (old, f"    {attribute(field.name)}: StrictBool = {not field.default}\n")
                )
        return None

    return _first(plan, edit)


def _lost_filter(files: Files, plan: Plan) -> Files | None:
    """A filter is documented and then forgotten."""

    def edit(entity: Entity) -> Files | None:
        path = _service(entity)
        pattern = r"^    if query\.(?!q\b|year\b)\w+ is not MISSING:\n        statement = statement\.where\(.*\)\n"
        text, found = re.subn(pattern, "", files.get(path, ""), count=1, flags=re.M)
        if found and "MISSING" not in text.partition("import MISSING")[2]:
            text = text.replace("from pydantic import MISSING\n", "")
        return {**files, path: text} if found else None

    return _first(plan, edit)


def _forgotten_rule(files: Files, plan: Plan) -> Files | None:
    """A business rule is written down, and creating a row does not ask it."""

    def edit(entity: Entity) -> Files | None:
        path = _service(entity)
        pattern = r"^    values = .*\n(    _check_\w+\(.*\)\n)"
        found = re.search(pattern, files.get(path, ""), re.M)
        return _replaced(files, path, (found[1], "")) if found else None

    return _first(plan, edit)


def _fault(agent: AgentName, edit: Edit, words: str, *checks: str) -> Fault:
    name = edit.__name__.strip("_")
    return Fault(name, agent, edit, re.compile(words, re.I), frozenset(checks))


_BACKEND = AgentName.BACKEND
FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        _fault(_BACKEND, _missing_404, r"(unknown|not exist|not there|missing).*404|404.*(unknown|not exist|not there)"),
        _fault(_BACKEND, _wrong_status_code, r"(instead of|expected|promises status) 201"),
        _fault(_BACKEND, _renamed_field, r"\blacks `|\bhas the fields\b|not in the contract|field.*contract"),
        _fault(_BACKEND, _sql_by_string, r"sql injection|sql.{0,40}string|string.{0,40}\bsql\b|\b[BS]608\b"),
        _fault(
            _BACKEND, _missing_authorization,
            r"(instead of|expected) 401|somebody else|another('s)? (user|account|person)|authori[sz]ation|other user",
        ),
        _fault(_BACKEND, _n_plus_one, r"n\s?\+\s?1\b|quer(y|ies) (per|for each|for every) row"),
        _fault(_BACKEND, _broken_import, r"ImportError|No module named|ModuleNotFoundError|cannot (be )?import"),
        _fault(AgentName.DATABASE, _failing_migration, r"migration|alembic|no such column|no column named"),
        _fault(AgentName.FRONTEND, _typescript_error, r"\bTS\d{4}\b|not assignable"),
        _fault(AgentName.QA, _broken_test, r"expects 200|instead of 200|204 == 200"),
        _fault(_BACKEND, _missing_validation, r"(instead of|expected) 422|max_?length|too long|invalid.*accepted"),
        _fault(_BACKEND, _unbounded_list, r"(?<![a-z])limit(ed|=)|unbounded|whole table"),
        _fault(_BACKEND, _secret_in_code, r"hard-?coded|secret.*(code|setting)|\b[BS]10[567]\b"),
        _fault(_BACKEND, _wrong_default, r"(?<![a-z])default(?![a-z])"),
        _fault(_BACKEND, _lost_filter, r"(?<![a-z])filter|gives a row with"),
        _fault(_BACKEND, _forgotten_rule, r"(instead of|expected) (409|422)|business rule"),
    )
}  # fmt: skip
"""Every fault by its name."""
