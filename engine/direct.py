"""Engine without a queue of its own on disk: for applications that are thrown away, of which a process may hold several."""

import asyncio
import itertools
import logging

from core.errors import Refused
from core.ports import RunSegment
from engine.dbos_engine import RetryPolicy
from engine.log import OnceAMinute

log = logging.getLogger(__name__)
CUT_OFF_S = 10.0
"""How long a segment that was cut off may take to end."""


class DirectEngine:
    """Runs at most `max_concurrent` segments at once, as tasks of the running loop; what had not ended with the process is lost.

    A segment that raises keeps its place and is tried again by `retry`, as with every engine.
    """

    def __init__(self, *, max_concurrent: int = 5, retry: RetryPolicy | None = None) -> None:
        self._max_concurrent = max_concurrent
        self._retry = retry or RetryPolicy()
        self._run_segment: RunSegment | None = None
        self._order = itertools.count()
        self._waiting: dict[str, tuple[int, int, str, int]] = {}
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._ended: set[str] = set()
        self._complaints = OnceAMinute()

    async def start(self, run_segment: RunSegment) -> None:
        self._run_segment = run_segment

    async def submit(self, task_id: str, segment: int, *, priority: int = 0, again: bool = False) -> None:
        """Raises Refused when the engine is not running."""
        if self._run_segment is None:
            raise Refused("The engine is not running; try again when the service has started.")
        id_ = f"{task_id}:{segment}"
        if id_ in self._waiting or id_ in self._running or (id_ in self._ended and not again):
            return
        self._waiting[id_] = (priority, next(self._order), task_id, segment)
        self._fill()

    async def cancel(self, task_id: str) -> None:
        """Returns when what ran of the task has ended (or after ten seconds)."""
        for id_ in [id_ for id_, entry in self._waiting.items() if entry[2] == task_id]:
            del self._waiting[id_]
            self._ended.add(id_)
        await _cut_off([job for owner, job in self._running.values() if owner == task_id])

    async def load(self) -> tuple[int, int]:
        return len(self._running), len(self._waiting)

    async def stop(self, grace_s: float) -> None:
        """Begin nothing more, let segments end for at most `grace_s`, cut off the rest."""
        self._run_segment = None
        self._waiting.clear()
        if jobs := [job for _, job in self._running.values()]:
            if grace_s:
                await asyncio.wait(jobs, timeout=grace_s)
            await _cut_off([job for job in jobs if not job.done()])

    def _fill(self) -> None:
        while self._run_segment is not None and self._waiting and len(self._running) < self._max_concurrent:
            id_ = min(self._waiting, key=lambda each: self._waiting[each][:2])
            _, _, task_id, segment = self._waiting.pop(id_)
            job = asyncio.create_task(self._attempt(self._run_segment, task_id, segment), name=id_)
            self._running[id_] = (task_id, job)
            job.add_done_callback(lambda _, id_=id_: self._release(id_))  # type: ignore[misc]  # mypy does not infer a lambda with a default

    def _release(self, id_: str) -> None:
        del self._running[id_]
        self._ended.add(id_)
        self._fill()

    async def _attempt(self, run: RunSegment, task_id: str, segment: int) -> None:
        """Run the segment until it does not raise, or the engine stops."""
        this = asyncio.current_task()
        for attempt in itertools.count(1):
            try:
                return await run(task_id, segment)
            except asyncio.CancelledError as error:
                if this is not None and this.cancelling():
                    raise
                failure: BaseException = error  # the segment's own doing: nobody asked it to end
            except Exception as error:
                failure = error
            if self._run_segment is None:
                return None
            delay_s = self._retry.delay_s(attempt)
            if self._complaints.due():
                said = "%s:%d failed %d times, next try in %.1f s"
                log.warning(said, task_id, segment, attempt, delay_s, exc_info=failure)
            await asyncio.sleep(delay_s)
        return None


async def _cut_off(jobs: list[asyncio.Task[None]]) -> None:
    """Who cuts itself off does not wait for itself."""
    for job in jobs:
        job.cancel()
    if others := [job for job in jobs if job is not asyncio.current_task()]:
        await asyncio.wait(others, timeout=CUT_OFF_S)
