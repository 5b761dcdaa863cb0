"""A process that ships a log, to be killed: FILE PROJECT ADDRESS. It ends when nothing waits."""

import asyncio
import sys
from pathlib import Path

from observability.bigquery.dataset import Dataset
from observability.bigquery.destination import BigQueryDestination
from observability.shipping import Pace, Shipper
from observability.storage import Storage


async def ship(file: str, project: str, address: str) -> None:
    storage = await Storage.open(Path(file))
    shipper = Shipper(
        storage, BigQueryDestination(Dataset(project, "agent_system", emulator=address)), Pace(0.05, 0.05)
    )
    running = asyncio.create_task(shipper.run())
    while sum((await shipper.waiting()).values()):
        await asyncio.wait([running], timeout=0.02)
    running.cancel()
    await asyncio.wait([running])
    await storage.close()


if __name__ == "__main__":
    asyncio.run(ship(*sys.argv[1:]))
