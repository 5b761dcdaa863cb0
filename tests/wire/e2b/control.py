"""E2B's control plane: makes, lists, prolongs and kills machines, and refuses what the real one refuses."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from time import time
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.types import Json, JsonObject
from tests.wire.e2b.machines import Fleet, Remote

ENVD_VERSION = "0.6.7"
_CREATE = {
    "templateID", "timeout", "autoPause", "autoPauseMemory", "autoResume", "allow_internet_access", "network", "metadata",
    "envVars", "mcp", "iam", "volumeMounts",
}  # fmt: skip
_PAGE = 100


class Refusal(Exception):
    """An answer in the API's own error form."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        return JSONResponse({"code": self.status, "message": str(self)}, self.status)


class Control:
    """The routes. `made` maps idempotency keys to machines."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.made: dict[str, Remote] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/v2/sandboxes", self.create, methods=["POST"]),
            Route("/v2/sandboxes", self.list, methods=["GET"]),
            Route("/v2/sandboxes/{machine_id}/connect", self.connect, methods=["POST"]),
            Route("/sandboxes/{machine_id}/timeout", self.timeout, methods=["POST"]),
            Route("/sandboxes/{machine_id}", self.get, methods=["GET"]),
            Route("/sandboxes/{machine_id}", self.kill, methods=["DELETE"]),
        ]

    async def create(self, request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if key and key in self.made:
            return JSONResponse(_made(self.made[key]), 201)
        order = await _body(request, _CREATE)
        if order.get("templateID") not in self._fleet.templates:
            raise Refusal(404, f"template '{order.get('templateID')}' not found")
        if order.get("autoPause"):
            raise Refusal(400, "the counterpart pauses nothing")
        self._checked_timeout(order.get("timeout", 300))
        if not _texts(order.get("metadata", {})) or not _texts(order.get("envVars", {})):
            raise Refusal(400, "Error when parsing request: metadata and envVars map text to text")
        if len(self._fleet.running) >= self._fleet.most:
            message = f"you have reached the maximum number of concurrent E2B sandboxes ({self._fleet.most})"
            raise Refusal(429, message)
        remote = self._fleet.make(order)
        if key:
            self.made[key] = remote
        return JSONResponse(_made(remote), 201)

    async def list(self, request: Request) -> Response:
        wanted = [
            (unquote(key), unquote(value)) for key, value in parse_qsl(request.query_params.get("metadata", ""), True)
        ]
        if request.query_params.get("state", "running,paused") not in ("running", "running,paused"):
            raise Refusal(400, "Error when parsing request: unknown state")
        found = [
            remote
            for remote in self._fleet.running.values()
            if not self._fleet.heeds_filters or all(remote.metadata.get(key) == value for key, value in wanted)
        ]
        limit, begin = int(request.query_params.get("limit", _PAGE)), int(request.query_params.get("nextToken", "0"))
        more = {"x-next-token": str(begin + limit)} if len(found) > begin + limit else {}
        return JSONResponse([_listed(remote) for remote in found[begin : begin + limit]], headers=more)

    async def connect(self, request: Request) -> Response:
        remote = self._one(request)
        body = await _body(request, {"timeout", "memory"})
        remote.ends_at = max(remote.ends_at, time() + self._checked_timeout(body.get("timeout", 300)))
        return JSONResponse(_made(remote), 200)

    async def timeout(self, request: Request) -> Response:
        remote = self._one(request)
        seconds = self._checked_timeout((await _body(request, {"timeout"})).get("timeout"))
        remote.ends_at = time() + seconds
        remote.renewals.append(seconds)
        return Response(status_code=204)

    async def get(self, request: Request) -> Response:
        remote = self._one(request)
        return JSONResponse(
            {**_listed(remote), "envdAccessToken": remote.token, "allowInternetAccess": remote.internet}
        )

    async def kill(self, request: Request) -> Response:
        await self._fleet.end(self._one(request))
        return Response(status_code=204)

    def _one(self, request: Request) -> Remote:
        machine_id = request.path_params["machine_id"]
        if remote := self._fleet.running.get(machine_id):
            return remote
        raise Refusal(404, f"Sandbox {machine_id} not found")

    def _checked_timeout(self, value: Json) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Refusal(400, "Error when parsing request: timeout must be a whole number of seconds")
        if value > self._fleet.longest_s:
            raise Refusal(400, f"Timeout cannot be greater than {self._fleet.longest_s // 3600} hours")
        return value


async def _body(request: Request, known: set[str]) -> JsonObject:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refusal(400, "Error when parsing request: not JSON") from error
    if not isinstance(body, dict) or not set(body) <= known:
        raise Refusal(400, "Error when parsing request: unknown fields")
    return body


def _texts(value: Json) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())


def _made(remote: Remote) -> JsonObject:
    return {
        "templateID": remote.template,
        "sandboxID": remote.machine_id,
        "clientID": "local",
        "envdVersion": ENVD_VERSION,
        "envdAccessToken": remote.token,
        "domain": None,
    }


def _listed(remote: Remote) -> JsonObject:
    return {
        "templateID": remote.template,
        "sandboxID": remote.machine_id,
        "clientID": "local",
        "startedAt": _moment(remote.started_at),
        "endAt": _moment(remote.ends_at),
        "cpuCount": 2,
        "memoryMB": 4096,
        "diskSizeMB": 10_240,
        "state": "running",
        "envdVersion": ENVD_VERSION,
        "metadata": dict(remote.metadata),
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
