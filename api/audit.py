"""Writes down who did what over HTTP: every request that changes something, and every one that was refused for its key."""

import logging
import sqlite3
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import CALLER
from core.access import AuditEntry, Caller
from core.errors import AutonomyError
from core.ports import AuditLog

log = logging.getLogger(__name__)
LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED = frozenset({401, 403})
REFUSALS_PER_MINUTE = 60
"""More of them in one minute are counted in the service's log, so that nobody can fill the disk from outside."""


class Audit:
    """ASGI middleware, inside of what gives a request its id. An entry is stored before the answer begins."""

    def __init__(self, app: ASGIApp, *, now: Callable[[], float] = time.time) -> None:
        self._app = app
        self._now = now
        self._minute, self._refusals = 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        callers: list[Caller] = []
        scope[CALLER] = callers

        async def send_audited(message: Message) -> None:
            if message["type"] == "http.response.start" and self._wanted(scope, message["status"]):
                await self._record(scope, callers[-1] if callers else None, message["status"])
            await send(message)

        await self._app(scope, receive, send_audited)

    def _wanted(self, scope: Scope, status: int) -> bool:
        if status not in REFUSED:
            return scope["method"] not in LOOKS
        minute = int(self._now() // 60)
        if minute != self._minute:
            if self._refusals > REFUSALS_PER_MINUTE:
                log.warning("%d requests were refused for their key in one minute", self._refusals)
            self._minute, self._refusals = minute, 0
        self._refusals += 1
        return self._refusals <= REFUSALS_PER_MINUTE

    async def _record(self, scope: Scope, caller: Caller | None, status: int) -> None:
        request = Request(scope)
        audit: AuditLog = scope["app"].state.services.audit
        route = scope.get("route")
        entry = AuditEntry(
            ts=self._now(),
            name=caller.name if caller else "",
            role=caller.role if caller else None,
            via=request.headers.get("x-client", "api")[:64],
            action=f"{scope['method']} {getattr(route, 'path', '') or scope['path'][:200]}",
            target=scope["path"][:500],
            status=status,
            request_id=str(scope.get("autonomy.request_id", "")),
            client=request.client.host if request.client else "",
        )
        try:
            await audit.record(entry)
        except (AutonomyError, OSError, sqlite3.Error) as error:  # a full disk must not hide what was really answered
            log.error(
                "not in the audit log: %s %s by %s, %d: %s", entry.via, entry.action, entry.name or "-", status, error
            )
