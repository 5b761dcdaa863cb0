"""A typed client of the HTTP API. The one way in which commands reach the service, wherever it runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from pydantic import ValidationError

from cli.errors import ServiceProblem
from cli.views import HealthState, Published, TaskList, TaskState
from core.events import StoredEvent
from core.history import CheckpointView, ForkRequest
from core.model_setup import ModelChecks, ModelSetup
from core.tasks import Decision, Interrupt
from core.types import Json

PARTS = "agent_stats,timeline,summary"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
REPLY_TIMEOUT = httpx.Timeout(600.0, connect=5.0)
"""Reading a reply is a call of a model, with its retries."""
CHECK_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
"""The service gives each model a minute, all at once."""
STREAM_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
"""The service says something every 15 s, if only that it is there."""
RECONNECTS = 8


class Client:
    """`http` has the service's address; `address` is what people are told about it.

    `inside` says that the service lives in this process, and ends with it.
    """

    def __init__(self, http: httpx.AsyncClient, address: str, *, inside: bool = False) -> None:
        self._http = http
        self.address = address
        self.inside = inside

    async def submit(self, submission: Mapping[str, Json], idempotency_key: str | None = None) -> TaskState:
        """Raises ServiceProblem, like every call here."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return TaskState.model_validate(await self._json("POST", "/tasks", json=submission, headers=headers))

    async def task_document(self, task_id: str) -> dict[str, Json]:
        """The task as the API gives it, without the bodies of its files."""
        document: dict[str, Json] = await self._json("GET", f"/tasks/{task_id}", params={"include": PARTS})
        return document

    async def task(self, task_id: str) -> TaskState:
        return TaskState.model_validate(await self.task_document(task_id))

    async def tasks(self, limit: int, status: str | None = None) -> TaskList:
        """The newest `limit` tasks."""
        params = {"limit": limit} | ({"status": status} if status else {})
        return TaskList.model_validate(await self._json("GET", "/tasks", params=params))

    async def pull_request(self, task_id: str) -> Published | None:
        """What was published for the task; None before that."""
        try:
            return Published.model_validate(await self._json("GET", f"/tasks/{task_id}/pull_request"))
        except ServiceProblem as problem:
            if problem.status == 404:
                return None
            raise

    async def reply(self, task_id: str, message: str, interrupt_id: str | None = None) -> Interrupt:
        """Answer in free text; 422 with a question when the text is unclear."""
        body = {"message": message, "interrupt_id": interrupt_id}
        answer = await self._json("POST", f"/tasks/{task_id}/reply", json=body, timeout=REPLY_TIMEOUT)
        return Interrupt.model_validate(answer)

    async def decide(self, task_id: str, interrupt_id: str, decision: Decision) -> Interrupt:
        path = f"/tasks/{task_id}/interrupts/{interrupt_id}/decision"
        return Interrupt.model_validate(await self._json("POST", path, json=decision.model_dump(mode="json")))

    async def checkpoints(self, task_id: str) -> list[CheckpointView]:
        """Oldest first."""
        return [CheckpointView.model_validate(one) for one in await self._json("GET", f"/tasks/{task_id}/checkpoints")]

    async def fork(self, task_id: str, fork: ForkRequest) -> tuple[TaskState, str]:
        """The new task, and what to know before it goes on."""
        answer = await self._json("POST", f"/tasks/{task_id}/fork", json=fork.model_dump(mode="json"))
        return TaskState.model_validate(answer["task"]), str(answer["warning"])

    async def cancel(self, task_id: str) -> TaskState:
        return TaskState.model_validate(await self._json("DELETE", f"/tasks/{task_id}"))

    async def models(self) -> ModelSetup:
        return ModelSetup.model_validate(await self._json("GET", "/models"))

    async def check_models(self) -> ModelChecks:
        """Asks every model; what came of it."""
        return ModelChecks.model_validate(await self._json("POST", "/models/check", timeout=CHECK_TIMEOUT))

    async def health(self) -> HealthState:
        return HealthState.model_validate(await self._json("GET", "/health"))

    async def stored_events(self, task_id: str) -> AsyncIterator[StoredEvent]:
        """What has happened so far, oldest first."""
        after: int | None = 0
        while after is not None:
            params = {"after": after, "limit": 500}
            page = await self._json("GET", f"/tasks/{task_id}/events/page", params=params)
            for entry in page["items"]:
                if (event := _event(entry)) is not None:
                    yield event
            after = page["next"]

    async def events(self, task_id: str, after: int = 0) -> AsyncIterator[StoredEvent]:
        """Stored events above `after` and what follows, without gap or repetition over broken connections."""
        position, failures = after, 0
        while True:
            try:
                async for event in self._stream(task_id, position):
                    position, failures = event.position, 0
                    yield event
            except httpx.TransportError as error:
                failures += 1
                if failures > RECONNECTS:
                    raise self._unreachable(error) from error
            await asyncio.sleep(min(5.0, 0.2 * 2**failures))

    async def _stream(self, task_id: str, after: int) -> AsyncIterator[StoredEvent]:
        url, headers = f"/tasks/{task_id}/events", {"Last-Event-ID": str(after)}
        async with self._http.stream("GET", url, headers=headers, timeout=STREAM_TIMEOUT) as response:
            if response.is_error:
                await response.aread()
                raise _problem(response)
            async for line in response.aiter_lines():
                if line == "event: reset":
                    raise ServiceProblem(0, "Log replaced", "the service's event log is not the one of before", {})
                if line.startswith("data: "):
                    event = _event(json.loads(line.removeprefix("data: ")))
                    if event is not None and event.position:
                        yield event

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise _problem(response)
        try:
            return response.json()
        except ValueError as error:
            raise ServiceProblem(
                0, "No JSON", f"{self.address} is not Autonomy: it answered without JSON", {}
            ) from error

    def _unreachable(self, error: httpx.TransportError) -> ServiceProblem:
        reason = str(error) or type(error).__name__
        return ServiceProblem(0, "Unreachable", f"the service at {self.address} does not answer: {reason}", {})


def _problem(response: httpx.Response) -> ServiceProblem:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return ServiceProblem(
            response.status_code, "Error", f"the service answered with status {response.status_code}", {}
        )
    known = ("title", "status", "detail", "request_id", "errors")
    fields = {name: value for name, value in document.items() if name not in known}
    return ServiceProblem(response.status_code, str(document.get("title", "")), str(document.get("detail", "")), fields)


def _event(document: object) -> StoredEvent | None:
    """None for an event that this version does not know."""
    try:
        return StoredEvent.model_validate(document)
    except ValidationError:
        return None
