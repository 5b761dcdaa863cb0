"""Where the service is, who says so, and what an answer or a failure means: what both clients share."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from client.errors import ServiceError, not_autonomy, problem_of, unreachable
from client.requests import Call
from client.retrying import Retries

T = TypeVar("T")
UNIX = "unix:"
BASE_URL = "http://autonomy.invalid"
"""Requests over a socket file have to name some host."""
CALLER = re.compile(r"[A-Za-z0-9._@-]{1,64}\Z")


@dataclass(frozen=True)
class Connection:
    """`address` is `http://...`, `https://...` or `unix:/path`; `name` is what people are told about it."""

    address: str
    api_key: str | None = field(default=None, repr=False)
    caller: str | None = None
    via: str = "client"
    trust_env: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if not self.address.startswith(("http://", "https://", UNIX)):
            raise ServiceError(
                422,
                "Invalid input",
                f"the service's address must begin with http:// or https://, not be {self.address!r}",
            )
        if self.caller is not None and not CALLER.match(self.caller):
            raise ServiceError(422, "Invalid input", "caller must be 1 to 64 of A-Z a-z 0-9 . _ @ -")

    @property
    def shown(self) -> str:
        return self.name or self.address

    @property
    def socket(self) -> str | None:
        """The file of the service's socket, where it has one."""
        return self.address.removeprefix(UNIX) if self.address.startswith(UNIX) else None

    @property
    def options(self) -> dict[str, Any]:
        """For either client of httpx."""
        given = {"X-Client": self.via, "X-Caller": self.caller, "X-API-Key": self.api_key}
        return {
            "base_url": BASE_URL if self.socket else self.address,
            "headers": {name: value for name, value in given.items() if value is not None},
            "trust_env": self.trust_env and not self.socket,
        }

    def take(self, call: Call[T], response: httpx.Response) -> T:
        """What an answer says. Raises ServiceError."""
        if response.is_error and not (call.absent_is_answer and response.status_code == 404):
            raise problem_of(response)
        return self.read(call.read, response)

    def read(self, reader: Callable[[httpx.Response], T], response: httpx.Response) -> T:
        """What a successful answer has in it. Raises ServiceError."""
        try:
            return reader(response)
        except ValueError as error:
            raise not_autonomy(self.shown, "with what it never says") from error

    def explain(self, error: httpx.TransportError | ServiceError) -> ServiceError:
        return unreachable(self.shown, error) if isinstance(error, httpx.TransportError) else error


class Attempts:
    """One call's failures: says how long to wait before the next attempt, or raises what came of the last."""

    def __init__(self, connection: Connection, retries: Retries, *, repeatable: bool) -> None:
        self._connection, self._retries, self._repeatable = connection, retries, repeatable
        self._failures = 0

    def pause_s(self, error: httpx.TransportError | ServiceError) -> float:
        """Seconds until the next attempt. Raises ServiceError when there is none."""
        self._failures += 1
        problem = self._connection.explain(error)
        pause_s = self._retries.pause_s(problem, self._failures, repeatable=self._repeatable)
        if pause_s is None:
            raise problem from error
        return pause_s
