"""What becomes of the checkpoints of tasks that ended."""

from pathlib import Path
from typing import TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from core.types import TaskStatus
from graph.checkpoints import Checkpoints, open_checkpoints
from graph.retention import DAY_S, Retention
from tests.unit.memory.stores import Stores, a_task, sqlite_stores


class Told(TypedDict, total=False):
    text: str


async def speak(state: Told) -> Told:
    return {"text": state.get("text", "") + "x" * 50_000}


async def run(checkpoints: Checkpoints, stores: Stores, task_id: str, status: TaskStatus) -> None:
    """A task with five checkpoints."""
    graph = StateGraph(Told)
    for node, before in (("a", START), ("b", "a"), ("c", "b")):
        graph.add_node(node, speak)
        graph.add_edge(before, node)
    graph.add_edge("c", END)
    compiled = graph.compile(checkpointer=checkpoints.saver)
    await compiled.ainvoke({}, {"configurable": {"thread_id": task_id}}, durability="sync")
    await stores.tasks.create(a_task(task_id))
    await stores.tasks.update(task_id, status=status)


@pytest.mark.parametrize(("keep_days", "after_days", "pruned"), [(30, 31, 2), (30, 29, 0), (0, 0, 2)])
async def test_only_ended_tasks_are_pruned_and_only_after_their_time(
    tmp_path: Path, keep_days: float, after_days: float, pruned: int
) -> None:
    async with sqlite_stores(tmp_path) as stores, open_checkpoints(tmp_path / "c.db") as checkpoints:
        for task_id, status in (
            ("done", TaskStatus.COMPLETED),
            ("failed", TaskStatus.FAILED),
            ("asks", TaskStatus.WAITING),
            ("runs", TaskStatus.RUNNING),
        ):
            await run(checkpoints, stores, task_id, status)
        stores.clock.time += after_days * DAY_S
        retention = Retention(checkpoints, stores.tasks, stores.clock, keep_days=keep_days)
        assert await retention.prune() == pruned
        assert await retention.prune() == 0
        left = set(await checkpoints.saver.aunpruned_threads())
        assert left == ({"asks", "runs"} if pruned else {"done", "failed", "asks", "runs"})
        for task_id in ("done", "asks"):
            kept = await checkpoints.saver.aget_tuple({"configurable": {"thread_id": task_id}})
            assert kept is not None
            assert len(kept.checkpoint["channel_values"]["text"]) == 150_000


async def test_the_file_gives_the_room_back(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with sqlite_stores(tmp_path) as stores, open_checkpoints(path) as checkpoints:
        for number in range(20):
            await run(checkpoints, stores, f"t{number}", TaskStatus.COMPLETED)
        retention = Retention(checkpoints, stores.tasks, stores.clock, keep_days=0)
        assert await retention.prune() == 20
    content = 20 * 150_000
    assert content < path.stat().st_size < 1.3 * content
