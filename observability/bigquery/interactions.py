"""The interaction log in BigQuery: what many machines recorded, in the order of time."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidInput, Refused
from core.models import AgentMetrics, CallTotals, Interaction, InteractionFilter, TaskUsage
from core.types import Usage
from observability.bigquery.dataset import Dataset
from observability.bigquery.positions import DIRECT, Positions
from observability.bigquery.rows import Row, call_of, call_row, text_row
from observability.bigquery.schema import CALLS, TEXTS
from observability.shipping import Entry

_FIGURES = "SELECT * FROM {agent_interactions}"
_NEWEST_FIRST = "ORDER BY ts DESC, position DESC, interaction_id DESC LIMIT @most"
_BELOW = (
    "(ts < @ts OR ts = @ts AND position < @position OR ts = @ts AND position = @position AND interaction_id < @before)"
)
# Days and ids are those of the wanted calls, so only their partitions, and in these their blocks, are read.
_TEXTS = (
    "SELECT interaction_id, messages, response, error, cut_chars FROM {interaction_text_rows} "
    "WHERE ts BETWEEN @first AND @last AND interaction_id IN UNNEST(@ids) "
    "QUALIFY ROW_NUMBER() OVER (PARTITION BY interaction_id ORDER BY position, source) = 1"
)
_SUMS = (
    "COUNT(*) AS calls, SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens, "
    "SUM(cache_read_tokens) AS cache_read_tokens, SUM(cache_write_tokens) AS cache_write_tokens"
)
_TOTALS = (
    f"SELECT agent, model, success, {_SUMS}, SUM(cost_usd) AS cost_usd, SUM(seconds) AS seconds "  # noqa: S608  # words of this file
    "FROM {agent_interactions} GROUP BY agent, model, success ORDER BY agent, model, success"
)
_USAGE = (
    f"SELECT task_id, agent, model, {_SUMS} FROM {{agent_interactions}} "  # noqa: S608  # words of this file
    "WHERE task_id IN UNNEST(@task_ids) AND success GROUP BY task_id, agent, model"
)


class BigQueryInteractionLog:
    """InteractionLog over a dataset. What was recorded a moment ago may take seconds to be found."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._positions = Positions()

    async def record(self, interaction: Interaction) -> None:
        """The same `interaction_id` again counts once. Raises Refused."""
        refused = await self.send([Entry(DIRECT, self._positions.next(), interaction)])
        for why in refused.values():
            raise Refused(f"BigQuery, {self._dataset.name}: call {interaction.interaction_id} was refused: {why}")

    async def send(self, entries: Sequence[Entry]) -> Mapping[int, str]:
        """Texts first: a call that is counted has its texts. Positions of refused calls, with why. Raises Refused."""
        calls = [(each, each.value) for each in entries if isinstance(each.value, Interaction)]
        texts = [(call.interaction_id, text_row(call, each.source, each.position)) for each, call in calls]
        without = await self._dataset.insert(TEXTS, texts) if texts else {}
        refused = {calls[index][0].position: why for index, why in without.items()}
        left = [(each, call) for index, (each, call) in enumerate(calls) if index not in without]
        figures = [(call.interaction_id, call_row(call, each.source, each.position)) for each, call in left]
        uncounted = await self._dataset.insert(CALLS, figures) if figures else {}
        return refused | {left[index][0].position: why for index, why in uncounted.items()}

    async def list(self, query: InteractionFilter) -> Sequence[Interaction]:
        """Newest first. Raises InvalidInput when the cursor names no interaction, Refused."""
        values: dict[str, Any] = query.model_dump(
            mode="json", include={"task_id", "agent", "model", "success"}, exclude_none=True
        )
        conditions = [f"{column} = @{column}" for column in values]
        if query.before is not None:
            conditions.append(_BELOW)
            values |= await self._cursor(query.before)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        return await self._whole(f"{_FIGURES} {where} {_NEWEST_FIRST}", {**values, "most": query.limit})

    async def find(self, task_id: str, prompt_hash: str) -> Interaction | None:
        """The newest successful call of this task with this very prompt, if there is one. Raises Refused."""
        where = "WHERE task_id = @task_id AND prompt_hash = @prompt_hash AND success"
        values = {"task_id": task_id, "prompt_hash": prompt_hash, "most": 1}
        found = await self._whole(f"{_FIGURES} {where} {_NEWEST_FIRST}", values)
        return found[0] if found else None

    async def metrics(self) -> Sequence[AgentMetrics]:
        """Sums per agent over the whole log, in order of the agents' names. Raises Refused."""
        rows = await self._dataset.query("SELECT * FROM {agent_metrics} ORDER BY agent", {})
        return tuple(AgentMetrics.model_validate(row) for row in rows)

    async def totals(self) -> Sequence[CallTotals]:
        """Sums by agent, model and outcome: every call's figures are read for it. Raises Refused."""
        return tuple(CallTotals.model_validate(row) for row in await self._dataset.query(_TOTALS, {}))

    async def usage(self, task_ids: Sequence[str]) -> Sequence[TaskUsage]:
        """Of the successful calls of these tasks, by task, agent and model. Raises Refused."""
        rows = await self._dataset.query(_USAGE, {"task_ids": [*task_ids]}) if task_ids else ()
        return tuple(_task_usage(row) for row in rows)

    async def _whole(self, sql: str, values: Mapping[str, Any]) -> Sequence[Interaction]:
        """Figures from the narrow table alone, then the texts of what was found."""
        figures = await self._dataset.query(sql, values)
        if not figures:
            return ()
        times = [row["ts"] for row in figures]
        wanted = {"first": min(times), "last": max(times), "ids": [row["interaction_id"] for row in figures]}
        texts = {row["interaction_id"]: row for row in await self._dataset.query(_TEXTS, wanted)}
        return tuple(call_of(row, texts[row["interaction_id"]]) for row in figures if row["interaction_id"] in texts)

    async def _cursor(self, interaction_id: str) -> Mapping[str, Any]:
        found = await self._dataset.query(
            "SELECT ts, position FROM {agent_interactions} WHERE interaction_id = @before", {"before": interaction_id}
        )
        if not found:
            raise InvalidInput(f"before: there is no interaction {interaction_id} to continue below", field="before")
        return {**found[0], "before": interaction_id}


def _task_usage(row: Row) -> TaskUsage:
    usage = Usage.model_validate({name: row[name] for name in Usage.model_fields})
    return TaskUsage(task_id=row["task_id"], agent=row["agent"], model=row["model"], calls=row["calls"], usage=usage)
