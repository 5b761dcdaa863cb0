"""How much disk durability takes: the same files written over twenty steps, and the checkpoints of a real build."""

import asyncio
import base64
import hashlib
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypedDict

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph

from benchmarks.figures import Figure
from config import Settings
from core.access import Actor
from core.tasks import Action, Decision, InterruptFilter, TaskRequest
from core.workspaces import Author, Change
from graph.checkpoints import open_checkpoints
from wiring import SystemClock, open_application
from workspace.git import GitWorkspaceProvider

STEPS = 20
FILES_PER_STEP = 5
CONTENT_BYTES = 10 << 20
LIMIT_S = 120.0
SENTENCE = "Backend only: a blog with posts and comments; comments belong to a post"
AUTHOR = Author(name="bench", email="bench@autonomy.invalid")


class Made(TypedDict, total=False):
    step: int
    files: Annotated[dict[str, str], lambda old, new: {**(old or {}), **new}]


def _files(step: int) -> dict[str, str]:
    """Text that does not shrink much when it is compressed, so that compression flatters nobody."""
    size = CONTENT_BYTES // (STEPS * FILES_PER_STEP)
    found = {}
    for number in range(FILES_PER_STEP):
        random = b"".join(
            hashlib.sha512(f"{step}/{number}/{block}".encode()).digest() for block in range(size // 64 + 1)
        )
        found[f"step{step:02}/file{number}.txt"] = base64.encodebytes(random).decode()[:size]
    return found


def _counting(node: Any, saver: BaseCheckpointSaver[str]) -> Any:
    """A graph that runs `node` STEPS times."""

    async def more(state: Made) -> str:
        return "work" if state["step"] < STEPS else END

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Made)
    graph.add_node("work", node)
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", more, ["work", END])
    return graph.compile(checkpointer=saver)


async def _ours(folder: Path) -> int:
    """Files in the task's git workspace, ids in the state; bytes of both on the disk."""
    workspace = await GitWorkspaceProvider(folder / "workspaces", SystemClock()).open("t")

    async def work(state: Made) -> Made:
        step = state.get("step", 0)
        committed = await workspace.commit(Change(author=AUTHOR, message=f"step {step}", files=_files(step)))
        return {"step": step + 1, "files": {f"step{step:02}": committed.commit}}

    async with open_checkpoints(folder / "checkpoints.db") as opened:
        await _counting(work, opened.saver).ainvoke({}, {"configurable": {"thread_id": "t"}}, durability="sync")
    return _bytes(folder)


async def _stock(folder: Path) -> int:
    """Files in the state, as LangGraph's own saver keeps it."""

    async def work(state: Made) -> Made:
        step = state.get("step", 0)
        return {"step": step + 1, "files": _files(step)}

    async with aiosqlite.connect(folder / "stock.db") as connection:
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        await saver.setup()
        await _counting(work, saver).ainvoke({}, {"configurable": {"thread_id": "t"}}, durability="sync")
        await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return _bytes(folder)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


async def disk_bytes() -> Sequence[Figure]:
    """Bytes on the disk after STEPS steps with CONTENT_BYTES of new files, over the content."""
    content = sum(len(text) for step in range(STEPS) for text in _files(step).values())
    sizes = {}
    for name, run in (("ours", _ours), ("stock", _stock)):
        with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
            sizes[name] = await run(Path(folder))
    how = (
        f"{content / 1e6:.1f} MB of base64 text: workspace and checkpoints {sizes['ours'] / 1e6:.1f} MB; the stock saver "
        f"with the files in its state {sizes['stock'] / 1e6:.0f} MB, {sizes['stock'] / content:.1f} times"
    )
    return (
        Figure("bytes on disk after 20 steps over the files they made", sizes["ours"] / content, "times", 1.1, how),
    )


async def checkpoint_rows() -> Sequence[Figure]:
    """The largest checkpoint of a build whose reviewer objects once, and which a person has changed once."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        values = {
            "data_dir": Path(folder),
            "autonomy_offline": True,
            "model_backend": "offline/scaffold?fault=sql_by_string",
        }
        async with open_application(Settings.model_validate(values)) as application, asyncio.timeout(LIMIT_S):
            task = await application.commands.submit(TaskRequest(task_description=SENTENCE, use_sandbox=False))
            answers = [
                Decision(action=Action.CHANGES, message="add a field subtitle to posts"),
                Decision(action=Action.APPROVE),
            ]
            while not task.status.final:
                await asyncio.sleep(0.05)
                task = await application.commands.get(task.task_id)
                for asked in await application.commands.interrupts(
                    InterruptFilter(task_ids=(task.task_id,), status="pending")
                ):
                    await application.commands.decide(
                        task.task_id, asked.interrupt_id, answers.pop(0), Actor(via="bench")
                    )
        with closing(sqlite3.connect(Path(folder) / "checkpoints.db")) as connection:
            rows = [
                size for (size,) in connection.execute("SELECT length(checkpoint) + length(metadata) FROM checkpoints")
            ]
    how = f"{len(rows)} checkpoints of a build with a repair and a change that was asked for, {sum(rows) / 1000:.0f} kB in all"
    return (Figure("largest checkpoint row", max(rows) / 1000, "kB", 8.0, how),)
