"""Around every request: an id, a bound on the body, headers that browsers heed."""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import respond
from core.log_context import REQUEST_ID

MAX_BODY_BYTES = 1 << 20
ARCHIVES = ("POST", "/import")
"""The one route with a body that is larger; it bounds that itself, after it has looked who sends it."""
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
FOREIGN = "without a key this service answers only to localhost, 127.0.0.1 and [::1]; set API_KEY to use another name"
SEND_BODY = "autonomy.send_body"
"""In the scope: sends pieces of a body past what wraps `send`, all of which heeds the start of an answer only."""
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Envelope:
    """ASGI middleware. A body over the limit is refused while it is read, whatever its Content-Length says.

    With `local_only` a request must name this machine as its host while no key is asked for. A page of another site
    whose name was made to point here names that site, so it cannot use a service that asks for no key.
    """

    def __init__(self, app: ASGIApp, *, local_only: bool = False) -> None:
        self._app = app
        self._local_only = local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        given = asked.get("x-request-id", "")
        scope["autonomy.request_id"] = given if _SAFE_ID.match(given) else secrets.token_hex(8)
        # Never reset: a request is an asyncio task of its own, and what the server logs after us is about it, too.
        REQUEST_ID.set(scope["autonomy.request_id"])
        scope[SEND_BODY] = send

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = scope["autonomy.request_id"]
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if (
            self._local_only
            and scope["app"].state.services.gate.open
            and _host(asked.get("host", "")) not in LOCAL_HOSTS
        ):
            problem = respond(Request(scope), 403, "Forbidden", FOREIGN)
            await problem(scope, receive, send_with_headers)
            return
        bounded = receive if (scope["method"], scope["path"]) == ARCHIVES else _bounded(receive)
        await self._app(scope, bounded, send_with_headers)


def _host(header: str) -> str:
    """The name in a Host header, without its port."""
    return re.sub(r":\d*\Z", "", header).lower()


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def read() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES:
                raise HTTPException(413, f"the body is larger than {MAX_BODY_BYTES:,} bytes")
        return message

    return read
