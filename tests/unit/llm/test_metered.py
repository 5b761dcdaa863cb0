"""Money around model calls, over the real ledger."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from core.budget import DayCaps, Price, Spend, estimate_tokens
from core.errors import BudgetExceeded, ModelError, ModelTransientError
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import Usage
from llm.metered import MeteredClient
from llm.prices import PriceBook
from llm.tokens import input_bound
from memory.ledger import SqliteLedger
from tests.unit.llm.scripted import ScriptedClient, a_request
from tests.unit.memory.stores import sqlite_stores

BOOK = PriceBook(own={}, shipped={"claude-sonnet-4-6": Price(input=3, output=15), "dear": Price(input=10, output=100)})
USAGE = Usage(input_tokens=10_000, output_tokens=1_000)
COST = 0.045
"""USD of a call with USAGE."""
WORST = 0.0152
"""USD at least set aside for `a_request()`: 1,000 output tokens at 15 USD per million, and its few words."""
LONG = "Plan a todo list. " * 1_500
"""Enough for the input of USAGE."""
Told = list[tuple[str, float, float]]


class Held(ScriptedClient):
    """Answers when `gate` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        response = await super().complete(request, on_delta)
        await self.gate.wait()
        return response


async def until_called(model: ScriptedClient) -> None:
    async with asyncio.timeout(60):
        while not model.requests:  # noqa: ASYNC110  # it is called in a task of its own
            await asyncio.sleep(0.005)


async def note(told: Told, request: ModelRequest, reserved_usd: float, cost_usd: float) -> None:
    told.append((request.model, reserved_usd, cost_usd))


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqliteLedger]:
    async with sqlite_stores(tmp_path) as stores:
        await stores.ledger.open("t1", 1.0)
        yield stores.ledger


async def test_a_call_is_paid_with_what_it_really_cost(ledger: SqliteLedger) -> None:
    told: Told = []
    client = MeteredClient(ScriptedClient(usage=USAGE), ledger, BOOK, on_overrun=partial(note, told))
    response = await client.complete(a_request(LONG))
    assert response.cost_usd == pytest.approx(COST)
    assert told == []
    assert await ledger.spend("t1") == Spend(cap_usd=1.0, spent_usd=COST, reserved_usd=0.0)


async def test_while_a_call_runs_its_worst_case_is_set_aside(ledger: SqliteLedger) -> None:
    inner = Held()
    running = asyncio.create_task(MeteredClient(inner, ledger, BOOK).complete(a_request()))
    await until_called(inner)
    assert (await ledger.spend("t1")).reserved_usd >= WORST
    inner.gate.set()
    await running
    assert (await ledger.spend("t1")).reserved_usd == 0


async def test_a_call_whose_worst_case_does_not_fit_is_never_made(ledger: SqliteLedger) -> None:
    await ledger.set_cap("t1", 0.01)
    inner = ScriptedClient()
    with pytest.raises(BudgetExceeded) as caught:
        await MeteredClient(inner, ledger, BOOK).complete(a_request())
    assert inner.requests == []
    assert caught.value.fields["cap_usd"] == 0.01
    assert (await ledger.spend("t1")).reserved_usd == 0


async def test_the_account_that_a_request_names_pays_for_it(ledger: SqliteLedger) -> None:
    await ledger.open("t1-replies", 0.5)
    await MeteredClient(ScriptedClient(usage=USAGE), ledger, BOOK).complete(a_request(account="t1-replies"))
    assert (await ledger.spend("t1-replies")).spent_usd == COST
    assert (await ledger.spend("t1")).spent_usd == 0


REFUSED = [ModelTransientError("busy", provider_status=429), ModelError("no such model", provider_status=404)]
LOST = [ModelTransientError("it was silent for 120 s"), RuntimeError("a bug"), asyncio.CancelledError()]


@pytest.mark.parametrize("error", [*REFUSED, ModelError("a parameter that is not sent")])
async def test_a_call_that_its_provider_refused_costs_nothing(ledger: SqliteLedger, error: Exception) -> None:
    with pytest.raises(type(error)):
        await MeteredClient(ScriptedClient(error), ledger, BOOK).complete(a_request())
    assert await ledger.spend("t1") == Spend(cap_usd=1.0)


@pytest.mark.parametrize("error", LOST)
async def test_a_call_of_which_nothing_is_known_is_charged_for_its_input(
    ledger: SqliteLedger, error: BaseException
) -> None:
    request = a_request()
    with pytest.raises(type(error)):
        await MeteredClient(ScriptedClient(error), ledger, BOOK).complete(request)
    spend = await ledger.spend("t1")
    assert (spend.spent_usd, spend.reserved_usd) == (pytest.approx(input_bound(request) * 3 / 1e6, abs=1e-6), 0)


async def test_an_answer_that_broke_off_is_charged_for_its_input_and_what_had_arrived(ledger: SqliteLedger) -> None:
    client = MeteredClient(ScriptedClient(ModelTransientError("cut"), pieces_before_failure=1), ledger, BOOK)
    with pytest.raises(ModelTransientError):
        await client.complete(a_request())
    spend = await ledger.spend("t1")
    assert 0 < spend.spent_usd < WORST
    assert spend.reserved_usd == 0


async def test_a_cancelled_call_gives_back_its_reservation_and_is_charged_for_its_input(ledger: SqliteLedger) -> None:
    inner = ScriptedClient(pause_s=600)
    running = asyncio.create_task(MeteredClient(inner, ledger, BOOK).complete(a_request()))
    await until_called(inner)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    spend = await ledger.spend("t1")
    assert 0 < spend.spent_usd < 0.001
    assert spend.reserved_usd == 0


async def test_a_call_cancelled_at_any_moment_leaves_nothing_reserved(ledger: SqliteLedger) -> None:
    client = MeteredClient(ScriptedClient(), ledger, BOOK)
    for turns in range(12):
        running = asyncio.create_task(client.complete(a_request()))
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert (await ledger.spend("t1")).reserved_usd == 0


@pytest.mark.parametrize("turns", range(3))
async def test_a_call_that_is_cancelled_as_room_becomes_free_is_not_made(ledger: SqliteLedger, turns: int) -> None:
    await ledger.set_cap("t1", 0.02)
    inner = Held()
    client = MeteredClient(inner, ledger, BOOK)
    first = asyncio.create_task(client.complete(a_request("first")))
    await until_called(inner)
    second = asyncio.create_task(client.complete(a_request("second")))
    async with asyncio.timeout(60):
        while not client._room._freed:  # noqa: ASYNC110  # it waits in a task of its own
            await asyncio.sleep(0.005)
    freed = next(iter(client._room._freed.values()))
    inner.gate.set()
    await freed.wait()
    for _ in range(turns):
        await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert second.cancelled()
    assert len(inner.requests) == 1
    assert (await ledger.spend("t1")).reserved_usd == 0


async def test_parallel_calls_that_fit_one_after_the_other_wait_for_each_other(ledger: SqliteLedger) -> None:
    await ledger.set_cap("t1", 0.04)
    client = MeteredClient(ScriptedClient(pause_s=0.01), ledger, BOOK)
    responses = await asyncio.gather(*(client.complete(a_request(str(number))) for number in range(6)))
    spend = await ledger.spend("t1")
    assert len(responses) == 6
    assert spend.spent_usd == pytest.approx(6 * 0.00045, abs=1e-5)


async def test_a_call_does_not_wait_for_reservations_that_a_dead_process_left(ledger: SqliteLedger) -> None:
    await ledger.reserve("t1", "left over", 0.99)
    async with asyncio.timeout(50):
        with pytest.raises(BudgetExceeded):
            await MeteredClient(ScriptedClient(), ledger, BOOK).complete(a_request())


async def test_a_wait_for_room_ends_after_its_time(ledger: SqliteLedger) -> None:
    await ledger.set_cap("t1", 0.02)
    inner = Held()
    client = MeteredClient(inner, ledger, BOOK, room_wait_s=0.05)
    first = asyncio.create_task(client.complete(a_request("first")))
    await until_called(inner)
    with pytest.raises(BudgetExceeded):
        await client.complete(a_request("second"))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_deny_names_the_model_and_the_setting(ledger: SqliteLedger) -> None:
    inner = ScriptedClient()
    client = MeteredClient(inner, ledger, BOOK, unknown_price="deny")
    with pytest.raises(ModelError, match=r"nobody/knows.*UNKNOWN_PRICE"):
        await client.complete(a_request(model="nobody/knows"))
    assert inner.requests == []


async def test_upper_bound_charges_the_dearest_price(ledger: SqliteLedger) -> None:
    client = MeteredClient(ScriptedClient(usage=USAGE), ledger, BOOK, unknown_price="upper_bound")
    response = await client.complete(a_request(model="nobody/knows"))
    assert response.cost_usd == pytest.approx(0.2)


async def test_ask_stops_before_the_call_and_goes_on_at_the_dearest_price_once_the_cap_is_raised(
    ledger: SqliteLedger,
) -> None:
    inner = ScriptedClient(usage=USAGE)
    client = MeteredClient(inner, ledger, BOOK, unknown_price="ask")
    for _ in range(2):
        with pytest.raises(BudgetExceeded) as caught:
            await client.complete(a_request(model="nobody/knows"))
        assert caught.value.fields["unknown_price"] is True
        assert caught.value.fields["model"] == "nobody/knows"
    assert inner.requests == []
    await ledger.set_cap("t1", 2.0)
    assert (await client.complete(a_request(model="nobody/knows"))).cost_usd == pytest.approx(0.2)


async def test_an_account_that_no_answer_can_raise_is_charged_the_dearest_price_without_a_question(
    ledger: SqliteLedger,
) -> None:
    await ledger.open("t1-replies", 0.5)
    client = MeteredClient(ScriptedClient(usage=USAGE), ledger, BOOK, unknown_price="ask")
    response = await client.complete(a_request(model="nobody/knows", account="t1-replies"))
    assert response.cost_usd == pytest.approx(0.2)


async def test_a_free_model_runs_on_a_budget_of_nothing(ledger: SqliteLedger) -> None:
    await ledger.set_cap("t1", 0.0)
    response = await MeteredClient(ScriptedClient(), ledger, BOOK).complete(a_request(model="offline/scaffold"))
    assert response.cost_usd == 0
    assert await ledger.spend("t1") == Spend(cap_usd=0.0)


async def test_the_offline_model_with_a_price_is_paid_per_call(ledger: SqliteLedger) -> None:
    client = MeteredClient(ScriptedClient(), ledger, BOOK)
    await client.complete(a_request(model="offline/scaffold?price=0.4"))
    await client.complete(a_request(model="offline/scaffold?price=0.4"))
    with pytest.raises(BudgetExceeded):
        await client.complete(a_request(model="offline/scaffold?price=0.4"))
    assert (await ledger.spend("t1")).spent_usd == 0.8


@pytest.mark.parametrize("cached", [{}, {"cache_write_tokens": 1}, {"cache_read_tokens": 1}])
async def test_a_call_that_uses_all_it_may_costs_what_was_set_aside(
    ledger: SqliteLedger, cached: dict[str, int]
) -> None:
    book = PriceBook(own={}, shipped={"m": Price(input=3, output=15, cache_read=0.3, cache_write=3.75, per_call=0.01)})
    request = a_request(LONG, model="m")
    most = input_bound(request)
    usage = Usage(input_tokens=most, output_tokens=1_000, **dict.fromkeys(cached, most))
    told: Told = []
    await MeteredClient(ScriptedClient(usage=usage), ledger, book, on_overrun=partial(note, told)).complete(request)
    assert told == []
    assert (await ledger.spend("t1")).overrun_usd == 0


async def test_what_a_provider_counts_beyond_that_is_paid_told_and_stops_the_next_call(ledger: SqliteLedger) -> None:
    usage = Usage(input_tokens=100, output_tokens=1_200)
    told: Told = []
    inner = ScriptedClient(usage=usage)
    client = MeteredClient(inner, ledger, BOOK, on_overrun=partial(note, told))
    response = await client.complete(a_request())
    assert response.cost_usd == pytest.approx(0.0183)
    ((model, reserved, cost),) = told
    assert (model, cost) == ("claude-sonnet-4-6", pytest.approx(0.0183))
    assert WORST < reserved < cost
    with pytest.raises(BudgetExceeded, match="until you say so"):
        await client.complete(a_request())
    assert len(inner.requests) == 1
    await ledger.set_cap("t1", 1.0)
    await client.complete(a_request())


async def test_a_guess_where_the_provider_counted_nothing_is_no_overrun(ledger: SqliteLedger) -> None:
    answer = "word " * 2_000
    guessed = Usage(input_tokens=estimate_tokens(4_000), output_tokens=estimate_tokens(len(answer)))
    told: Told = []
    request = a_request(" " * 4_000)
    client = MeteredClient(ScriptedClient(answer, usage=guessed), ledger, BOOK, on_overrun=partial(note, told))
    response = await client.complete(request)
    assert guessed.output_tokens > request.max_output_tokens
    assert guessed.input_tokens > input_bound(request)
    assert told == []
    assert response.cost_usd == pytest.approx((input_bound(request) * 3 + 1_000 * 15) / 1e6)


async def test_what_was_said_about_an_unknown_price_is_remembered_by_the_next_process(ledger: SqliteLedger) -> None:
    request = a_request(model="nobody/knows")
    with pytest.raises(BudgetExceeded):
        await MeteredClient(ScriptedClient(), ledger, BOOK).complete(request)
    await ledger.set_cap("t1", 1.0)
    assert (await MeteredClient(ScriptedClient(), ledger, BOOK).complete(request)).cost_usd > 0


async def test_calls_of_several_tasks_wait_for_each_others_room_in_the_day(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, caps=DayCaps(day_usd=0.02)) as stores:
        for number in range(6):
            await stores.ledger.open(f"t{number}", 1.0, f"caller{number % 2}")
        client = MeteredClient(ScriptedClient(pause_s=0.01), stores.ledger, BOOK)
        await asyncio.gather(*(client.complete(a_request(task_id=f"t{number}")) for number in range(6)))
        (day, *_) = await stores.ledger.today()
        assert (day.spent_usd, day.reserved_usd) == (pytest.approx(6 * 0.00045, abs=1e-5), 0)


async def test_when_the_day_is_used_up_a_call_says_so_at_once_and_the_next_day_it_fits(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path, caps=DayCaps(day_usd=0.02)) as stores:
        for task in ("t1", "t2"):
            await stores.ledger.open(task, 1.0)
        client = MeteredClient(ScriptedClient(usage=Usage(input_tokens=50, output_tokens=1_000)), stores.ledger, BOOK)
        await client.complete(a_request())
        async with asyncio.timeout(50):
            with pytest.raises(BudgetExceeded) as caught:
                await client.complete(a_request(task_id="t2"))
        assert caught.value.fields["scope"] == "day"
        stores.clock.time += 86_400
        await client.complete(a_request(task_id="t2"))


async def test_a_free_model_leaves_the_ledger_alone(ledger: SqliteLedger) -> None:
    client = MeteredClient(ScriptedClient(), ledger, BOOK)
    await client.complete(a_request(model="offline/scaffold", task_id="has no account"))
