from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from app.api.deps import Database, RowId, SignedIn
from app.db.models import Tag
from app.schemas.tags import TagCreate, TagPage, TagRead, TagUpdate
from app.services import tags

router = APIRouter(prefix="/api/tags", tags=["tags"])


def wanted_tag(session: Database, user: SignedIn, tag_id: RowId) -> Tag:
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise HTTPException(404, "No such tag")
    return tag


@router.get("")
def list_tags(
    session: Database,
    user: SignedIn,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=2147483647)] = 0,
) -> TagPage:
    rows, total = tags.page(session, limit, offset)
    return TagPage(items=[TagRead.model_validate(row) for row in rows], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
def create_tag(session: Database, user: SignedIn, body: TagCreate) -> TagRead:
    return _saved(session, Tag(name=body.name))


@router.get("/{tag_id}")
def read_tag(session: Database, user: SignedIn, tag_id: RowId) -> TagRead:
    return TagRead.model_validate(wanted_tag(session, user, tag_id))


@router.patch("/{tag_id}")
def update_tag(session: Database, user: SignedIn, tag_id: RowId, body: TagUpdate) -> TagRead:
    tag = wanted_tag(session, user, tag_id)
    if body.name is not None:
        tag.name = body.name
    return _saved(session, tag)


@router.delete("/{tag_id}", status_code=204)
def delete_tag(session: Database, user: SignedIn, tag_id: RowId) -> None:
    try:
        tags.remove(session, wanted_tag(session, user, tag_id))
    except tags.StillUsed:
        raise HTTPException(409, "Notes still use this tag") from None


def _saved(session: Database, tag: Tag) -> TagRead:
    try:
        return TagRead.model_validate(tags.save(session, tag))
    except tags.NameTaken:
        raise HTTPException(409, "There is a tag of that name") from None
