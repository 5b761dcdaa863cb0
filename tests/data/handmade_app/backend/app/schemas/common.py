from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer


def _clean(text: str) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not hold NUL or lone surrogates")
    return text


def _as_utc(moment: datetime) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")


CleanStr = Annotated[str, AfterValidator(_clean)]
UtcTime = Annotated[datetime, PlainSerializer(_as_utc)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: UtcTime
    updated_at: UtcTime


class Problem(BaseModel):
    detail: str
