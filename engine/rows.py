"""The blocking half of the engine: its rows in DBOS's database. Call only from the engine's own thread."""

import sqlite3
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOS, DBOSClient, SetEnqueueOptions, SetWorkflowID
from sqlalchemy import URL

from engine.claims import put_back

APPLICATION = "autonomy"
QUEUE = "runs"
UNFINISHED = ["ENQUEUED", "PENDING", "DELAYED"]
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
PRUNE_BATCH = 500

Workflow = Callable[[str, int], Coroutine[None, None, None]]


def workflow_id(task_id: str, segment: int) -> str:
    return f"{task_id}:{segment}"


def url_of(database: Path | str) -> str:
    if isinstance(database, Path):
        return URL.create("sqlite", database=str(database.absolute())).render_as_string(hide_password=False)
    return database


def prepare(database: Path | str, *, max_concurrent: int, executor_id: str, version: str) -> None:
    """Create or migrate the database, set up the queue, and queue again what the end of the last process cut off.

    Before DBOS starts, which would do the latter at a moment of its own choosing.
    """
    if isinstance(database, Path):
        database.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(database, timeout=30.0)
        try:
            connection.execute("PRAGMA journal_mode=WAL")  # DBOS sets none; it is kept in the file
        finally:
            connection.close()
    DBOS.migrate(url_of(database))
    client = DBOSClient(system_database_url=url_of(database), application_name=APPLICATION)
    try:
        client.register_queue(QUEUE, worker_concurrency=max_concurrent, on_conflict="always_update")
        put_back(client._sys_db, executor_id, version, QUEUE, held=())  # noqa: SLF001  # DBOS shows it to nobody
    finally:
        client.destroy()


def enqueue(workflow: Workflow, task_id: str, segment: int, *, priority: int, again: bool) -> None:
    """Queue a run unless its id is known; with `again` also one that has ended. DBOS knows the priority 0 as none."""
    id_ = workflow_id(task_id, segment)
    if again and (known := DBOS.get_workflow_status(id_)) is not None and known.status in FINISHED:
        DBOS.delete_workflows([id_])
    with SetWorkflowID(id_), SetEnqueueOptions(priority=priority or None):
        DBOS.enqueue_workflow(QUEUE, workflow, task_id, segment)


def unfinished(*, task_id: str | None = None, application_version: str | None = None) -> list[str]:
    """Ids of the runs that are queued, claimed or waiting for recovery; of one task or of all, of one version or of all."""
    rows = DBOS.list_workflows(
        status=UNFINISHED,
        queue_name=QUEUE,
        workflow_id_prefix=None if task_id is None else f"{task_id}:",
        app_version=application_version,
        load_input=False,
        load_output=False,
    )
    return [row.workflow_id for row in rows]


def cancel(task_id: str) -> list[str]:
    """Mark the task's unfinished runs as cancelled; their ids."""
    ids = unfinished(task_id=task_id)
    if ids:
        DBOS.cancel_workflows(ids)
    return ids


def prune(older_than: timedelta) -> int:
    """Delete finished runs that ended longer ago than that (DBOS itself keeps them for ever); how many."""
    before = (datetime.now(UTC) - older_than).isoformat()
    deleted = 0
    while True:
        rows = DBOS.list_workflows(
            status=FINISHED, completed_before=before, limit=PRUNE_BATCH, load_input=False, load_output=False
        )
        if not rows:
            return deleted
        DBOS.delete_workflows([row.workflow_id for row in rows])
        deleted += len(rows)
