"""A local log with calls in it, a counterpart of BigQuery, and the shipper between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from observability.bigquery.dataset import Dataset
from observability.bigquery.destination import BigQueryDestination
from observability.interactions import SqliteInteractionLog
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.shipping import Pace, Shipper
from observability.storage import Storage
from tests.contracts.test_interaction_log import a_call
from tests.wire.bigquery.running import address
from tests.wire.bigquery.server import BigQueryServer


@dataclass
class Shipping:
    log: SqliteInteractionLog
    diffs: SqliteMemoryDiffLog
    dataset: Dataset
    shipper: Shipper

    async def record(self, count: int, first: int = 0) -> None:
        for number in range(first, first + count):
            await self.log.record(a_call(f"c{number}", ts=1_000.0 + number))

    async def left(self) -> int:
        return sum((await self.shipper.waiting()).values())

    async def until(self, reached: Callable[[], bool], seconds: float = 60.0) -> None:
        """Run the shipper until it is so."""

        async def whether() -> bool:
            return reached()

        await self._run_until(whether, seconds)

    async def until_sent(self, seconds: float = 60.0) -> None:
        async def whether() -> bool:
            return not await self.left()

        await self._run_until(whether, seconds)

    async def _run_until(self, reached: Callable[[], Awaitable[bool]], seconds: float) -> None:
        running = asyncio.create_task(self.shipper.run())
        try:
            async with asyncio.timeout(seconds):
                while not await reached() and not running.done():
                    await asyncio.wait([running], timeout=0.01)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def shipping(
    folder: Path, server: BigQueryServer, *, project: str = "", dataset: str = "agent_system"
) -> AsyncIterator[Shipping]:
    """The log in `folder` as one run of the service has it."""
    async with AsyncExitStack() as stack:
        local = await Storage.open(folder / "interactions.db")
        stack.push_async_callback(local.close)
        own = await Storage.open(folder / "interactions.db")
        stack.push_async_callback(own.close)
        far = Dataset(project or server.project, dataset, emulator=address(server), request_s=20.0)
        stack.push_async_callback(far.close)
        shipper = Shipper(own, BigQueryDestination(far), Pace(idle_s=0.02, retry_s=0.02, longest_s=0.1))
        yield Shipping(SqliteInteractionLog(local), SqliteMemoryDiffLog(local), far, shipper)


def cut_off(server: BigQueryServer) -> None:
    """Every connection is cut from now on, until `server.forget()`."""
    begin = len(server.asked) + 1
    server.faults = dict.fromkeys(range(begin, begin + 100000), "before")


def seen(server: BigQueryServer) -> list[str]:
    """Ids of the calls that count, in order of their times."""
    return [each for (each,) in server.rows("SELECT interaction_id FROM agent_system.agent_interactions ORDER BY ts")]


def seen_rows(server: BigQueryServer) -> int:
    """However often each was taken."""
    ((count,),) = server.rows("SELECT COUNT(*) FROM agent_system.agent_interaction_rows")
    return int(count)
