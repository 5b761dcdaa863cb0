"""BigQuery as where the local logs are sent."""

from collections.abc import Mapping, Sequence

from observability.bigquery.dataset import Dataset
from observability.bigquery.interactions import BigQueryInteractionLog
from observability.bigquery.memory_diffs import BigQueryMemoryDiffLog
from observability.shipping import Entry, Kind


class BigQueryDestination:
    """Destination over a dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self.name = dataset.name
        self.dataset = dataset
        self._calls = BigQueryInteractionLog(dataset)
        self._diffs = BigQueryMemoryDiffLog(dataset)

    async def send(self, kind: Kind, entries: Sequence[Entry]) -> Mapping[int, str]:
        return await (self._calls.send(entries) if kind == "calls" else self._diffs.send(entries))

    async def check(self) -> str:
        """What is so, tried for real: tables and views are there, and a question is answered. Raises Refused."""
        await self.dataset.prepare()
        (row,) = await self.dataset.query("SELECT COUNT(*) AS calls FROM {agent_interactions}", {})
        return f"{self.name} answers and has {row['calls']} calls"
