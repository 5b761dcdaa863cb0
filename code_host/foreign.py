"""Reading a host's JSON: only what is used of it, of the kind that is expected, or a refusal that says so."""

from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from code_host.rest import Rest

T = TypeVar("T")


class Answer(BaseModel):
    """What is used of an object of a host; hosts add fields as they like."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_as(rest: Rest, kind: type[T], answer: httpx.Response, doing: str) -> T:
    """Raises CodeHostRefused for an answer that is no success, or has another shape; `doing` completes "asked to ..."."""
    if not answer.is_success:
        raise rest.refusal(answer, doing)
    try:
        return TypeAdapter(kind).validate_python(rest.read(answer))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        problem = f"answered what it does not document when asked to {doing} ({where}: {first['msg']})"
        raise rest.refused(
            "unreachable", problem, "check that the address is that of its API, and its version"
        ) from error
