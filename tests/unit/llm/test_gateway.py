"""The wrappers together: retries, fallback, money and record of one call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.budget import Price
from core.errors import BudgetExceeded, ModelError, ModelTransientError
from core.events import LlmEnd, LlmStart
from core.models import InteractionFilter
from core.ports import ModelClient
from core.types import Usage
from llm.gateway import model_gateway
from llm.prices import PriceBook
from llm.providers import provider_of
from llm.retrying import RetryPolicy
from observability.interactions import SqliteInteractionLog
from observability.spans import Spans
from observability.tracing import TracedModel
from tests.unit.llm.scripted import ScriptedClient, a_request
from tests.unit.memory.stores import Stores, a_task, sqlite_stores
from tests.unit.observability.recording import Recording

USAGE = Usage(input_tokens=10_000, output_tokens=1_000)
BOOK = PriceBook(own={}, shipped={"claude-sonnet-4-6": Price(input=3, output=15), "dear": Price(input=10, output=100)})
BUSY = ModelTransientError("busy", provider_status=429)


@dataclass(frozen=True)
class Around:
    stores: Stores
    log: SqliteInteractionLog

    def gateway(self, inner: ModelClient, spans: Spans | None = None) -> ModelClient:
        return model_gateway(
            inner,
            log=self.log,
            events=self.stores.events,
            ledger=self.stores.ledger,
            prices=BOOK,
            clock=self.stores.clock,
            retries=RetryPolicy(max_retries=1, base_delay_s=0.01),
            fallback="dear",
            watched=lambda client: TracedModel(client, spans, provider_of) if spans else client,
        )


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    log = await SqliteInteractionLog.open(tmp_path / "interactions.db")
    async with sqlite_stores(tmp_path) as stores:
        await stores.tasks.create(a_task())
        await stores.ledger.open("t1", 1.0)
        yield Around(stores, log)
    await log.close()


async def test_ledger_log_events_and_task_agree_on_what_a_call_cost(around: Around) -> None:
    inner = ScriptedClient(BUSY, BUSY, "from the fallback", usage=USAGE)
    response = await around.gateway(inner).complete(a_request())
    assert [request.model for request in inner.requests] == ["claude-sonnet-4-6", "claude-sonnet-4-6", "dear"]
    (logged,) = await around.log.list(InteractionFilter())
    ends = [each.event for each in await around.stores.events.read(task_id="t1") if isinstance(each.event, LlmEnd)]
    task = await around.stores.tasks.get("t1")
    costs = [response.cost_usd, logged.cost_usd, ends[0].cost_usd, task.total_cost_usd]
    costs.append((await around.stores.ledger.spend("t1")).spent_usd)
    assert costs == [pytest.approx(0.2)] * 5
    assert logged.model == "dear"


async def test_a_fallback_that_is_too_dear_for_the_cap_is_not_called(around: Around) -> None:
    await around.stores.ledger.set_cap("t1", 0.05)
    inner = ScriptedClient(BUSY)
    with pytest.raises(BudgetExceeded):
        await around.gateway(inner).complete(a_request())
    assert {request.model for request in inner.requests} == {"claude-sonnet-4-6"}


async def test_attempts_that_broke_off_are_paid_for_too_and_everybody_says_so(around: Around) -> None:
    inner = ScriptedClient(BUSY, "An answer", usage=USAGE, pieces_before_failure=1)
    response = await around.gateway(inner).complete(a_request())
    spent = (await around.stores.ledger.spend("t1")).spent_usd
    assert spent > 0.045, "the answer alone"
    assert response.cost_usd == pytest.approx(spent)
    assert (await around.stores.tasks.get("t1")).total_cost_usd == pytest.approx(spent)


async def test_a_call_that_came_to_nothing_is_shown_with_what_it_cost(around: Around) -> None:
    inner = ScriptedClient(*[BUSY] * 9, usage=USAGE, pieces_before_failure=1)
    with pytest.raises(ModelError):
        await around.gateway(inner).complete(a_request())
    spent = (await around.stores.ledger.spend("t1")).spent_usd
    assert spent > 0
    (logged,) = await around.log.list(InteractionFilter())
    assert (logged.success, logged.cost_usd) == (False, pytest.approx(spent))
    assert (await around.stores.tasks.get("t1")).total_cost_usd == pytest.approx(spent)


async def test_however_many_attempts_there_are_a_call_starts_and_ends_once(around: Around) -> None:
    await around.gateway(ScriptedClient(BUSY, "An answer")).complete(a_request())
    told = [each.event for each in await around.stores.events.read(task_id="t1")]
    assert [type(event) for event in told[1:]] == [LlmStart, LlmEnd]


async def test_a_call_that_is_in_the_journal_costs_nothing_the_second_time(around: Around) -> None:
    gateway = around.gateway(ScriptedClient(usage=USAGE))
    await gateway.complete(a_request())
    before = await around.stores.ledger.spend("t1")
    await gateway.complete(a_request())
    assert await around.stores.ledger.spend("t1") == before


async def test_what_is_watched_is_a_call_with_its_tries_and_its_fallback_but_not_one_from_the_journal(
    around: Around,
) -> None:
    recording = Recording()
    gateway = around.gateway(ScriptedClient(BUSY, BUSY, "from the fallback", usage=USAGE), recording.spans)
    await gateway.complete(a_request())
    await gateway.complete(a_request())
    said = dict(recording.only().attributes or {})
    assert (said["gen_ai.request.model"], said["gen_ai.response.model"]) == ("claude-sonnet-4-6", "dear")
    (logged,) = await around.log.list(InteractionFilter())
    assert said["gen_ai.usage.input_tokens"] == logged.usage.input_tokens
    assert said["autonomy.cost_usd"] == logged.cost_usd
