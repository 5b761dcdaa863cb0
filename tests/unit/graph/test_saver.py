"""The checkpoint saver: LangGraph's own conformance suite, the file that the stock saver can read, forged rows, forks."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import TypedDict

import ormsgpack
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, interrupt

from graph.checkpoints import open_checkpoints
from graph.saver import GroupCommitSaver

NOT_OFFERED = {"delete_for_runs"}


class Told(TypedDict, total=False):
    answer: str
    steps: list[str]


@pytest.fixture
async def saver(tmp_path: Path) -> AsyncIterator[GroupCommitSaver]:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        yield opened.saver


@checkpointer_test(name="GroupCommitSaver")
async def registered() -> AsyncGenerator[BaseCheckpointSaver[str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with open_checkpoints(Path(folder) / "c.db") as opened:
            yield opened.saver


async def test_langgraphs_conformance_suite_passes_with_prune_and_copy() -> None:
    report = await validate(registered)
    assert report.passed_all_base()
    results = {name: result.passed for name, result in report.results.items()}
    assert {name for name, passed in results.items() if not passed} <= NOT_OFFERED
    assert results["prune"]
    assert results["copy_thread"]


def compiled(saver: BaseCheckpointSaver[str]) -> CompiledStateGraph[Told, None, Told, Told]:
    """first -> ask -> last."""

    async def first(state: Told) -> Told:
        return {"steps": ["first"]}

    async def ask(state: Told) -> Told:
        return {"answer": str(interrupt("go on?"))}

    async def last(state: Told) -> Told:
        return {"steps": [*state["steps"], "last"]}

    graph = StateGraph(Told)
    graph.add_node("first", first)
    graph.add_node("ask", ask)
    graph.add_node("last", last)
    graph.add_edge(START, "first")
    graph.add_edge("first", "ask")
    graph.add_edge("ask", "last")
    graph.add_edge("last", END)
    return graph.compile(checkpointer=saver)


def thread(name: str) -> RunnableConfig:
    return {"configurable": {"thread_id": name}}


async def test_the_stock_saver_reads_the_file(tmp_path: Path) -> None:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        await compiled(opened.saver).ainvoke({}, thread("t"), durability="sync")
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "c.db")) as stock:
        found = await compiled(stock).aget_state(thread("t"))
    assert (found.values, found.next) == ({"steps": ["first"]}, ("ask",))
    assert [one.value for one in found.interrupts] == ["go on?"]


async def test_a_thread_of_the_stock_saver_goes_on(tmp_path: Path) -> None:
    async with AsyncSqliteSaver.from_conn_string(str(tmp_path / "c.db")) as stock:
        await compiled(stock).ainvoke({}, thread("t"))
    async with open_checkpoints(tmp_path / "c.db") as opened:
        done = await compiled(opened.saver).ainvoke(Command(resume="yes"), thread("t"), durability="sync")
    assert done == {"answer": "yes", "steps": ["first", "last"]}


async def test_a_pruned_thread_that_waits_still_goes_on(saver: GroupCommitSaver, tmp_path: Path) -> None:
    graph = compiled(saver)
    await graph.ainvoke({}, thread("t"), durability="sync")
    await saver.aprune(["t"])
    assert count(tmp_path / "c.db", "checkpoints") == 1
    done = await graph.ainvoke(Command(resume="yes"), thread("t"), durability="sync")
    assert done["steps"] == ["first", "last"]


async def test_an_unknown_way_to_prune_is_refused(saver: GroupCommitSaver) -> None:
    with pytest.raises(ValueError, match="keep_latest"):
        await saver.aprune(["t"], strategy="some")


async def test_a_copy_of_the_past_goes_another_way_and_leaves_the_original(saver: GroupCommitSaver) -> None:
    graph = compiled(saver)
    await graph.ainvoke({}, thread("t"), durability="sync")
    await graph.ainvoke(Command(resume="yes"), thread("t"), durability="sync")
    past = [one async for one in graph.aget_state_history(thread("t"))]
    asked = next(one for one in past if one.next == ("ask",))
    until = await saver.aget_tuple(asked.config)
    assert until is not None
    await saver.afork_thread("fork", until, epoch=3)
    copied = [one async for one in graph.aget_state_history(thread("fork"))]
    assert {(one.metadata or {})["run_epoch"] for one in copied} == {3}
    await graph.ainvoke(None, thread("fork"), durability="sync")
    done = await graph.ainvoke(Command(resume="no"), thread("fork"), durability="sync")
    assert done["answer"] == "no"
    assert (await graph.aget_state(thread("t"))).values["answer"] == "yes"


async def test_a_thread_is_not_copied_over_another(saver: GroupCommitSaver) -> None:
    graph = compiled(saver)
    await graph.ainvoke({}, thread("t"), durability="sync")
    await saver.acopy_thread("t", "fork")
    with pytest.raises(sqlite3.IntegrityError):
        await saver.acopy_thread("t", "fork")


async def test_a_forged_row_is_data_and_runs_nothing(saver: GroupCommitSaver, tmp_path: Path) -> None:
    await compiled(saver).ainvoke({}, thread("t"), durability="sync")
    witness = tmp_path / "witness"
    connection = sqlite3.connect(tmp_path / "c.db")
    rows = connection.execute("SELECT checkpoint_id FROM checkpoints").fetchall()
    connection.executemany(
        "UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = ?",
        [(forged(f"touch {witness}", checkpoint_id), checkpoint_id) for (checkpoint_id,) in rows],
    )
    connection.commit()
    connection.close()
    found = await saver.aget_tuple(thread("t"))
    assert found is not None
    assert "touch" in str(found.checkpoint["channel_values"])
    assert not witness.exists()


def test_the_forged_row_would_run_its_command_where_any_type_is_loaded(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    JsonPlusSerializer(allowed_msgpack_modules=True).loads_typed(("msgpack", forged(f"touch {witness}", "x")))
    assert witness.exists()


def forged(command: str, checkpoint_id: str) -> bytes:
    """A whole checkpoint with a value that says, in the serializer's own format: call os.system with this."""
    constructor = 0
    call = ormsgpack.Ext(constructor, ormsgpack.packb(("os", "system", command)))
    parts = {"channel_values": {"steps": call}, "channel_versions": {}, "versions_seen": {}}
    return ormsgpack.packb({"v": 1, "id": checkpoint_id, **parts})


async def test_a_hundred_threads_at_once_keep_their_own_checkpoints(saver: GroupCommitSaver) -> None:
    graph = compiled(saver)
    names = [f"t{number}" for number in range(100)]
    await asyncio.gather(*(graph.ainvoke({}, thread(name), durability="sync") for name in names))
    done = await asyncio.gather(
        *(graph.ainvoke(Command(resume=name), thread(name), durability="sync") for name in names)
    )
    assert [one["answer"] for one in done] == names


def count(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()
