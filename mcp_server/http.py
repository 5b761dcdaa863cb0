"""The MCP server as an ASGI application for streamable HTTP, for hosts on this machine, or with a key from others."""

import secrets

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
MAX_BODY_BYTES = 1 << 20
MAX_SESSIONS = 100
NAMES = ("127.0.0.1", "localhost", "[::1]")
BEARER = "bearer "


def make_application(server: MCPServer, *, key: str | None, only_loopback: bool) -> ASGIApp:
    """Serves `server` at PATH. `key`: who asks must send it, as `Authorization: Bearer` or as `X-API-Key`.

    `only_loopback`: it listens for this machine alone. Then requests must name it as this machine, so that no page of
    another site reaches it under a name of its own.
    """
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=only_loopback,
        allowed_hosts=[f"{name}{port}" for name in NAMES for port in ("", ":*")],
        allowed_origins=[f"http://{name}{port}" for name in NAMES for port in ("", ":*")],
    )
    application = server.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=security,
        max_request_body_size=MAX_BODY_BYTES,
        max_sessions=MAX_SESSIONS,
    )
    return application if key is None else KeyGuard(application, key)


class KeyGuard:
    """ASGI middleware: refuses every request without the key."""

    def __init__(self, application: ASGIApp, key: str) -> None:
        self._application = application
        self._key = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._knows_key(Headers(scope=scope)):
            sentence = "the key is missing or wrong: send Authorization: Bearer, or X-API-Key"
            answer = JSONResponse({"error": sentence}, 401, {"WWW-Authenticate": "Bearer"})
            await answer(scope, receive, send)
            return
        await self._application(scope, receive, send)

    def _knows_key(self, headers: Headers) -> bool:
        bearer = headers.get("authorization", "")
        given = [headers.get("x-api-key", "")]
        if bearer.lower().startswith(BEARER):
            given.append(bearer[len(BEARER) :].strip())
        return any(secrets.compare_digest(each.encode(), self._key) for each in given)
