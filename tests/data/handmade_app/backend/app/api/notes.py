from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query

from app.api.deps import Database, RowId, SignedIn
from app.schemas.notes import NoteCreate, NotePage, NoteRead, NoteUpdate
from app.services.notes import NoteBook, UnknownTag, to_read

router = APIRouter(prefix="/api/notes", tags=["notes"])
Order = Literal["title", "-title", "created_at", "-created_at"]


def note_book(session: Database, user: SignedIn) -> NoteBook:
    return NoteBook(session, user)


Notes = Annotated[NoteBook, Depends(note_book)]


@router.get("")
def list_notes(
    notes: Notes,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=2147483647)] = 0,
    q: Annotated[str | None, Query(max_length=200)] = None,
    pinned: bool | None = None,
    sort: Order = "created_at",
) -> NotePage:
    rows, total = notes.page(limit, offset, q, pinned, sort)
    return NotePage(items=[to_read(row) for row in rows], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
def create_note(notes: Notes, body: NoteCreate) -> NoteRead:
    try:
        return to_read(notes.add(body))
    except UnknownTag:
        raise HTTPException(422, "tag_ids: there is no such tag") from None


@router.get("/{note_id}")
def read_note(notes: Notes, note_id: RowId) -> NoteRead:
    note = notes.find(note_id)
    if note is None:
        raise HTTPException(404, "No such note")
    return to_read(note)


@router.patch("/{note_id}")
def update_note(notes: Notes, note_id: RowId, body: NoteUpdate) -> NoteRead:
    note = notes.find(note_id)
    if note is None:
        raise HTTPException(404, "No such note")
    try:
        return to_read(notes.change(note, body))
    except UnknownTag:
        raise HTTPException(422, "tag_ids: there is no such tag") from None


@router.delete("/{note_id}", status_code=204)
def delete_note(notes: Notes, note_id: RowId) -> None:
    note = notes.find(note_id)
    if note is None:
        raise HTTPException(404, "No such note")
    notes.remove(note)
