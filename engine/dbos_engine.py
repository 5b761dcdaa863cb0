"""Engine on DBOS Transact 3.4: SQLite in the API's own process and loop; Postgres by another address, nothing else.

DBOS is one per process, so at most one engine runs at a time. Calls into it go through a thread of the engine's own:
its async functions would replace the loop's default executor, and its context would make a submit a child workflow.
"""

import asyncio
import contextvars
import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from core.errors import Refused
from core.ports import RunSegment
from engine import rows
from engine.log import quiet_dbos_logger

logger = logging.getLogger(__name__)
T = TypeVar("T")

SETTLE_S = 10.0
"""How long a cancelled segment may take to end, and an ended one to be recorded."""


@dataclass(frozen=True)
class RetryPolicy:
    """Tries of one segment within one life of the process; the delay doubles from `first_delay_s` to `max_delay_s`."""

    attempts: int = 5
    first_delay_s: float = 1.0
    max_delay_s: float = 30.0

    def delay_s(self, attempt: int) -> float:
        return min(self.max_delay_s, self.first_delay_s * 2.0 ** (attempt - 1))


class SegmentFailed(RuntimeError):
    """A segment raised in every try; recorded as the run's error."""


class DbosEngine:
    """Runs at most `max_concurrent` segments at once, in the order of submission.

    `database` is a SQLite file or the URL of a database. `application_version` is the number of the state's schema:
    runs of another version are left alone. `executor_id` must be stable: a process recovers only its own runs.

    A segment that raises is tried again by `retry`, then recorded as failed and logged; nobody else hears of it, so
    what can be explained to people is for the segment to catch. A segment that `stop` or the death of the process
    cuts off runs again at the next start.
    """

    _active: ClassVar["DbosEngine | None"] = None

    def __init__(
        self,
        database: Path | str,
        *,
        max_concurrent: int = 5,
        poll_interval_s: float = 0.2,
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
        self._stopping = False
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._workflows: dict[str, asyncio.Task[None]] = {}

    async def start(self, run_segment: RunSegment) -> None:
        """Launch in the running loop. Raises RuntimeError when an engine runs in this process already."""
        if DbosEngine._active is not None:
            raise RuntimeError("an engine is running in this process already; DBOS is one per process")
        DbosEngine._active = self
        quiet_dbos_logger()
        self._run_segment = run_segment
        self._stopping = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        try:
            await self._in_thread(
                functools.partial(
                    rows.prepare,
                    self._database,
                    max_concurrent=self._max_concurrent,
                    poll_interval_s=self._poll_interval_s,
                )
            )
            self._launch()
            await self._in_thread(functools.partial(rows.prune, self._keep_finished))
        except BaseException:
            await self._shut_down()
            raise

    async def submit(self, task_id: str, segment: int) -> None:
        """Enqueue once under the id `{task_id}:{segment}`; the same again does nothing, whatever became of the first.

        Raises Refused when the engine is not running.
        """
        if self._workflow is None:
            raise Refused("The engine is not running; try again when the service has started.")
        await self._in_thread(functools.partial(rows.enqueue, self._workflow, task_id, segment))

    async def cancel(self, task_id: str) -> None:
        """Cancel every unfinished segment of the task; returns when they have ended (or after ten seconds)."""
        ids = await self._in_thread(functools.partial(rows.cancel, task_id))
        for id_ in ids:
            if id_ in self._jobs:
                self._jobs[id_].cancel()
        under_way = [self._workflows[id_] for id_ in ids if id_ in self._workflows]
        if under_way and asyncio.current_task() not in self._jobs.values():
            await asyncio.wait(under_way, timeout=SETTLE_S)

    async def load(self) -> tuple[int, int]:
        """(running, queued); a claimed run that has not begun yet is still queued, one of another version is neither."""
        of_this_version = functools.partial(rows.unfinished, application_version=self._application_version)
        unfinished = await self._in_thread(of_this_version)
        return len(self._jobs), sum(id_ not in self._jobs for id_ in unfinished)

    async def stop(self, grace_s: float) -> None:
        """Claim nothing more, give segments `grace_s` to end, cut off the rest; does nothing when not running.

        A segment that raises in this time has not finished: it runs again at the next start.
        """
        if self._dbos is None:
            return
        self._stopping = True
        for event in self._dbos.background_thread_stop_events:
            event.set()
        if self._jobs:
            await asyncio.wait(list(self._jobs.values()), timeout=grace_s)
        for job in self._jobs.values():
            job.cancel()
        if self._workflows:
            _, late = await asyncio.wait(list(self._workflows.values()), timeout=SETTLE_S)
            if late:
                logger.error("%d segments did not end within %.0f s of being cut off", len(late), SETTLE_S)
        await self._shut_down()

    def _launch(self) -> None:
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
        DBOS.launch()  # on the loop's own thread: DBOS runs async workflows on the loop that it finds here

    async def _run(self, task_id: str, segment: int) -> None:
        """The body of one workflow. CancelledError leaves its row as it is: cancelled, or pending and so recovered."""
        id_ = rows.workflow_id(task_id, segment)
        workflow = asyncio.current_task()
        assert workflow is not None
        self._workflows[id_] = workflow
        workflow.add_done_callback(lambda _: self._workflows.pop(id_, None))
        if self._stopping or await self._in_thread(functools.partial(rows.is_cancelled, id_)):
            raise asyncio.CancelledError
        # A context of its own: inside DBOS's, whatever the segment submits would be a child of this workflow.
        job = asyncio.create_task(self._attempt(task_id, segment), name=id_, context=contextvars.Context())
        self._jobs[id_] = job
        try:
            await asyncio.wait({job})
        finally:
            job.cancel()
            del self._jobs[id_]
        interrupted = job.cancelled() or job.cancelling() > 0
        if interrupted or (self._stopping and job.exception() is not None):
            raise asyncio.CancelledError
        job.result()

    async def _attempt(self, task_id: str, segment: int) -> None:
        assert self._run_segment is not None
        for attempt in range(1, self._retry.attempts + 1):
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
            if self._stopping or attempt == self._retry.attempts:
                break
            delay_s = self._retry.delay_s(attempt)
            logger.warning("segment %s:%d failed, next try in %.1f s: %r", task_id, segment, delay_s, failure)
            await asyncio.sleep(delay_s)
        if not self._stopping:
            logger.error("segment %s:%d failed in each of %d tries", task_id, segment, attempt, exc_info=failure)
        raise SegmentFailed(f"segment {task_id}:{segment} failed in each of {attempt} tries: {failure!r}") from failure

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
        DbosEngine._active = None


def _destroy() -> None:
    """Take DBOS down with everything it has registered, and wait for its threads."""
    DBOS.destroy(destroy_registry=True)
    for thread in threading.enumerate():
        if thread.name.startswith("dbos-executor-"):
            thread.join(timeout=SETTLE_S)
