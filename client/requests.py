"""Every request that the API takes, described once: what is sent, how the answer is read, whether it may be repeated."""

import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

from client.base import Json, JsonObject
from client.errors import ServiceError

T = TypeVar("T")

CONNECT_S, ANSWER_S = 5.0, 30.0
REPLY_S = 600.0
"""Reading a reply is a call of a model, with its retries."""
CHECK_S = 120.0
"""The service gives each model a minute, all at once."""
STREAM_S = 60.0
"""The service says something every 15 s, if only that it is there."""

Reader: TypeAlias = Callable[[httpx.Response], T]


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request. `read` raises ValueError when the answer is not of this service.

    answer_s: how long the service may be silent. repeatable: sending it twice does what sending it once does.
    absent_is_answer: `read` is given a 404, too. sent: a file that is the body. into: a file that takes the answer's body,
    which `read` is not given then.
    """

    method: str
    path: str
    read: Reader[T]
    params: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    answer_s: float = ANSWER_S
    repeatable: bool = True
    absent_is_answer: bool = False
    sent: Path | None = None
    into: Path | None = None

    @property
    def options(self) -> dict[str, Any]:
        """For httpx, beside method and path."""
        body = {} if self.body is None else {"json": self.body}
        timeout = httpx.Timeout(self.answer_s, connect=CONNECT_S)
        return {"params": self.params, "headers": self.headers, "timeout": timeout, **body}


@dataclass(frozen=True)
class Pages(Generic[T]):
    """A list that comes in pages: `read` gives the items of one and the call for the next, None at the end."""

    first: Call[httpx.Response]
    read: Callable[[httpx.Response], tuple[tuple[T, ...], Call[httpx.Response] | None]]


Steps: TypeAlias = Generator[Call[Any] | float, Any, T]
"""Calls that depend on each other, and pauses in seconds between them."""


def one(model: type[T]) -> Reader[T]:
    """The answer is one of these, in JSON."""

    def read(response: httpx.Response) -> T:
        if issubclass(model, BaseModel):
            return model.model_validate_json(response.content)
        return TypeAdapter(model).validate_json(response.content)

    return read


def whole(response: httpx.Response) -> httpx.Response:
    return response


def query(**given: str | float | bool | None) -> dict[str, str]:
    """Parameters as the service reads them; those that are None or empty are left out."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
    return {name: text for name, text in texts.items() if given[name] is not None and text}


def stated(**given: Json) -> JsonObject:
    """A body without the fields that are None: the service's defaults count for those."""
    return {name: value for name, value in given.items() if value is not None}


def keyed(key: str | None) -> dict[str, str]:
    """An Idempotency-Key, made up where none is given: however often the call is sent, it is done once."""
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def path_of(template: str, **parts: str | int) -> str:
    """The template's path with its parts quoted, so that none of them leads elsewhere. Raises ServiceError for an empty one."""
    for name, part in parts.items():
        if not str(part):
            raise ServiceError(404, "Not found", f"{name} must not be empty")
    quoted = {name: quote(str(part), safe="/" if name == "path" else "") for name, part in parts.items()}
    return template.format(**{name: _no_dots(text) for name, text in quoted.items()})


def _no_dots(text: str) -> str:
    """Segments of dots would be taken for steps up the path."""
    return "/".join(segment.replace(".", "%2E") if set(segment) == {"."} else segment for segment in text.split("/"))
