"""The service is killed with SIGKILL while a tap is handled: the tap counts, and counts once."""

import asyncio
import sys
from pathlib import Path

import pytest

from core.tasks import InterruptFilter
from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.service import running_telegram


@pytest.mark.parametrize("point", ["before", "after"])
async def test_a_tap_counts_once_when_the_service_is_killed(tmp_path: Path, point: str) -> None:
    async with running_telegram() as telegram:
        async with open_room(tmp_path, telegram=telegram) as room:
            message = await room.asked("a1")
        update = await telegram.tap(message, "Approve")
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.unit.telegram_bot.child", str(tmp_path), telegram.url, point,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            async with asyncio.timeout(60):
                assert await child.stdout.readline() == b"here\n"
        finally:
            child.kill()
            await child.wait()
        assert telegram.updates.confirmed == []
        async with open_room(tmp_path, telegram=telegram) as room:
            await room.handled(update)
            await until(lambda: not message.buttons)
            (question,) = await room.commands.interrupts(InterruptFilter())
            assert (question.status, question.decided_by) == ("decided", "@ana")
            assert len(room.decided()) == (1 if point == "before" else 0)
            assert "Approved by @ana via telegram" in message.text
            assert telegram.chats.alerts == []
