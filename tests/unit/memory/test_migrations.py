"""A file of an earlier release, brought up to date."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from core.access import Actor
from core.budget import Spend
from core.tasks import Action, Decision, InterruptFilter, TaskFilter
from core.types import TaskStatus
from memory.schema import MIGRATIONS
from tests.unit.memory.stores import a_question, a_task, sqlite_stores


def write_first_release(path: Path) -> None:
    """Two tasks of the first schema: one that waits with a decided and an open question, one that is queued."""
    questions = [
        a_question("i1").model_copy(
            update={"status": "decided", "decision": Decision(action=Action.CHANGES, message="ä"), "decided_at": 5.5}
        ),
        a_question("i2").model_copy(update={"payload": {"diff": "x" * 20_000, "actions": ["approve"]}}),
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version=1")
        for number, status in ((1, TaskStatus.WAITING), (2, TaskStatus.QUEUED)):
            document = json.loads(a_task(f"t{number}").model_copy(update={"status": status}).model_dump_json())
            for later in ("caller", "turn", "forked_from", "forecast", "agent_stats", "timeline"):
                del document[later]
            values = (f"t{number}", status, "build", json.dumps(document))
            connection.execute("INSERT INTO tasks(task_id, status, workflow, body) VALUES (?, ?, ?, ?)", values)
        for account, cap, spent, reserved in (("t1", 500_000, 120_000, 30_000), ("t1-replies", 50_000, 0, 0)):
            connection.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", (account, cap, spent, reserved))
        connection.execute("INSERT INTO reservations VALUES ('t1', 'r1', 120000, 120000), ('t1', 'r2', 30000, NULL)")
        for each in questions:
            values = (each.interrupt_id, each.task_id, each.status, each.model_dump_json())
            connection.execute(
                "INSERT INTO interrupts(interrupt_id, task_id, status, body) VALUES (?, ?, ?, ?)", values
            )


async def test_questions_and_tasks_of_the_first_release_are_read_and_go_on(tmp_path: Path) -> None:
    write_first_release(tmp_path / "autonomy.db")
    async with sqlite_stores(tmp_path) as stores:
        decided, pending = await stores.interrupts.list(InterruptFilter())
        assert decided.decision == Decision(action=Action.CHANGES, message="ä")
        assert (decided.status, decided.decided_at, decided.payload) == ("decided", 5.5, {"diff": "+1"})
        assert pending.payload == {"diff": "x" * 20_000, "actions": ["approve"]}
        assert (pending.kind, pending.prompt, pending.digest) == ("approval", "Shall this be published?", "d1")
        assert [task.task_id for task in await stores.tasks.list(TaskFilter(at_work=True))] == ["t2"]
        assert [task.task_id for task in await stores.tasks.list(TaskFilter(caller="local"))] == ["t2", "t1"]
        assert (await stores.tasks.create(a_task("t3"))).turn == 0
        await stores.interrupts.decide("i2", Decision(action=Action.APPROVE), Actor(via="api"))
        await stores.tasks.update("t1", status=TaskStatus.RUNNING, segment=1)
        assert (await stores.tasks.get("t1")).segment == 1
        stored = await stores.interrupts.open(a_question("i3"))
        assert stored in await stores.interrupts.list(InterruptFilter(status="pending"))


async def test_accounts_of_the_first_release_keep_what_was_spent_and_are_closed_to_nobody(tmp_path: Path) -> None:
    write_first_release(tmp_path / "autonomy.db")
    async with sqlite_stores(tmp_path) as stores:
        assert await stores.ledger.spend("t1") == Spend(cap_usd=0.5, spent_usd=0.12, reserved_usd=0.03)
        await stores.ledger.release_all()
        assert await stores.ledger.spend("t1") == Spend(cap_usd=0.5, spent_usd=0.15)
        (day,) = await stores.ledger.today()
        assert day.spent_usd == 0, "that was another day"
        await stores.ledger.reserve("t1", "r3", 0.3)
        await stores.ledger.reserve("t1-replies", "r1", 0.05)
        assert [entry.caller for entry in await stores.ledger.today()] == [None, "local"]


async def test_tasks_of_earlier_releases_are_found_by_their_words_and_have_an_end(tmp_path: Path) -> None:
    write_first_release(tmp_path / "autonomy.db")
    with closing(sqlite3.connect(tmp_path / "autonomy.db")) as connection, connection:
        connection.execute("UPDATE tasks SET status = 'failed'")
        upserts = [("running", 1_200.0), ("failed", 1_300.0), ("failed", 1_900.0)]
        for seq, (status, ts) in enumerate(upserts, 1):
            body = json.dumps({"type": "task.upsert", "status": status})
            connection.execute("INSERT INTO events VALUES (?, 't1', ?, ?, 'task.upsert', ?)", (seq, seq, ts, body))
    async with sqlite_stores(tmp_path) as stores:
        assert [task.task_id for task in await stores.tasks.list(TaskFilter(text="todo LIST"))] == ["t2", "t1"]
        ends = await stores.database.read(
            lambda connection: connection.execute("SELECT ended_at FROM tasks ORDER BY number").fetchall()
        )
        assert [row["ended_at"] for row in ends] == [1_300.0, 1_000.0], "without events: when it was last changed"
