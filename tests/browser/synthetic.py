"""A service of one long task, to measure the dashboard: made-up events and texts in the shapes of the API, no engine.

`python -m tests.browser.synthetic --port 8190 --events 10000 --dist /tmp/dist` serves it.
`POST /synthetic/burst?rate=500&seconds=4` lets more happen, `/synthetic/delta?rate=50&seconds=2` lets one answer be written.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from api.schemas import TaskView
from core.events import (
    AgentFinished,
    AgentStarted,
    Artifact,
    CheckFinished,
    Event,
    EventPage,
    LlmDelta,
    LlmEnd,
    LlmStart,
    Notice,
    StoredEvent,
    TaskUpsert,
)
from core.findings import CheckResult, CheckStatus, Finding
from core.frames import frame
from core.task_views import PREVIEW_CHARS, CallPage, CallView, Span, TaskTimeline
from core.types import AgentName, TaskStatus, Usage

TASK = "5e11a5f00dfeed01"
AGENTS = tuple(AgentName)
HOSTILE = "<script>alert(1)</script> \u001b[31mred\u001b[0m \u202egnp.exe <img src=x onerror=alert(2)> "
WORDS = [
    "the",
    "list",
    "of",
    "books",
    "is",
    "read",
    "with",
    "its",
    "authors",
    "each",
    "has",
    "a",
    "name",
    "and",
    "year",
]
PLAIN: Mapping[str, object] = {
    "/health": {"status": "ok", "version": "synthetic"},
    "/whoami": {"name": "local", "roles": ["admin"]},
    "/workflows": [],
    "/interrupts": [],
    "/stats": {"budget": {"day": {"spent_usd": 0, "cap_usd": None}}},
}
"""Answers that are always the same, by path."""


def text_of(number: int, length: int) -> str:
    """Deterministic prose of about `length` characters."""
    parts: list[str] = []
    size = 0
    while size < length:
        word = WORDS[(number * 7 + len(parts) * 3) % len(WORDS)]
        parts.append(word + ("\n" if len(parts) % 14 == 13 else " "))
        size += len(parts[-1])
    return "".join(parts)[:length]


def story() -> Iterator[Event]:
    """What happens, without an end: turns of agents with calls, checks, commits and now and then a failure."""
    yield TaskUpsert(status=TaskStatus.RUNNING)
    number = 0
    for turn in range(1_000_000):
        agent = AGENTS[turn % len(AGENTS)]
        yield AgentStarted(agent=agent, step="build", iteration=turn // 90)
        for _ in range(3):
            call, number = f"call{number:08d}", number + 1
            named = {"agent": agent, "model": "offline/scaffold", "prompt_name": f"{agent}/build", "call_id": call}
            yield LlmStart.model_validate(named)
            failed = number % 97 == 0
            usage = Usage(input_tokens=2_000 + number % 900, output_tokens=400, cache_read_tokens=1_500)
            took = {"usage": usage, "cost_usd": 0.0042, "seconds": 3.5, "success": not failed}
            yield LlmEnd.model_validate({**named, **took, "error": "the provider refused" if failed else ""})
        broken = turn % 23 == 22
        found = (Finding(check="pytest", message="expected 200, got 500", file="backend/app/main.py", line=3),)
        yield CheckFinished(
            iteration=turn // 90,
            result=CheckResult(
                name="pytest",
                status=CheckStatus.FAILED if broken else CheckStatus.PASSED,
                tests_run=40,
                tests_failed=int(broken),
                findings=found if broken else (),
            ),
        )
        yield Notice(text=f"turn {turn} {HOSTILE if turn % 50 == 7 else ''}")
        yield AgentFinished(
            agent=agent, step="build", iteration=turn // 90, summary=text_of(turn, 120), files=("a.py",)
        )
        yield Artifact(agent=agent, commit=f"{turn:040x}", paths=("backend/app/main.py",))


class Synthetic:
    """The task, its log, and those who follow it."""

    def __init__(self, events: int, *, status: TaskStatus = TaskStatus.RUNNING, step_s: float = 0.4) -> None:
        self.began = time.time() - events * step_s
        self.status = status
        self.log: list[StoredEvent] = []
        self.calls: list[LlmEnd] = []
        self.asked: list[str] = []
        self._ended: dict[str, int] = {}
        self._story = story()
        self._followers: set[asyncio.Queue[bytes]] = set()
        for number in range(events):
            self.happen(self.began + number * step_s)

    def happen(self, ts: float | None = None) -> StoredEvent:
        """The next thing of the story."""
        seq = len(self.log) + 1
        stored = StoredEvent(position=seq, seq=seq, task_id=TASK, ts=ts or time.time(), event=next(self._story))
        self.log.append(stored)
        if isinstance(stored.event, LlmEnd):
            self._ended[stored.event.call_id] = seq
            self.calls.append(stored.event)
        self._send(stored)
        return stored

    async def burst(self, rate: int, seconds: float) -> None:
        """So many events a second, in pieces of a fiftieth of a second."""
        start, made = time.monotonic(), 0
        while (passed := time.monotonic() - start) < seconds:
            while made < rate * passed:
                self.happen()
                made += 1
            await asyncio.sleep(0.02)

    async def delta(self, rate: int, seconds: float) -> None:
        """An answer is written piece by piece by the call that runs, or that is begun for it."""
        while not isinstance(self.log[-1].event, LlmStart):
            self.happen()
        call = self.log[-1].event
        assert isinstance(call, LlmStart)
        for number in range(int(rate * seconds)):
            event = LlmDelta(agent=call.agent, call_id=call.call_id, text=text_of(number, 40))
            self._send(StoredEvent(position=0, seq=0, task_id=TASK, ts=time.time(), event=event))
            await asyncio.sleep(1 / rate)
        self.happen()

    def _send(self, stored: StoredEvent) -> None:
        for queue in self._followers:
            queue.put_nowait(frame(stored).wire)

    async def follow(self, after: int | None) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._followers.add(queue)
        try:
            yield b": connected\n\n"
            if after is not None:
                yield b"".join(frame(stored).wire for stored in self.log[after:])
            while True:
                pieces = [await queue.get()]
                while not queue.empty():
                    pieces.append(queue.get_nowait())
                yield b"".join(pieces)
        finally:
            self._followers.discard(queue)

    def page(self, query: dict[str, str]) -> EventPage:
        """As `GET /tasks/{id}/events/page` answers."""
        types = {name for name in query.get("type", "").split(",") if name}
        agent, text = query.get("agent"), query.get("q", "").lower()
        after, before = int(query.get("after", 0)), int(query.get("before") or len(self.log) + 1)
        limit, newest = int(query.get("limit", 200)), query.get("order") == "newest"
        found = [
            stored
            for stored in self.log[after : before - 1]
            if (not types or stored.event.type in types)
            and (not agent or getattr(stored.event, "agent", None) == agent)
            and (not text or text in stored.event.model_dump_json().lower())
        ]
        ordered = found[::-1] if newest else found
        items = tuple(ordered[:limit])
        return EventPage(items=items, next=items[-1].position if len(ordered) > limit else None)

    def call_page(self, query: dict[str, str]) -> CallPage:
        last = int(query.get("before") or len(self.calls))
        limit = int(query.get("limit", 200))
        first = max(0, last - limit)
        items = tuple(self.call(number) for number in range(last - 1, first - 1, -1))
        return CallPage(items=items, next=str(first) if first else None)

    def call(self, number: int) -> CallView:
        end = self.calls[number]
        stored = self.log[self._ended[end.call_id] - 1]
        prompt, answer = texts_of(number)
        return CallView(
            call_id=end.call_id, ts=stored.ts, agent=end.agent, iteration=0, model=end.model, prompt_name=end.prompt_name,
            prompt=prompt[:PREVIEW_CHARS], prompt_chars=len(prompt), answer=answer[:PREVIEW_CHARS],
            answer_chars=len(answer), cut=True, usage=end.usage, cost_usd=end.cost_usd, seconds=end.seconds,
            success=end.success, error=end.error,
        )  # fmt: skip

    def whole_call(self, call_id: str) -> dict[str, Any]:
        """As `GET /logs/{call_id}` answers."""
        number = next(index for index, end in enumerate(self.calls) if end.call_id == call_id)
        view = self.call(number)
        prompt, answer = texts_of(number)
        kept = view.model_dump(mode="json", include={"ts", "agent", "iteration", "model", "prompt_name", "usage",
                                                     "cost_usd", "seconds", "success", "error"})  # fmt: skip
        messages = [{"role": "system", "content": text_of(1, 3_000)}, {"role": "user", "content": prompt}]
        return {**kept, "interaction_id": call_id, "task_id": TASK, "prompt_hash": "0" * 64, "messages": messages,
                "response": answer, "finish_reason": "stop"}  # fmt: skip

    def timeline(self) -> TaskTimeline:
        spans: list[Span] = []
        begun: StoredEvent | None = None
        for stored in self.log:
            if isinstance(stored.event, AgentStarted):
                begun = stored
            if isinstance(stored.event, AgentFinished) and begun is not None:
                agent = stored.event.agent
                spans.append(
                    Span(
                        span_id=f"{agent}-{begun.seq}",
                        lane=agent,
                        kind="agent",
                        title="build",
                        iteration=stored.event.iteration,
                        started_at=begun.ts,
                        ended_at=stored.ts,
                        status="done",
                        summary=stored.event.summary,
                        cost_usd=0.0126,
                        tokens=9_000,
                        calls=3,
                        first_seq=begun.seq,
                        last_seq=stored.seq,
                    )
                )
        return TaskTimeline(now=time.time(), spans=tuple(spans[-500:]), left_out=max(0, len(spans) - 500))

    def task(self) -> TaskView:
        return TaskView(
            task_id=TASK, task_description="A library of books with authors, search and pagination", workflow="build",
            status=self.status, caller="local", current_agent=AgentName.BACKEND, pipeline=AGENTS, iteration=0,
            max_iterations=3, use_sandbox=True, pr_url=None, demo_url=None, needs_human_input=False,
            human_input_prompt=None, interrupt_id=None, budget_usd=50.0, total_cost_usd=0.0042 * len(self.calls),
            total_tokens=2_400 * len(self.calls), output_path=None, error=None, created_at=self.began,
            updated_at=self.log[-1].ts,
        )  # fmt: skip


def texts_of(number: int) -> tuple[str, str]:
    """Prompt and answer of a call. One in forty is a single line of a million characters, one in ten is hostile."""
    prompt = text_of(number, 6_000 + number % 5_000)
    if number % 40 == 20:
        return prompt, "x" * 1_000_000
    return prompt, (HOSTILE if number % 10 == 3 else "") + text_of(number + 1, 300 + (number * 37) % 2_500)


@dataclass(frozen=True)
class Endpoints:
    """What the pages of a task ask, answered by the service; every request is noted."""

    service: Synthetic
    dist: Path | None

    async def page(self, request: Request) -> Response:
        return shaped(self.service.page(self._noted(request)))

    async def event(self, request: Request) -> Response:
        return shaped(self.service.log[int(request.path_params["seq"]) - 1])

    async def stream(self, request: Request) -> Response:
        self._noted(request)
        last = request.headers.get("last-event-id")
        head = {"Cache-Control": "no-store"}
        body = self.service.follow(None if last is None else int(last))
        return StreamingResponse(body, media_type="text/event-stream", headers=head)

    async def calls(self, request: Request) -> Response:
        return shaped(self.service.call_page(self._noted(request)))

    async def call(self, request: Request) -> Response:
        self._noted(request)
        return JSONResponse(self.service.whole_call(request.path_params["call_id"]))

    async def task(self, request: Request) -> Response:
        self._noted(request)
        return shaped(self.service.task())

    async def tasks(self, request: Request) -> Response:
        self._noted(request)
        return JSONResponse({"items": [self.service.task().model_dump(mode="json")], "next": None})

    async def timeline(self, request: Request) -> Response:
        self._noted(request)
        return shaped(self.service.timeline())

    async def plain(self, request: Request) -> Response:
        self._noted(request)
        return JSONResponse(PLAIN[request.url.path])

    async def act(self, request: Request) -> Response:
        rate, seconds = int(request.query_params["rate"]), float(request.query_params["seconds"])
        acts = {"burst": self.service.burst, "delta": self.service.delta}
        await acts[request.path_params["what"]](rate, seconds)
        return JSONResponse({"events": len(self.service.log)})

    async def file(self, request: Request) -> Response:
        assert self.dist is not None
        path = (self.dist / request.path_params["path"]).resolve()
        inside = path.is_file() and path.is_relative_to(self.dist.resolve())
        return FileResponse(path if inside else self.dist / "index.html")

    def _noted(self, request: Request) -> dict[str, str]:
        self.service.asked.append(f"{request.method} {request.url.path}")
        return dict(request.query_params)


def application(service: Synthetic, dist: Path | None = None) -> Starlette:
    """The routes that a task's page asks, and the built dashboard at `/ui/` when `dist` is given."""
    ends = Endpoints(service, dist)
    routes = [
        Route("/events", ends.stream),
        Route("/events/page", ends.page),
        Route("/tasks", ends.tasks),
        Route(f"/tasks/{TASK}", ends.task),
        Route(f"/tasks/{TASK}/events/page", ends.page),
        Route(f"/tasks/{TASK}/events/{{seq:int}}", ends.event),
        Route(f"/tasks/{TASK}/calls", ends.calls),
        Route(f"/tasks/{TASK}/timeline", ends.timeline),
        Route("/logs/{call_id}", ends.call),
        Route("/synthetic/{what}", ends.act, methods=["POST"]),
        *(Route(path, ends.plain) for path in PLAIN),
    ]
    if dist is not None:
        routes.append(Route("/ui/{path:path}", ends.file))
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)])


def shaped(value: BaseModel) -> Response:
    return Response(value.model_dump_json(), media_type="application/json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8190)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--dist", type=Path)
    parser.add_argument("--status", type=TaskStatus, default=TaskStatus.RUNNING)
    given = parser.parse_args()
    service = Synthetic(given.events, status=given.status)
    sys.stdout.write(json.dumps({"task": TASK, "events": len(service.log)}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        application(service, given.dist), port=given.port, log_level="warning", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
