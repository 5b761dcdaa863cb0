"""What changed identities, in BigQuery: that of many machines, in the order of time."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.errors import InvalidInput, Refused
from observability.bigquery.dataset import Dataset
from observability.bigquery.positions import DIRECT, Positions
from observability.bigquery.rows import diff_row
from observability.bigquery.schema import DIFFS
from observability.shipping import Entry

_BELOW = "(ts < @ts OR ts = @ts AND position < @position OR ts = @ts AND position = @position AND diff_id < @before)"


class BigQueryMemoryDiffLog:
    """MemoryDiffLog over a dataset. What was recorded a moment ago may take seconds to be found."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._positions = Positions()

    async def record(self, diff: MemoryDiff) -> None:
        """Of two with the same `diff_id` the first counts. Raises Refused."""
        refused = await self.send([Entry(DIRECT, self._positions.next(), diff)])
        for why in refused.values():
            raise Refused(f"BigQuery, {self._dataset.name}: memory diff {diff.diff_id} was refused: {why}")

    async def send(self, entries: Sequence[Entry]) -> Mapping[int, str]:
        """Positions of refused diffs, with why. Raises Refused."""
        diffs = [(each, each.value) for each in entries if isinstance(each.value, MemoryDiff)]
        rows = [(diff.diff_id, diff_row(diff, each.source, each.position)) for each, diff in diffs]
        refused = await self._dataset.insert(DIFFS, rows) if rows else {}
        return {diffs[index][0].position: why for index, why in refused.items()}

    async def list(self, query: MemoryDiffFilter) -> Sequence[MemoryDiff]:
        """Newest first. Raises InvalidInput when the cursor names none, Refused."""
        where, values = ["TRUE"], dict[str, Any]()
        if query.agent is not None:
            where, values = [*where, "agent = @agent"], {**values, "agent": query.agent.value}
        if query.before is not None:
            where, values = [*where, _BELOW], {**values, **await self._cursor(query.before)}
        rows = await self._dataset.query(
            f"SELECT body FROM {{memory_diffs}} WHERE {' AND '.join(where)} "  # noqa: S608  # fixed words; values are bound
            "ORDER BY ts DESC, position DESC, diff_id DESC LIMIT @most",
            {**values, "most": query.limit},
        )
        return tuple(MemoryDiff.model_validate_json(row["body"]) for row in rows)

    async def _cursor(self, diff_id: str) -> Mapping[str, Any]:
        found = await self._dataset.query(
            "SELECT ts, position FROM {memory_diffs} WHERE diff_id = @before", {"before": diff_id}
        )
        if not found:
            raise InvalidInput(f"before: there is no memory diff {diff_id} to continue below", field="before")
        return {**found[0], "before": diff_id}
