"""Takes queued runs and starts them, the way DBOS's own queue thread does. Blocking; call only from the engine's own thread.

DBOS can only be asked to look for runs every so often. The engine claims by itself instead, at once when there is something
to claim, so it uses what this release has inside for that. DBOS is pinned to 3.4, and tests/contracts/test_dbos.py says
which of its parts are used here and what they must do.
"""

import logging
from collections.abc import Callable, Collection, Sequence

from dbos import DBOS
from dbos._core import execute_dequeued_workflow
from dbos._queue import Queue
from dbos._sys_db import SystemDatabase
from dbos._utils import generate_uuid

from engine.log import OnceAMinute

logger = logging.getLogger(__name__)


def put_back(database: SystemDatabase, executor_id: str, version: str, queue: str, held: Collection[str]) -> int:
    """Queue the runs again that are marked as under way here but are none of `held`; how many.

    They were cut off by the death of a process, could not be started, or their outcome could not be recorded.
    """
    pending = database.get_pending_workflows(executor_id, version)
    lost = [run.workflow_id for run in pending if run.workflow_id not in held]
    return sum(database.reenqueue_for_recovery(id_, [executor_id], queue) for id_ in lost)


class Claims:
    """The only one that claims from the queue: two at once would both see the same free places."""

    def __init__(self, dbos: DBOS, queue: str, executor_id: str, version: str) -> None:
        self._dbos = dbos
        self._database: SystemDatabase = dbos._sys_db  # noqa: SLF001  # DBOS shows its database to nobody
        self._executor_id, self._version = executor_id, version
        found = self._database.get_queue(queue)
        assert found is not None, "the queue is set up before DBOS is started"
        self._queue: Queue = found
        self._complaints = OnceAMinute()

    def take(self, held: Collection[str], taken: Callable[[Sequence[str]], object]) -> list[str]:
        """Claim as many runs as there is room for beside `held`, and start them; the ids of those that did not start.

        `taken` hears of the claimed runs before any of them starts.
        """
        owner = generate_uuid()
        ids, _ = self._database.start_queued_workflows(
            self._queue,
            self._executor_id,
            self._version,
            queue_partition_key=None,
            local_running_count=len(held),
            owner_xid=owner,
            is_latest_version=False,  # runs that name no version would be those of the latest; here each names its own
        )
        if not ids:
            return []
        taken(ids)
        return [id_ for id_ in ids if not self._start(id_, owner)]

    def _start(self, id_: str, owner: str) -> bool:
        try:
            (status,) = self._database.get_workflow_statuses([id_])
            execute_dequeued_workflow(self._dbos, status, owner)
        except Exception:
            if self._complaints.due():
                logger.exception("run %s could not be started; it is queued again", id_)
            return False
        return True

    def put_back(self, held: Collection[str]) -> int:
        """Queue again what was lost, see above."""
        return put_back(self._database, self._executor_id, self._version, self._queue.name, held)
