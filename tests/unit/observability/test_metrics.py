"""The figures of `GET /metrics`, read by Prometheus' own parsers; and that asking for them reads no long table."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from core.budget import DaySpend
from core.errors import Refused, SandboxError
from core.events import LlmDelta, Notice
from core.sandboxes import RunReason
from core.types import AgentName, TaskStatus
from observability.counters import ProcessCounters
from observability.interactions import SqliteInteractionLog
from observability.metrics import Metrics, Sources
from observability.storage import MIGRATIONS
from tests.contracts.test_interaction_log import a_call
from tests.unit.llm.scripted import a_request
from tests.unit.memory.stores import a_task, sqlite_stores
from tests.unit.tools.canned import ran

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3"
Load = Callable[[], Awaitable[tuple[int, int]]]


async def busy() -> tuple[int, int]:
    return 2, 7


async def not_running() -> tuple[int, int]:
    raise Refused("the engine is not running")


async def some_tasks() -> Mapping[TaskStatus, int]:
    return {TaskStatus.RUNNING: 2, TaskStatus.COMPLETED: 5}


@pytest.fixture
async def interactions(tmp_path: Path) -> AsyncIterator[SqliteInteractionLog]:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    yield log
    await log.close()


def metrics(log: SqliteInteractionLog, counters: ProcessCounters | None = None, load: Load = busy) -> Metrics:
    sources = Sources(log, some_tasks, load, some_deliveries, lambda: 5 << 30, some_days, two_closed, some_rows)
    return Metrics("1.2.3", counters or ProcessCounters(), sources)


async def some_deliveries() -> dict[str, int]:
    return {"log": 0, "webhook": 3}


async def some_days() -> list[DaySpend]:
    return [DaySpend(day="2027-01-31", ends_at=1.0, cap_usd=None, spent_usd=1.25, reserved_usd=0.5)]


async def two_closed() -> int:
    return 2


async def some_rows() -> dict[tuple[str, ...], int]:
    return {("calls", "waiting"): 4, ("calls", "refused"): 1}


async def scraped(given: Metrics, accept: str = "") -> dict[str, Metric]:
    body, media_type = await given.scrape(accept)
    assert media_type.startswith("application/openmetrics-text" if accept else "text/plain")
    return {family.name: family for family in (openmetrics if accept else plain)(body.decode())}


def value(family: Metric, suffix: str = "", **labels: str) -> float:
    (found,) = (
        sample.value for sample in family.samples if sample.name == family.name + suffix and sample.labels == labels
    )
    return float(found)


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
async def test_every_figure_is_there_in_both_formats(interactions: SqliteInteractionLog, accept: str) -> None:
    await interactions.record(a_call("c1"))
    await interactions.record(a_call("c2"))
    await interactions.record(a_call("c3", success=False, model="dear", cost_usd=0.0))
    families = await scraped(metrics(interactions), accept)
    build = families["autonomy_build_info"].samples[0]
    assert (build.value, build.labels["version"]) == (1, "1.2.3")
    assert value(families["autonomy_tasks"], status="completed") == 5
    assert value(families["autonomy_segments"], state="running") == 2
    assert value(families["autonomy_segments"], state="queued") == 7
    assert value(families["autonomy_deliveries_waiting"], channel="webhook") == 3
    assert value(families["autonomy_data_disk_free_bytes"]) == 5 << 30
    day = families["autonomy_day_budget_usd"]
    assert {sample.labels["state"]: sample.value for sample in day.samples} == {"spent": 1.25, "reserved": 0.5}
    assert value(families["autonomy_accounts_closed"]) == 2
    done = {"agent": "planner", "model": "m", "outcome": "success"}
    failed = {"agent": "planner", "model": "dear", "outcome": "failure"}
    assert value(families["autonomy_model_calls"], "_total", **done) == 2
    assert value(families["autonomy_model_calls"], "_total", **failed) == 1
    assert value(families["autonomy_model_tokens"], "_total", **done, type="input") == 200
    assert value(families["autonomy_model_tokens"], "_total", **done, type="cache_read") == 120
    assert value(families["autonomy_model_cost_usd"], "_total", **done) == 0.5
    assert value(families["autonomy_model_call_seconds"], "_total", **done) == 3.0
    assert value(families["process_resident_memory_bytes"]) > 1_000_000


async def test_no_label_says_which_task(interactions: SqliteInteractionLog) -> None:
    await interactions.record(a_call("c1", task_id="a-task-id"))
    counters = ProcessCounters()
    with counters.time_run("a-task-id", "python", "python") as tell:
        tell(ran())
    body, _ = await metrics(interactions, counters).scrape("")
    assert b"a-task-id" not in body


async def test_where_no_engine_runs_the_rest_is_told_all_the_same(interactions: SqliteInteractionLog) -> None:
    families = await scraped(metrics(interactions, load=not_running))
    assert "autonomy_segments" not in families
    assert "autonomy_tasks" in families


async def test_retries_and_runs_are_counted_by_what_they_were(interactions: SqliteInteractionLog) -> None:
    counters = ProcessCounters()
    counters.count_retry(a_request())
    counters.count_retry(a_request())
    for reason in (RunReason.OK, RunReason.OK, RunReason.TIMEOUT):
        with counters.time_run("t1", "node", "node") as tell:
            tell(ran(reason=reason))
    with pytest.raises(SandboxError), counters.time_run("t1", "node", "node"):
        raise SandboxError("no box")
    families = await scraped(metrics(interactions, counters))
    retries = families["autonomy_model_retries"]
    assert value(retries, "_total", agent="planner", model="claude-sonnet-4-6") == 2
    runs = families["autonomy_sandbox_run_duration_seconds"]
    assert value(runs, "_count", toolchain="node", outcome="ok") == 2
    assert value(runs, "_sum", toolchain="node", outcome="ok") == pytest.approx(0.2)
    assert value(runs, "_bucket", toolchain="node", outcome="ok", le="0.1") == 2
    assert value(runs, "_bucket", toolchain="node", outcome="timeout", le="+Inf") == 1
    assert value(runs, "_count", toolchain="node", outcome="error") == 1


async def test_the_lag_of_events_is_what_a_subscriber_sees(tmp_path: Path) -> None:
    counters = ProcessCounters()
    async with sqlite_stores(tmp_path) as stores:
        source = stores.events.subscribe()
        await stores.events.append("t1", Notice(text="one"), Notice(text="two"))
        stores.events.publish("t1", LlmDelta(agent=AgentName.PLANNER, call_id="c", text="live only"))
        stores.clock.time += 0.2
        stores.events.close()
        await counters.time_delivery(source, stores.clock)
    (observed,) = counters.event_delivery.read().values()
    assert sum(observed.counts) == 2
    assert observed.total == pytest.approx(0.4)


def add_calls(path: Path, rows: int) -> None:
    """Calls as an earlier release has stored them, without the sums."""
    connection = sqlite3.connect(path)
    connection.executescript(MIGRATIONS[0])
    call = (1.0, "t1", 0, "p", "h", 10, 2, 0, 0, 0.001, 0.5, "stop")
    connection.executemany(
        "INSERT INTO agent_interactions(interaction_id, agent, model, success, ts, task_id, iteration, prompt_name, "
        "prompt_hash, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, seconds, "
        "finish_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (f"c{number}", tuple(AgentName)[number % 9], f"m{number % 3}", int(number % 10 > 0), *call)
            for number in range(rows)
        ),
    )
    connection.commit()
    connection.close()


async def test_sums_of_an_older_file_are_made_once_and_then_moved_by_every_call(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    add_calls(path, 1000)
    for _ in range(2):
        log = await SqliteInteractionLog.open(path)
        totals = await log.totals()
        assert sum(sums.calls for sums in totals) == 1000
        assert sum(sums.calls for sums in totals if not sums.success) == 100
        assert sum(sums.cost_usd for sums in totals) == pytest.approx(1.0)
        assert sum(entry.failures for entry in await log.metrics()) == 100
        await log.close()
    log = await SqliteInteractionLog.open(path)
    await log.record(a_call("new", agent=AgentName.GIT, model="new"))
    await log.record(a_call("new", agent=AgentName.GIT, model="new"))
    (sums,) = (sums for sums in await log.totals() if sums.model == "new")
    assert (sums.agent, sums.calls, sums.input_tokens, sums.cache_write_tokens) == (AgentName.GIT, 1, 100, 30)
    await log.close()


async def test_a_hundred_thousand_calls_are_not_read_again_by_a_scrape(tmp_path: Path) -> None:
    """The plan is what is asserted, because times depend on the machine."""
    path = tmp_path / "many.db"
    add_calls(path, 100_000)
    log = await SqliteInteractionLog.open(path)
    families = await scraped(metrics(log))
    assert sum(sample.value for sample in families["autonomy_model_calls"].samples) == 100_000
    await log.close()
    connection = sqlite3.connect(path)
    for question in ("SELECT * FROM call_totals ORDER BY agent, model, success", "SELECT * FROM agent_metrics"):
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
        assert "call_totals" in plan
        assert "agent_interactions" not in plan
        assert "interaction_texts" not in plan
    assert connection.execute("SELECT count(*) FROM call_totals").fetchone()[0] <= 9 * 3 * 2
    connection.close()


async def test_tasks_are_counted_from_the_index_of_their_statuses(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        for number in range(3):
            await stores.tasks.create(a_task(f"t{number}"))
        await stores.tasks.update("t1", status="running")
        counts = await stores.tasks.counts()
        plan = await stores.database.read(
            lambda connection: connection.execute(
                "EXPLAIN QUERY PLAN SELECT status, count(*) FROM tasks GROUP BY status"
            ).fetchall()
        )
    assert counts == {status: {"queued": 2, "running": 1}.get(status.value, 0) for status in TaskStatus}
    assert "COVERING INDEX tasks_by_status" in str([tuple(row) for row in plan])


def test_durations_fall_into_the_first_bound_that_is_not_below_them() -> None:
    histogram = ProcessCounters().sandbox_runs
    for seconds in (0.0, 0.1, 0.11, 1e6):
        histogram.observe(seconds, "python", "ok")
    (observed,) = histogram.read().values()
    assert observed.counts == (2, 1, *[0] * (len(histogram.bounds) - 2), 1)
