"""The file of the interaction log."""

import sqlite3
from pathlib import Path

import pytest

from core.errors import Refused
from core.models import InteractionFilter
from observability.interactions import SqliteInteractionLog
from tests.contracts.test_interaction_log import a_call


async def test_calls_are_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data" / "interactions.db"
    log = await SqliteInteractionLog.open(path)
    await log.record(a_call())
    await log.close()
    await log.close()
    log = await SqliteInteractionLog.open(path)
    assert list(await log.list(InteractionFilter())) == [a_call()]
    await log.close()


async def test_a_file_of_a_newer_release_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "interactions.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Refused, match="newer release"):
        await SqliteInteractionLog.open(path)


async def test_figures_are_summed_without_reading_texts(tmp_path: Path) -> None:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    await log.record(a_call())
    await log.close()
    connection = sqlite3.connect(tmp_path / "interactions.db")
    plan = str(connection.execute("EXPLAIN QUERY PLAN SELECT * FROM agent_metrics").fetchall())
    newest = "SELECT * FROM agent_interactions WHERE agent = 'x' AND success = 0 ORDER BY number DESC LIMIT 20"
    steps = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {newest}")]
    assert "interaction_texts" not in plan
    assert steps == ["SEARCH agent_interactions USING INDEX interactions_by_agent (agent=? AND success=?)"], (
        "nothing is sorted"
    )
    connection.close()
