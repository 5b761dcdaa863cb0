"""What durability costs: the same workflow, its nodes doing nothing, over three ways to keep it.

Stock: LangGraph's AsyncSqliteSaver with `synchronous=NORMAL`. Ours: GroupCommitSaver. Bare: the same functions called one after
the other, with one SQLite row per step. All in one process, interleaved; CPU of the whole process, medians.
"""

import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol, TypedDict

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from benchmarks.figures import Figure, median
from graph.checkpoints import open_checkpoints

TASKS = 40
AT_ONCE = 100
ROUNDS = 3
NODE_WAIT_S = 0.05
BUILDERS = ("backend", "database", "frontend")


class Kept(TypedDict, total=False):
    """A state of the size and kind of the product's."""

    task_id: str
    sentence: str
    iteration: int
    step: str
    head: str
    results: Annotated[dict[str, str], lambda old, new: {**(old or {}), **new}]
    history: list[str]


class Step(Protocol):
    """A node's function."""

    async def __call__(self, state: Kept) -> Kept: ...


def _node(name: str, wait_s: float) -> Step:
    async def run(state: Kept) -> Kept:
        if wait_s:
            await asyncio.sleep(wait_s)
        return {"results": {name: f"{name} {state.get('iteration', 0)} " + "x" * 60}}

    return run


def _steps(wait_s: float) -> dict[str, Step]:
    names = ("classify", "plan", *BUILDERS, "join", "review", "publish", "devops")
    steps = {name: _node(name, wait_s) for name in names}

    async def route(state: Kept) -> Kept:
        return {"iteration": state.get("iteration", 0) + 1, "history": [*state.get("history", []), "a finding " * 8]}

    return {**steps, "route": route}


async def _ask(state: Kept) -> Kept:
    return {"step": str(interrupt({"kind": "approval", "prompt": "ship it?"}))}


async def _after_review(state: Kept) -> str:
    return "route" if state.get("iteration", 0) < 2 else "ask"


def _compiled(saver: BaseCheckpointSaver[str], wait_s: float) -> Any:
    """Sixteen supersteps: three rounds of builders, join and review with two routings between, and what stands around them."""
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Kept)
    for name, step in _steps(wait_s).items():
        graph.add_node(name, step)
    graph.add_node("ask", _ask)
    graph.add_edge(START, "classify")
    graph.add_edge("classify", "plan")
    for builder in BUILDERS:
        graph.add_edge("plan", builder)
        graph.add_edge("route", builder)
    graph.add_edge(list(BUILDERS), "join")
    graph.add_edge("join", "review")
    graph.add_conditional_edges("review", _after_review, ["route", "ask"])
    graph.add_edge("ask", "publish")
    graph.add_edge("publish", "devops")
    graph.add_edge("devops", END)
    return graph.compile(checkpointer=saver)


def _first(task: str) -> Kept:
    return {"task_id": task, "sentence": "a todo list with users " * 20, "iteration": 0, "step": "build", "history": []}


async def _run(graph: Any, task: str) -> None:
    config: RunnableConfig = {"configurable": {"thread_id": task}, "recursion_limit": 60}
    await graph.ainvoke(_first(task), config, durability="sync")
    done = await graph.ainvoke(Command(resume="ship it"), config, durability="sync")
    if done["step"] != "ship it" or done["iteration"] != 2:
        raise RuntimeError(f"the workflow did not end as it must: {done}")


async def _bare(connection: sqlite3.Connection, task: str) -> None:
    """The same functions in the same order, and a row after each step."""
    steps, state, number = _steps(0.0), _first(task), 0

    async def step(*names: str) -> None:
        nonlocal number
        for name in names:
            update = await steps[name](state)
            state["results"] = {**state.get("results", {}), **update.pop("results", {})}
            state.update(update)
        number += 1
        connection.execute("INSERT INTO steps VALUES (?, ?, ?)", (task, number, json.dumps(state)))
        connection.commit()

    await step("classify")
    await step("plan")
    for iteration in range(3):
        await step(*BUILDERS)
        for name in ("join", "review", *(("route",) if iteration < 2 else ())):
            await step(name)
    for name in ("plan", "publish", "devops"):  # the first stands for the question
        await step(name)


def _open_bare(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "bare.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("CREATE TABLE steps (task TEXT, number INTEGER, state TEXT, PRIMARY KEY (task, number))")
    return connection


@asynccontextmanager
async def stock_saver(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    async with aiosqlite.connect(path) as connection:
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
        await saver.setup()
        yield saver


async def _cpu(work: Awaitable[None]) -> float:
    began = time.process_time()
    await work
    return time.process_time() - began


async def one_after_the_other() -> Sequence[Figure]:
    """CPU of one task, the variants in turn."""
    spent: dict[str, list[float]] = {"stock": [], "ours": [], "bare": []}
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        folder = Path(name)
        async with stock_saver(folder / "stock.db") as stock, open_checkpoints(folder / "ours.db") as ours:
            graphs, bare = {"stock": _compiled(stock, 0.0), "ours": _compiled(ours.saver, 0.0)}, _open_bare(folder)
            for number in range(TASKS):
                for variant, graph in graphs.items():
                    spent[variant].append(await _cpu(_run(graph, f"t{number}")))
                spent["bare"].append(await _cpu(_bare(bare, f"t{number}")))
            bare.close()
    stock_ms, ours_ms, bare_ms = (median(spent[variant]) * 1000 for variant in ("stock", "ours", "bare"))
    how = f"CPU, medians of {TASKS}, in turn: {ours_ms:.1f} ms; stock {stock_ms:.1f} ms; a bare row per step {bare_ms:.2f} ms"
    return (
        Figure("durable task of 16 supersteps over the stock saver", ours_ms / stock_ms, "times", 0.75, how),
        Figure("durable task of 16 supersteps over a bare row per step", ours_ms / bare_ms, "times", 25.0, how),
    )


async def many_at_once() -> Sequence[Figure]:
    """CPU and throughput with AT_ONCE tasks whose nodes wait, the variants in turn."""
    cpu: dict[str, list[float]] = {"stock": [], "ours": []}
    wall: dict[str, list[float]] = {"stock": [], "ours": []}
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as name:
        folder = Path(name)
        async with stock_saver(folder / "stock.db") as stock, open_checkpoints(folder / "ours.db") as ours:
            graphs = {"stock": _compiled(stock, NODE_WAIT_S), "ours": _compiled(ours.saver, NODE_WAIT_S)}
            for number in range(ROUNDS):
                for variant, graph in graphs.items():
                    began, clock = time.process_time(), time.perf_counter()
                    await asyncio.gather(*(_run(graph, f"r{number}-{task}") for task in range(AT_ONCE)))
                    cpu[variant].append((time.process_time() - began) / AT_ONCE)
                    wall[variant].append(AT_ONCE / (time.perf_counter() - clock))
    ours_ms, stock_ms = median(cpu["ours"]) * 1000, median(cpu["stock"]) * 1000
    ours_rate, stock_rate = median(wall["ours"]), median(wall["stock"])
    how = f"medians of {ROUNDS} rounds of {AT_ONCE}, in turn"
    return (
        Figure(
            f"CPU per task at {AT_ONCE} at once over the stock saver", ours_ms / stock_ms, "times", 0.65,
            f"{how}: {ours_ms:.1f} ms against {stock_ms:.1f} ms",
        ),
        Figure(
            f"stock saver's throughput over ours at {AT_ONCE} at once", stock_rate / ours_rate, "times", 1.0,
            f"{how}: {ours_rate:.0f} tasks/s against {stock_rate:.0f}",
        ),
    )  # fmt: skip
