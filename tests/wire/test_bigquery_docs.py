"""The SQL of docs/bigquery.md runs, and finds what it says."""

import re

from config import PROJECT
from observability.bigquery.interactions import BigQueryInteractionLog
from observability.bigquery.memory_diffs import BigQueryMemoryDiffLog
from tests.contracts.test_interaction_log import a_call
from tests.contracts.test_memory_diff_log import a_diff
from tests.wire.bigquery.running import dataset_of, running_bigquery

QUESTIONS = re.findall(r"^```sql\n(.*?)^```", (PROJECT / "docs" / "bigquery.md").read_text(), re.M | re.S)
DAY = 86_400.0


async def test_the_questions_of_the_page_are_answered() -> None:
    async with running_bigquery() as server, dataset_of(server) as dataset:
        log = BigQueryInteractionLog(dataset)
        await log.record(a_call("c1", prompt_version="v1"))
        await log.record(a_call("c2", prompt_version="v1", ts=7 * DAY))
        await log.record(a_call("c3", success=False, error="the answer was cut off", ts=7 * DAY))
        await BigQueryMemoryDiffLog(dataset).record(a_diff())
        weeks, failures, prompts, changes = map(server.rows, QUESTIONS)
    assert [row[1:] for row in weeks] == [("planner", 1, 0, 0.25), ("planner", 2, 1, 0.5)]
    assert [row[1:] for row in failures] == [("t1", "m", "the answer was cut off")]
    assert prompts == [("planner/plan", "v1", 2, 0.25, 0.6)]
    assert [row[1:] for row in changes] == [("qa_agent", "reflection", 1, 2, "two findings")]
