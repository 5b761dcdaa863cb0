"""Parts that are tried: side by side, in bounded time, and never with more than a sentence when they fail."""

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from core.errors import SandboxError
from memory.database import Database
from sandbox.e2b.calls import Caller
from sandbox.e2b.cloud import Cloud
from tests.wire.e2b.driving import INSTALLATION, account_of
from tests.wire.e2b.server import TEMPLATE, running
from wiring.part_checks import PartChecker, Tried, try_storage


async def fine() -> Tried:
    return Tried(True, "works")


async def test_parts_are_tried_at_once_in_their_order_and_a_failure_is_no_more_than_data() -> None:
    both = asyncio.Barrier(2)

    async def meet() -> Tried:
        await asyncio.wait_for(both.wait(), 60)
        return await fine()

    async def refuse() -> Tried:
        raise SandboxError("the key hunter22 is not taken")

    async def break_down() -> Tried:
        raise sqlite3.OperationalError("disk I/O error")

    checker = PartChecker(
        {"storage": break_down, "sandbox": refuse, "code_host": meet, "models": meet, "telegram": None}, ["hunter22"]
    )
    found = {each.part: each for each in (await checker.check()).parts}
    assert [each.status for each in found.values()] == ["failed", "failed", "ok", "ok", "skipped"]
    assert found["storage"].detail == "disk I/O error"
    assert found["sandbox"].detail == "the key [redacted] is not taken"
    assert "docs/sandbox.md" in found["sandbox"].fix
    assert (found["models"].fix, found["models"].detail) == ("", "works")
    assert "TELEGRAM_CHAT_ID" in found["telegram"].fix


async def test_a_part_that_says_nothing_fails_when_its_time_is_over() -> None:
    async def hang() -> Tried:
        await asyncio.Event().wait()
        raise AssertionError("never")

    checker = PartChecker({"e2b": hang, "models": fine}, limit_s=0.05)
    began = time.monotonic()
    e2b, models = (await checker.check()).parts
    took_s = time.monotonic() - began
    assert (e2b.status, e2b.detail) == ("failed", "nothing came of it within 0.05 s")
    assert 0.05 <= e2b.seconds <= took_s
    assert models.status == "ok"


async def test_storage_is_written_and_left_as_it_was(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "autonomy.db")
    before = await database.read(
        lambda connection: connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    )
    for _ in range(2):
        assert (await try_storage(tmp_path, database)).ok
    after = await database.read(
        lambda connection: connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    )
    assert after == before
    assert list(tmp_path.glob(".check-*")) == []
    with pytest.raises(OSError, match="No such file"):
        await try_storage(tmp_path / "gone", database)
    await database.close()


async def test_e2b_is_greeted_without_making_a_machine(tmp_path: Path) -> None:
    """What `greet_e2b` does, at the counterpart's address."""
    with running(tmp_path / "machines") as counterpart:

        async def greet(key: str) -> int:
            account = account_of(counterpart, api_key=key, retries=0)
            caller = Caller(key, timeout_s=10.0)
            return len(
                await Cloud(account, caller, template=TEMPLATE, installation=INSTALLATION, service="check").list()
            )

        assert await greet(counterpart.key) == 0
        with pytest.raises(SandboxError):
            await greet("e2b_ffffffffffffffffffffffffffffffffffffffff")
        assert all(method == "GET" for method, _ in counterpart.requests)
