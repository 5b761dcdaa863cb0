"""What sends calls and memory diffs to BigQuery. Without a project there is none, and Google's client is not even loaded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import Settings
from observability.counters import Labels
from observability.shipping import Shipper
from observability.storage import Storage
from wiring.part_checks import Tried

if TYPE_CHECKING:
    from observability.bigquery.destination import BigQueryDestination

DRAIN_S = 5.0
"""The end of the service waits no longer than this for the last rows, which are safe where they are."""


@dataclass(frozen=True)
class Analytics:
    shipper: Shipper
    destination: BigQueryDestination

    async def drain(self, grace_s: float) -> None:
        await self.shipper.drain(min(grace_s, DRAIN_S))

    async def rows(self) -> Mapping[Labels, int]:
        """By kind and by what became of them: those that wait, and those that were refused."""
        states = {"waiting": await self.shipper.waiting(), "refused": await self.shipper.set_aside()}
        return {(kind, state): count for state, counts in states.items() for kind, count in counts.items()}

    async def check(self) -> Tried:
        """Ask the dataset something, and say how sending goes. Raises Refused."""
        found = await self.destination.check()
        waiting = sum((await self.shipper.waiting()).values())
        refused = sum((await self.shipper.set_aside()).values())
        if self.shipper.problem:
            return Tried(False, f"{waiting} rows wait: {self.shipper.problem}")
        if refused:
            fix = "the table `unshipped` of interactions.db says why; they are tried again at the next start"
            return Tried(False, f"{found}; {refused} rows were refused", fix)
        return Tried(True, f"{found}; {waiting} rows wait to be sent")


async def open_analytics(stack: AsyncExitStack, settings: Settings) -> Analytics | None:
    """None without a project. Nothing is asked of the network yet."""
    if not settings.gcp_project_id:
        return None
    from observability.bigquery.dataset import Dataset
    from observability.bigquery.destination import BigQueryDestination

    storage = await Storage.open(settings.data_dir / "interactions.db")
    stack.push_async_callback(storage.close)
    dataset = Dataset(settings.gcp_project_id, settings.bq_dataset, emulator=settings.bigquery_emulator_host)
    stack.push_async_callback(dataset.close)
    destination = BigQueryDestination(dataset)
    return Analytics(Shipper(storage, destination), destination)


def rows_of(analytics: Analytics | None) -> Callable[[], Awaitable[Mapping[Labels, int]]]:
    async def none() -> Mapping[Labels, int]:
        return {}

    return analytics.rows if analytics else none
