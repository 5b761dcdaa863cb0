"""Engine on DBOS Transact 3.4: SQLite in the API's own process and loop; Postgres by another address, nothing else.

DBOS is one per process, so at most one engine runs at a time. Calls into it go through a thread of the engine's own:
its async functions would replace the loop's default executor, and its context would make a submit a child workflow.
"""

import asyncio
import contextvars
import functools
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from core.errors import Refused
from core.ports import RunSegment
from engine import rows
from engine.claims import Claims
from engine.log import OnceAMinute, quiet_dbos_logger

logger = logging.getLogger(__name__)
T = TypeVar("T")

SETTLE_S = 10.0
"""How long a cancelled segment may take to end, and an ended one to be recorded."""


@dataclass(frozen=True)
class RetryPolicy:
    """When a segment that raised is tried again: the delay doubles from `first_delay_s` to `max_delay_s`, without end."""

    first_delay_s: float = 1.0
    max_delay_s: float = 30.0

    def delay_s(self, attempt: int) -> float:
        return min(self.max_delay_s, self.first_delay_s * 2.0 ** min(attempt - 1, 30))


@dataclass
class Held:
    """A run that was claimed. It takes one of the places until its outcome is recorded, and `ended` is done."""

    ended: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    job: "asyncio.Task[None] | None" = None
    cancelled: bool = False


class DbosEngine:
    """Runs at most `max_concurrent` segments at once; who has the lowest priority begins first, then who came first.

    `database` is a SQLite file or the URL of a database. `application_version` is the number of the state's schema:
    runs of another version are left alone. `executor_id` must be stable: a process recovers only its own runs.

    A free place is taken at once: when something was submitted, and when a segment has ended. Every `poll_interval_s`
    the engine looks for what it was not told of.

    A segment that raises keeps its place and is tried again by `retry` until it does not raise, which is logged once a
    minute; nobody else hears of it, so what can be explained to people is for the segment to catch. A segment that
    `stop` or the death of the process cuts off runs again at the next start.
    """

    _active: ClassVar["DbosEngine | None"] = None

    def __init__(
        self,
        database: Path | str,
        *,
        max_concurrent: int = 5,
        poll_interval_s: float = 1.0,
        retry: RetryPolicy | None = None,
        keep_finished_days: int = 30,
        application_version: str = "1",
        executor_id: str = "local",
    ) -> None:
        self._database = database
        self._max_concurrent = max_concurrent
        self._poll_interval_s = poll_interval_s
        self._retry = retry or RetryPolicy()
        self._keep_finished = timedelta(days=keep_finished_days)
        self._application_version = application_version
        self._executor_id = executor_id
        self._run_segment: RunSegment | None = None
        self._workflow: rows.Workflow | None = None
        self._dbos: DBOS | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._claiming: asyncio.Task[None] | None = None
        self._stopping, self._wake = asyncio.Event(), asyncio.Event()
        self._held: dict[str, Held] = {}
        self._failing: set[str] = set()
        self._complaints = OnceAMinute()

    async def start(self, run_segment: RunSegment) -> None:
        """Launch in the running loop. Raises RuntimeError when an engine runs in this process already."""
        if DbosEngine._active is not None:
            raise RuntimeError("an engine is running in this process already; DBOS is one per process")
        DbosEngine._active = self
        quiet_dbos_logger()
        self._run_segment = run_segment
        self._stopping.clear()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        try:
            await self._in_thread(
                functools.partial(
                    rows.prepare,
                    self._database,
                    max_concurrent=self._max_concurrent,
                    executor_id=self._executor_id,
                    version=self._application_version,
                )
            )
            dbos = self._launch()
            await self._in_thread(functools.partial(rows.prune, self._keep_finished))
            claims = await self._in_thread(
                functools.partial(Claims, dbos, rows.QUEUE, self._executor_id, self._application_version)
            )
        except BaseException:
            await self._shut_down()
            raise
        self._claiming = asyncio.create_task(self._claim_until_stopped(claims))

    async def submit(self, task_id: str, segment: int, *, priority: int = 0, again: bool = False) -> None:
        """Enqueue once under the id `{task_id}:{segment}`; the same does nothing while it waits or runs.

        One that has ended, however it ended, runs again only when that is asked for. Raises Refused when the engine
        is not running.
        """
        if self._workflow is None:
            raise Refused("The engine is not running; try again when the service has started.")
        await self._in_thread(
            functools.partial(rows.enqueue, self._workflow, task_id, segment, priority=priority, again=again)
        )
        self._wake.set()

    async def cancel(self, task_id: str) -> None:
        """Cancel every unfinished segment of the task; returns when they have ended (or after ten seconds)."""
        ids = await self._in_thread(functools.partial(rows.cancel, task_id))
        under_way = [self._held[id_] for id_ in ids if id_ in self._held]
        for held in under_way:
            held.cancelled = True
            if held.job is not None:
                held.job.cancel()
        if under_way and asyncio.current_task() not in [held.job for held in under_way]:
            await asyncio.wait([held.ended for held in under_way], timeout=SETTLE_S)

    async def load(self) -> tuple[int, int]:
        """(running, queued); a claimed run that has not begun yet is still queued, one of another version is neither."""
        of_this_version = functools.partial(rows.unfinished, application_version=self._application_version)
        unfinished = await self._in_thread(of_this_version)
        running = {id_ for id_, held in self._held.items() if held.job is not None}
        return len(running), sum(id_ not in running for id_ in unfinished)

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more, give segments `grace_s` to end, cut off the rest; does nothing when not running.

        A segment that raises in this time has not finished: it runs again at the next start.
        """
        if self._dbos is None:
            return
        self._stopping.set()
        self._wake.set()
        if self._claiming is not None:
            await asyncio.wait({self._claiming}, timeout=SETTLE_S)
        if running := [held.job for held in self._held.values() if held.job is not None]:
            await asyncio.wait(running, timeout=grace_s)
        for held in self._held.values():
            if held.job is not None:
                held.job.cancel()
        if self._held:
            _, late = await asyncio.wait([held.ended for held in self._held.values()], timeout=SETTLE_S)
            if late:
                logger.error("%d segments did not end within %.0f s of being cut off", len(late), SETTLE_S)
        await self._shut_down()

    def _launch(self) -> DBOS:
        config: DBOSConfig = {
            "name": rows.APPLICATION,
            "system_database_url": rows.url_of(self._database),
            "application_version": self._application_version,
            "executor_id": self._executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "run_migrations": False,
            # Nothing here waits for notifications, but the end of DBOS waits for one round of this.
            "notification_listener_polling_interval_sec": 0.1,
        }
        self._dbos = DBOS(config=config)

        async def segment(task_id: str, number: int) -> None:
            await self._run(task_id, number)

        # Attempts are unlimited here: whether a run makes no headway is known to those who see its checkpoints.
        self._workflow = DBOS.workflow(name="segment", max_recovery_attempts=None)(segment)
        DBOS.listen_queues([])  # the engine claims by itself
        DBOS.launch()  # on the loop's own thread: DBOS runs async workflows on the loop that it finds here
        return self._dbos

    async def _claim_until_stopped(self, claims: Claims) -> None:
        """Fill the free places whenever it is told that there may be some; look for what was lost every so often."""
        looked_at = 0.0
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if time.monotonic() - looked_at >= self._poll_interval_s:
                    looked_at = time.monotonic()
                    await self._in_thread(functools.partial(claims.put_back, frozenset(self._held)))
                await self._fill(claims)
            except Exception:
                if self._complaints.due():
                    logger.exception("nothing can be claimed; tried again every %.1f s", self._poll_interval_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_interval_s):
                    await self._wake.wait()

    async def _fill(self, claims: Claims) -> None:
        held = frozenset(self._held)
        if len(held) < self._max_concurrent:
            loop = asyncio.get_running_loop()
            not_started = await self._in_thread(
                lambda: claims.take(held, lambda ids: loop.call_soon_threadsafe(self._hold, ids))
            )
            for id_ in not_started:
                self._release(id_, self._held[id_])

    def _hold(self, ids: Sequence[str]) -> None:
        self._held |= {id_: Held() for id_ in ids}

    def _release(self, id_: str, held: Held) -> None:
        if self._held.get(id_) is held:  # a run that was asked for again may have been claimed already
            del self._held[id_]
        held.ended.set_result(None)
        self._failing.discard(id_)
        self._wake.set()

    async def _run(self, task_id: str, segment: int) -> None:
        """The body of one workflow. CancelledError leaves its row as it is: cancelled, or pending and so recovered."""
        id_ = rows.workflow_id(task_id, segment)
        held, workflow = self._held[id_], asyncio.current_task()
        assert workflow is not None
        workflow.add_done_callback(lambda _: self._release(id_, held))
        if self._stopping.is_set() or held.cancelled:
            raise asyncio.CancelledError
        # A context of its own: inside DBOS's, whatever the segment submits would be a child of this workflow.
        job = asyncio.create_task(self._attempt(task_id, segment), name=id_, context=contextvars.Context())
        held.job = job
        try:
            await asyncio.wait({job})
        finally:
            job.cancel()
            held.job = None
        if job.cancelled() or job.cancelling() > 0 or job.exception() is not None:
            raise asyncio.CancelledError

    async def _attempt(self, task_id: str, segment: int) -> None:
        """Run the segment until it does not raise, or the engine stops: then its last failure is raised."""
        assert self._run_segment is not None
        for attempt in itertools.count(1):
            try:
                await self._run_segment(task_id, segment)
                return
            except asyncio.CancelledError as error:
                job = asyncio.current_task()
                if job is not None and job.cancelling():
                    raise
                failure: BaseException = error  # the segment's own doing: nobody asked it to end
            except Exception as error:
                failure = error
            if not self._stopping.is_set():
                await self._rest(rows.workflow_id(task_id, segment), attempt, failure)
            if self._stopping.is_set():
                raise failure

    async def _rest(self, id_: str, attempt: int, failure: BaseException) -> None:
        """Wait until the next try is due, or the engine stops."""
        delay_s = self._retry.delay_s(attempt)
        self._failing.add(id_)
        if self._complaints.due():
            logger.warning(
                "segments that fail and are tried again: %d; %s failed %d times, next try in %.1f s",
                *(len(self._failing), id_, attempt, delay_s),
                exc_info=failure,
            )
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        if self._thread is None:
            raise Refused("The engine is not running; try again when the service has started.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _shut_down(self) -> None:
        self._workflow = None
        if self._thread is not None:
            await self._in_thread(_destroy)
            self._thread.shutdown(wait=True)
        self._thread = None
        self._dbos = None
        self._claiming = None
        DbosEngine._active = None


def _destroy() -> None:
    """Take DBOS down with everything it has registered, and wait for its threads."""
    DBOS.destroy(destroy_registry=True)
    for thread in threading.enumerate():
        if thread.name.startswith("dbos-executor-"):
            thread.join(timeout=SETTLE_S)
