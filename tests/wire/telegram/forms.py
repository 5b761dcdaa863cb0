"""Parameters of a request, however the client wrote them, and the refusals that the service has for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from tests.wire.http import Request

MAX_UPLOAD = 50_000_000


class Refused(Exception):
    """What the service answers instead: status, description, parameters."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return {**found, "parameters": self.parameters} if self.parameters else found


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


@dataclass(frozen=True)
class Form:
    """Values are texts as they came; files by the name of their parameter."""

    values: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def number(self, name: str, default: int = 0) -> int:
        given = self.values.get(name)
        try:
            return default if given is None else int(given)
        except ValueError:
            raise bad(f"parameter {name} must be an integer") from None

    def json(self, name: str) -> Any:
        given = self.values.get(name)
        try:
            return None if given is None else json.loads(given)
        except ValueError:
            raise bad(f"can't parse {name}") from None


def read_form(request: Request) -> Form:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _multipart(kind, request.body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return Form(dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)))
    if not request.body:
        return Form({})
    raise bad(f"unsupported content type {kind}")


def _multipart(kind: str, body: bytes) -> Form:
    if len(body) > MAX_UPLOAD:
        raise Refused(413, "Request Entity Too Large")
    whole = message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body, policy=HTTP)
    values: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for part in whole.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if (file_name := part.get_filename()) is None:
            values[name] = content.decode()
        else:
            files[name] = (file_name, content)
    return Form(values, files)
