from pydantic import BaseModel, Field, field_validator

from app.schemas.common import CleanStr, In, Out


class TagCreate(In):
    name: CleanStr = Field(min_length=1, max_length=40)


class TagUpdate(In):
    name: CleanStr | None = Field(default=None, min_length=1, max_length=40)

    @field_validator("name")
    @classmethod
    def _not_null(cls, value: str | None) -> str:
        if value is None:
            raise ValueError("must not be null")
        return value


class TagRead(Out):
    name: str


class TagPage(BaseModel):
    items: list[TagRead]
    total: int
    limit: int
    offset: int
