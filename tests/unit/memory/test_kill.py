"""The stores after a real SIGKILL in the middle of writing."""

import signal
import subprocess
import sys
from pathlib import Path

from core.events import Notice
from core.types import TaskStatus
from tests.unit.memory.stores import sqlite_stores

ROOT = Path(__file__).parents[3]
WRITER = """
import asyncio, sys
from pathlib import Path
from core.events import Notice
from core.types import TaskStatus
from tests.unit.memory.stores import a_task, sqlite_stores

async def main():
    async with sqlite_stores(Path(sys.argv[1])) as stores:
        await stores.tasks.create(a_task())
        await stores.ledger.open("t1", 1.0)
        for number in range(1, 1_000_000):
            await stores.tasks.update("t1", [Notice(text=str(number))], segment=number, iteration=number)
            await stores.ledger.reserve("t1", f"r{number}", 0.000001)
            print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_confirmed_is_there_and_row_events_and_sums_agree(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    confirmed = 0
    for line in writer.stdout:
        confirmed = int(line)
        if confirmed == 100:
            writer.send_signal(signal.SIGKILL)
    writer.wait(timeout=60)
    writer.stdout.close()
    async with sqlite_stores(tmp_path) as stores:
        task = await stores.tasks.get("t1")
        events = await stores.events.read(task_id="t1", limit=100_000)
        spend = await stores.ledger.spend("t1")
        assert task.status is TaskStatus.QUEUED
        assert confirmed <= task.segment <= confirmed + 1
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        written = [event.event.text for event in events if isinstance(event.event, Notice)]
        assert written == [str(number) for number in range(1, task.segment + 1)]
        assert len(events) == 1 + 2 * task.segment
        assert confirmed <= round(spend.reserved_usd * 1_000_000) <= task.segment
        await stores.ledger.release_all()
        assert (await stores.ledger.spend("t1")).reserved_usd == 0
