"""What every ModelClient promises, wrappers included: a wrapper keeps the promise of what it wraps."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from agents.fitting import FittingClient, Window
from core.errors import ModelError
from core.models import Message, ModelRequest
from core.ports import ModelClient
from core.types import AgentName
from llm.fallback import FallbackClient
from llm.gateway import model_gateway
from llm.mailbox import MailboxClient, answer, list_pending
from llm.metered import MeteredClient
from llm.prices import PriceBook
from llm.providers import provider_of
from llm.recorded import RecordedClient
from llm.retrying import RetryingClient, RetryPolicy
from llm.router import RouterClient
from memory.ledger import SqliteLedger
from observability.interactions import SqliteInteractionLog
from observability.tracing import TracedModel
from tests.stopwatch import stopwatch
from tests.unit.llm.cassettes.tapes import player, recorder
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import sqlite_stores
from tests.unit.observability.recording import Recording

POLICY = RetryPolicy(max_retries=1, base_delay_s=0.01, max_delay_s=0.01)
Wrap = Callable[[ModelClient, Path], AbstractAsyncContextManager[ModelClient]]
Opened = tuple[ModelClient, str]
"""A client and the name of a model that it serves."""


@asynccontextmanager
async def bare(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield inner


@asynccontextmanager
async def router(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield RouterClient(offline=inner, mailbox=ScriptedClient(), remote=ScriptedClient())


@asynccontextmanager
async def retrying(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield RetryingClient(inner, POLICY)


@asynccontextmanager
async def fallback(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield FallbackClient(inner, "offline/other")


@asynccontextmanager
async def fitting(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    async def windows(agent: AgentName, model: str) -> Window:
        return Window(100_000, 100_000)

    yield FittingClient(inner, windows, str)


@asynccontextmanager
async def traced(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield TracedModel(inner, Recording().spans, provider_of)


@asynccontextmanager
async def metered(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    async with sqlite_stores(folder) as stores:
        yield MeteredClient(inner, await account(stores.ledger), PriceBook.load())


@asynccontextmanager
async def recorded(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    async with sqlite_stores(folder) as stores:
        yield RecordedClient(inner, log, stores.events, stores.clock)
    await log.close()


@asynccontextmanager
async def gateway(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    async with sqlite_stores(folder) as stores:
        yield model_gateway(
            RouterClient(offline=inner, mailbox=ScriptedClient(), remote=ScriptedClient()),
            log=log,
            events=stores.events,
            ledger=await account(stores.ledger),
            prices=PriceBook.load(),
            clock=stores.clock,
            retries=POLICY,
        )
    await log.close()


@asynccontextmanager
async def taped(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield recorder(inner, folder / "tape")


@asynccontextmanager
async def playing(inner: ModelClient, folder: Path) -> AsyncIterator[ModelClient]:
    yield player(inner=inner)


async def account(ledger: SqliteLedger) -> SqliteLedger:
    await ledger.open("t1", 1.0)
    return ledger


@asynccontextmanager
async def mailbox(folder: Path) -> AsyncIterator[Opened]:
    box = folder / "inbox"

    async def people() -> None:
        while True:
            for each in await asyncio.to_thread(list_pending, box):
                await asyncio.sleep(0.3)
                await asyncio.to_thread(answer, box, each.id, "The whole plan")
            await asyncio.sleep(0.02)

    answering = asyncio.create_task(people())
    yield MailboxClient(HandClock(time.time()), poll_s=0.02), f"mailbox/{box}"
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)


@asynccontextmanager
async def cassette(folder: Path) -> AsyncIterator[Opened]:
    """Replays in its own pace what was asked in the tests below: each question by two tasks."""
    tape = recorder(ScriptedClient("The whole plan", pieces=4, pause_s=0.1), folder / "tape")
    texts = ["Plan a todo list", *(f"Question {number}" for number in range(5))]
    requests = [a_request("offline/scaffold", text) for text in texts]
    twice = [*requests, *(request.model_copy(update={"task_id": "t2"}) for request in requests)]
    await asyncio.gather(*map(tape.complete, twice))
    await tape.close()
    yield player(), f"replay/{folder / 'tape'}?speed=1"


WRAPPERS: list[Wrap] = [bare, router, retrying, fallback, fitting, traced, metered, recorded, taped, playing, gateway]


def wrapped(wrap: Wrap) -> Callable[[Path], AbstractAsyncContextManager[Opened]]:
    @asynccontextmanager
    async def opened(folder: Path) -> AsyncIterator[Opened]:
        async with wrap(ScriptedClient("The whole plan", pieces=4, pause_s=0.1), folder) as client:
            yield client, "offline/scaffold"

    return opened


ADAPTERS = [pytest.param(wrapped(wrap), id=wrap.__name__) for wrap in WRAPPERS] + [
    pytest.param(mailbox, id="mailbox"),
    pytest.param(cassette, id="cassette"),
]


@pytest.fixture(params=ADAPTERS)
async def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    async with request.param(tmp_path) as opened:
        yield opened


def a_request(model: str, text: str = "Plan a todo list") -> ModelRequest:
    return ModelRequest(
        task_id="t1",
        agent=AgentName.PLANNER,
        model=model,
        messages=(Message(role="user", content=text),),
        prompt_name="planner/plan",
        prompt_hash="h",
    )


async def test_an_answer_comes_whole_and_in_pieces_that_make_up_the_whole(adapter: Opened) -> None:
    client, model = adapter
    pieces: list[str] = []
    response = await client.complete(a_request(model), pieces.append)
    assert response.text
    assert "".join(pieces) == response.text
    assert (response.model, response.finish_reason) == (model, "stop")
    assert response.usage.total > 0
    assert response.cost_usd >= 0


async def test_pieces_need_not_be_asked_for(adapter: Opened) -> None:
    client, model = adapter
    assert (await client.complete(a_request(model))).text


async def test_calls_at_once_do_not_mix(adapter: Opened) -> None:
    client, model = adapter
    heard: dict[int, list[str]] = {number: [] for number in range(5)}
    calls = [client.complete(a_request(model, f"Question {n}"), pieces.append) for n, pieces in heard.items()]
    for number, response in enumerate(await asyncio.gather(*calls)):
        assert "".join(heard[number]) == response.text


async def test_a_cancelled_call_ends_at_once_and_the_client_goes_on(adapter: Opened) -> None:
    client, model = adapter
    running = asyncio.create_task(client.complete(a_request(model)))
    await asyncio.sleep(0.05)
    running.cancel()
    with stopwatch() as spent:
        with pytest.raises(asyncio.CancelledError):
            await running
        assert spent() < 2
    assert (await client.complete(a_request(model))).text


async def test_a_client_can_be_closed_more_than_once(adapter: Opened) -> None:
    client, _ = adapter
    await client.close()
    await client.close()


@pytest.mark.parametrize("wrap", WRAPPERS)
async def test_a_wrapper_hands_on_the_request_and_closes_what_it_wraps(wrap: Wrap, tmp_path: Path) -> None:
    inner = ScriptedClient()
    async with wrap(inner, tmp_path) as client:
        await client.complete(a_request("offline/scaffold"))
        await client.close()
    assert [request.messages for request in inner.requests] == [a_request("offline/scaffold").messages]
    assert inner.closed == 1


@pytest.mark.parametrize("wrap", WRAPPERS)
async def test_a_wrapper_lets_a_final_failure_through(wrap: Wrap, tmp_path: Path) -> None:
    async with wrap(ScriptedClient(ModelError("out of order")), tmp_path) as client:
        with pytest.raises(ModelError, match="out of order"):
            await client.complete(a_request("offline/scaffold"))
