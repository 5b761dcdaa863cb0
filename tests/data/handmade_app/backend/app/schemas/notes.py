from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from app.schemas.common import CleanStr, In, Out

TagId = Annotated[int, Field(ge=1, le=2147483647)]


class NoteCreate(In):
    title: CleanStr = Field(min_length=1, max_length=120)
    body: CleanStr | None = Field(default=None, max_length=10_000)
    pinned: bool = False
    tag_ids: list[TagId] = Field(default_factory=list, max_length=100)


class NoteUpdate(In):
    title: CleanStr | None = Field(default=None, min_length=1, max_length=120)
    body: CleanStr | None = Field(default=None, max_length=10_000)
    pinned: bool | None = None
    tag_ids: list[TagId] | None = Field(default=None, max_length=100)

    @field_validator("title", "pinned", "tag_ids")
    @classmethod
    def _not_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("must not be null")
        return value


class NoteRead(Out):
    owner_id: int
    title: str
    body: str | None
    pinned: bool
    tag_ids: list[int]


class NotePage(BaseModel):
    items: list[NoteRead]
    total: int
    limit: int
    offset: int
