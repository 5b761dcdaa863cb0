"""Rows that are no checkpoints, whoever made them so; and a clock that goes back."""

import pickle
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TypedDict
from unittest.mock import patch

import ormsgpack
import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from graph.checkpoints import open_checkpoints
from graph.saver import CorruptCheckpoint, GroupCommitSaver

DAY_S = 24 * 3600


class Counted(TypedDict, total=False):
    count: int


async def one_more(state: Counted) -> Counted:
    return {"count": state.get("count", 0) + 1}


async def run(saver: GroupCommitSaver, name: str = "t") -> int:
    """Three steps of counting; where the thread's count ends."""
    graph = StateGraph(Counted)
    for node, before in (("a", START), ("b", "a"), ("c", "b")):
        graph.add_node(node, one_more)
        graph.add_edge(before, node)
    graph.add_edge("c", END)
    config: RunnableConfig = {"configurable": {"thread_id": name}}
    state = await graph.compile(checkpointer=saver).ainvoke({}, config, durability="sync")
    return int(state["count"])


def spoil(path: Path, kind: str, body: bytes) -> str:
    """Put something else into the newest row; its id."""
    with closing(sqlite3.connect(path)) as connection:
        (newest,) = connection.execute("SELECT max(checkpoint_id) FROM checkpoints").fetchone()
        connection.execute(
            "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE checkpoint_id = ?", (kind, body, newest)
        )
        connection.commit()
    return str(newest)


class Deadly:
    """Runs a command when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, (f"touch {self.witness}",)


def bodies(witness: Path) -> dict[str, tuple[str, bytes]]:
    called = ormsgpack.packb(["os", "system", [f"touch {witness}"]])
    constructor = b'{"lc": 2, "type": "constructor", "id": ["os", "system"], "args": ["touch %s"]}' % bytes(witness)
    return {
        "noise": ("msgpack", b"\x00\x01\xff noise"),
        "cut": ("msgpack", ormsgpack.packb({"id": "x", "channel_values": {"a": "b" * 100}})[:-40]),
        "empty": ("msgpack", b""),
        "number": ("msgpack", ormsgpack.packb(7)),
        "other shape": ("msgpack", ormsgpack.packb({"channel_values": []})),
        "other checkpoint": (
            "msgpack",
            ormsgpack.packb({"id": "x", "channel_values": {}, "channel_versions": {}, "versions_seen": {}}),
        ),
        "unknown kind": ("weird", b"x"),
        "pickle": ("pickle", pickle.dumps(Deadly(witness))),
        "constructor in json": ("json", constructor),
        "call in msgpack": ("msgpack", ormsgpack.packb(ormsgpack.Ext(0, called))),
    }


@pytest.mark.parametrize("what", list(bodies(Path("w"))))
async def test_what_is_no_checkpoint_is_said_to_be_none_and_runs_nothing(tmp_path: Path, what: str) -> None:
    witness = tmp_path / "witness"
    async with open_checkpoints(tmp_path / "c.db") as opened:
        await run(opened.saver)
        newest = spoil(tmp_path / "c.db", *bodies(witness)[what])
        with pytest.raises(CorruptCheckpoint) as corrupt:
            await opened.saver.aget_tuple({"configurable": {"thread_id": "t"}})
    assert (corrupt.value.thread_id, corrupt.value.checkpoint_id) == ("t", newest)
    assert not witness.exists()


async def test_what_is_set_aside_makes_way_for_the_one_before_it_and_is_kept(tmp_path: Path) -> None:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        await run(opened.saver)
        spoil(tmp_path / "c.db", "msgpack", b"noise")
        with pytest.raises(CorruptCheckpoint) as corrupt:
            await opened.saver.aget_tuple({"configurable": {"thread_id": "t"}})
        await opened.saver.aset_aside(corrupt.value)
        found = await opened.saver.aget_tuple({"configurable": {"thread_id": "t"}})
        assert found is not None
        assert found.checkpoint["channel_values"]["count"] == 2
    with closing(sqlite3.connect(tmp_path / "c.db")) as connection:
        kept = connection.execute("SELECT checkpoint_id, checkpoint, reason FROM checkpoints_set_aside").fetchall()
    assert [row[:2] for row in kept] == [(corrupt.value.checkpoint_id, b"noise")]
    assert "cannot be read" in kept[0][2]


async def test_a_thread_of_which_everything_is_set_aside_has_nothing(tmp_path: Path) -> None:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        await run(opened.saver)
        for left in (True, True, True, True, False):
            newest = spoil(tmp_path / "c.db", "msgpack", b"noise")
            await opened.saver.aset_aside(CorruptCheckpoint("t", newest, "noise"))
            assert await opened.saver.ahas("t") is left


async def test_checkpoints_are_in_order_under_a_clock_that_has_gone_back_between_two_starts(tmp_path: Path) -> None:
    async with open_checkpoints(tmp_path / "c.db") as opened:
        assert await run(opened.saver) == 3
    now = time.time_ns
    with (
        patch("langgraph.checkpoint.base.id._last_v6_timestamp", None),  # a new process
        patch("time.time_ns", lambda: now() - 400 * DAY_S * 10**9),  # LangGraph reads the clock by itself
    ):
        async with open_checkpoints(tmp_path / "c.db") as opened:
            assert await run(opened.saver) == 6
            found = await opened.saver.aget_tuple({"configurable": {"thread_id": "t"}})
    assert found is not None
    assert found.checkpoint["channel_values"]["count"] == 6
