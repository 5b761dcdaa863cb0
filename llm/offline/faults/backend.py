"""Mistakes of backend_agent in what the API answers and takes."""

import re

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, api_of, fault_of, first, replaced, schemas_of, service_of, without
from llm.offline.python_app.entities import Entity
from llm.offline.python_app.names import attribute


def _missing_404(files: Files, plan: Plan) -> Files | None:
    """The row is taken to be there."""

    def edit(entity: Entity) -> Files | None:
        guard = f'    if {entity.variable} is None:\n        raise NotFound("There is no such {entity.label}.")\n'
        path = service_of(entity)
        edited = replaced(files, path, (guard, ""))
        if edited is None:
            return None
        return edited if "NotFound(" in edited[path] else _unimport(edited, path, "NotFound")

    return first(plan, edit)


def _unimport(files: Files, path: str, name: str) -> Files:
    """A name that is not used any more would be a second mistake."""
    text = re.sub(rf"^from app\.errors import {name}\n", "", files[path], flags=re.M)
    text = re.sub(rf"^(from app\.errors import .*?)(, {name}\b|\b{name}, )(.*)$", r"\1\3", text, flags=re.M)
    return {**files, path: text}


def _wrong_status_code(files: Files, plan: Plan) -> Files | None:
    """Creating answers 200."""

    def edit(entity: Entity) -> Files | None:
        path = api_of(entity)
        edited = replaced(files, path, (", status_code=HTTPStatus.CREATED", ""))
        edited = edited or replaced(files, path, ("    status_code=HTTPStatus.CREATED,\n", ""))
        if edited is None or "HTTPStatus." in edited[path]:
            return edited
        return {**edited, path: edited[path].replace("from http import HTTPStatus\n", "")}

    return first(plan, edit)


def _renamed_field(files: Files, plan: Plan) -> Files | None:
    """A field is answered under a name that another convention would give it."""

    def edit(entity: Entity) -> Files | None:
        path = schemas_of(entity)
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

    return first(plan, edit)


def _missing_authorization(files: Files, plan: Plan) -> Files | None:
    """Rows are found by id alone, or a router asks for no token."""

    def edit(entity: Entity) -> Files | None:
        owned = f".where(models.{entity.name}.owner_id == user.id)"
        edited = replaced(files, service_of(entity), (owned, ""))
        guard = ", dependencies=[Depends(current_user)]"
        return edited or replaced(
            files, api_of(entity), (guard, ""), ("from fastapi import APIRouter, Depends", "from fastapi import APIRouter"),
            ("current_user, ", ""),
        )  # fmt: skip

    return first(plan, edit)


def _missing_validation(files: Files, plan: Plan) -> Files | None:
    """A length or a bound is left to the database, which does not mind."""

    def edit(entity: Entity) -> Files | None:
        path = schemas_of(entity)
        text, found = re.subn(r"\bmax_length=\d+, (?=pattern)", "", files.get(path, ""), count=1)
        return {**files, path: text} if found else None

    return first(plan, edit)


def _wrong_default(files: Files, plan: Plan) -> Files | None:
    """What is left out gets another value than the plan says."""

    def edit(entity: Entity) -> Files | None:
        for field in entity.writable:
            if isinstance(field.default, bool):
                old = f"    {attribute(field.name)}: StrictBool = {field.default}\n"
                return replaced(
                    files, schemas_of(entity), (old, f"    {attribute(field.name)}: StrictBool = {not field.default}\n")
                )
        return None

    return first(plan, edit)


def _forgotten_rule(files: Files, plan: Plan) -> Files | None:
    """A business rule is written down, and creating a row does not ask it."""

    def edit(entity: Entity) -> Files | None:
        path = service_of(entity)
        pattern = r"^    values = .*\n(    _check_\w+\(.*\)\n)"
        found = re.search(pattern, files.get(path, ""), re.M)
        return replaced(files, path, (found[1], "")) if found else None

    return first(plan, edit)


def _broken_import(files: Files, plan: Plan) -> Files | None:
    """A module is asked for by a name that it does not have."""
    return first(
        plan,
        lambda entity: replaced(
            files, api_of(entity), ("from app.services import ", "from app.service import ")
        ),
    )  # fmt: skip


def _unchecked_reference(files: Files, plan: Plan) -> Files | None:
    """The id of another row is stored without asking whether there is such a row."""
    line = r"^    base\.check_reference\((?:[^()]|\([^()]*\))*\)\n"
    return first(plan, lambda entity: without(files, service_of(entity), line))


def _unknown_fields(files: Files, plan: Plan) -> Files | None:
    """What the contract does not know is taken without a word."""
    return replaced(files, "backend/app/schemas/base.py", ('ConfigDict(extra="forbid")', 'ConfigDict(extra="ignore")'))


_BACKEND = AgentName.BACKEND
FAULTS: tuple[Fault, ...] = (
    fault_of(_BACKEND, _missing_404, r"(unknown|not exist|not there|missing).*404|404.*(unknown|not exist|not there)"),
    fault_of(_BACKEND, _wrong_status_code, r"(instead of|expected|promises status) 201"),
    fault_of(_BACKEND, _renamed_field, r"\blacks `|\bhas the fields\b|not in the contract|field.*contract"),
    fault_of(
        _BACKEND, _missing_authorization,
        r"(instead of|expected) 401|somebody else|another('s)? (user|account|person)|authori[sz]ation|other user",
    ),
    fault_of(_BACKEND, _broken_import, r"ImportError|No module named|ModuleNotFoundError|cannot (be )?import"),
    fault_of(_BACKEND, _missing_validation, r"(instead of|expected) 422|max_?length|too long|invalid.*accepted"),
    fault_of(_BACKEND, _wrong_default, r"(?<![a-z])default(?![a-z]|_size)"),
    fault_of(_BACKEND, _forgotten_rule, r"(instead of|expected) (409|422)|business rule"),
    fault_of(_BACKEND, _unchecked_reference, r"409 instead of 422|\b409\b.*expected 422|2147483647.*422"),
    fault_of(_BACKEND, _unknown_fields, r"unknown[ _]field|no_such_field|additional ?propert"),
)  # fmt: skip
"""In the order in which they are made."""
