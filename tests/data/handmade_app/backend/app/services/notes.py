from collections.abc import Iterable, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from app.db.models import Note, Tag, User
from app.schemas.notes import NoteCreate, NoteRead, NoteUpdate

ORDERS = {
    "title": (Note.title.asc(), Note.id.asc()),
    "-title": (Note.title.desc(), Note.id.desc()),
    "created_at": (Note.created_at.asc(), Note.id.asc()),
    "-created_at": (Note.created_at.desc(), Note.id.desc()),
}


class UnknownTag(Exception):
    pass


class NoteBook:
    """The notes of one user."""

    def __init__(self, session: Session, owner: User) -> None:
        self._session = session
        self._owner = owner

    def page(
        self, limit: int, offset: int, text: str | None, pinned: bool | None, sort: str
    ) -> tuple[Sequence[Note], int]:
        wanted = select(Note).where(Note.owner_id == self._owner.id)
        if text:
            wanted = wanted.where(or_(Note.title.icontains(text, autoescape=True), Note.body.icontains(text, autoescape=True)))
        if pinned is not None:
            wanted = wanted.where(Note.pinned == pinned)
        total = self._session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        rows = wanted.options(selectinload(Note.tags)).order_by(*ORDERS[sort]).limit(limit).offset(offset)
        return self._session.scalars(rows).all(), total

    def find(self, note_id: int) -> Note | None:
        return self._session.scalar(select(Note).where(Note.id == note_id, Note.owner_id == self._owner.id))

    def add(self, wanted: NoteCreate) -> Note:
        note = Note(owner_id=self._owner.id, title=wanted.title, body=wanted.body, pinned=wanted.pinned)
        note.tags = self._tags(wanted.tag_ids)
        self._session.add(note)
        self._session.commit()
        return note

    def change(self, note: Note, wanted: NoteUpdate) -> Note:
        changes = wanted.model_dump(exclude_unset=True)
        if "tag_ids" in changes:
            note.tags = self._tags(changes.pop("tag_ids"))
        for name, value in changes.items():
            setattr(note, name, value)
        self._session.commit()
        return note

    def remove(self, note: Note) -> None:
        self._session.delete(note)
        self._session.commit()

    def _tags(self, ids: Iterable[int]) -> list[Tag]:
        wanted = set(ids)
        found = list(self._session.scalars(select(Tag).where(Tag.id.in_(wanted))))
        if len(found) != len(wanted):
            raise UnknownTag
        return found


def to_read(note: Note) -> NoteRead:
    return NoteRead(
        id=note.id, created_at=note.created_at, updated_at=note.updated_at, owner_id=note.owner_id, title=note.title,
        body=note.body, pinned=note.pinned, tag_ids=[tag.id for tag in note.tags],
    )
