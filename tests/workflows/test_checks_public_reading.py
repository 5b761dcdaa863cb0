"""Rows that everybody may see and only their owner may change: what the plan calls `public_operations` of what is its owner's."""

import copy
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.ports import SandboxProvider
from core.types import JsonObject
from tests.workflows.checking import Application, check_alone, handmade, local_sandbox
from tests.workflows.faults import NOTES, SERVICE

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
MISSING = '    if note is None:\n        raise HTTPException(404, "No such note")\n'
REFUSED = (
    "    if notes.owner is not None and note.owner_id != notes.owner.id:\n"
    '        raise HTTPException(403, "Another user\'s note")\n'
)
ANYBODY = """def anybody(session: Database) -> NoteBook:
    return NoteBook(session, None)


Notes = Annotated[NoteBook, Depends(note_book)]
AnyNotes = Annotated[NoteBook, Depends(anybody)]
"""
EDITS = (
    (SERVICE, "self._owner = owner", "self.owner = owner"),
    (SERVICE, "owner_id=self._owner.id", "owner_id=self.owner.id"),
    (SERVICE, ".where(Note.owner_id == self._owner.id)\n", "\n"),
    (SERVICE, ", Note.owner_id == self._owner.id))", "))"),
    (NOTES, "Notes = Annotated[NoteBook, Depends(note_book)]\n", ANYBODY),
    (NOTES, "def list_notes(\n    notes: Notes", "def list_notes(\n    notes: AnyNotes"),
    (NOTES, "def read_note(notes: Notes", "def read_note(notes: AnyNotes"),
    (NOTES, MISSING, MISSING + REFUSED),
)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as provider:
        yield provider


def readable_by_all() -> Application:
    application = handmade()
    for path, old, new in EDITS:
        application = application.with_fault(path, old, new)
    return Application({**application.files, "contract/openapi.json": json.dumps(_contract(application.contract))})


def _contract(contract: JsonObject) -> JsonObject:
    changed = copy.deepcopy(contract)
    paths = changed["paths"]
    assert isinstance(paths, dict)
    rows, row = paths["/api/notes"], paths["/api/notes/{note_id}"]
    assert isinstance(rows, dict)
    assert isinstance(row, dict)
    for public in (rows["get"], row["get"]):
        del public["security"], public["responses"]["401"]  # type: ignore[index,union-attr,arg-type,call-overload]  # a known document
    for own in (row["patch"], row["delete"]):
        own["responses"]["403"] = own["responses"]["404"]  # type: ignore[index,union-attr,call-overload]  # a known document
    return changed


async def test_it_is_as_promised_when_everybody_reads_and_the_owner_alone_changes(sandbox: SandboxProvider) -> None:
    found = await check_alone(sandbox, readable_by_all(), "behaviour")
    assert [finding.message for finding in found.findings] == []
    assert found.status is CheckStatus.PASSED


async def test_it_is_found_when_others_may_change_what_they_may_see(sandbox: SandboxProvider) -> None:
    found = await check_alone(sandbox, readable_by_all().with_fault(NOTES, REFUSED, ""), "behaviour")
    named = [finding.message for finding in found.findings if "another user's row" in finding.message]
    assert "PATCH /api/notes/{note_id}: another user's row was answered 200, expected 403 or 404" in named
    assert not any(message.startswith("GET") for message in named)
