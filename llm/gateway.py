"""The wrappers in their order, from the outside in: recorded, cassette player, fallback, retrying, metered, and the router."""

from collections.abc import Callable
from functools import partial

from core.events import Notice
from core.models import ModelRequest
from core.ports import Clock, EventLog, InteractionLog, Ledger, ModelClient
from llm.cassettes.player import CassettePlayer, Cassettes
from llm.fallback import Fallback, FallbackClient
from llm.metered import MeteredClient, UnknownPrice
from llm.model_table import ModelTable
from llm.prices import PriceBook
from llm.recorded import RecordedClient
from llm.retrying import OnRetry, RetryingClient, RetryPolicy


def model_gateway(
    router: ModelClient,
    *,
    log: InteractionLog,
    events: EventLog,
    ledger: Ledger,
    prices: PriceBook,
    clock: Clock,
    retries: RetryPolicy,
    cassettes: Cassettes | None = None,
    fallback: Fallback = None,
    table: ModelTable | None = None,
    unknown_price: UnknownPrice = "ask",
    watched: Callable[[ModelClient], ModelClient] = lambda client: client,
    on_retry: OnRetry = lambda request: None,
) -> ModelClient:
    """The client that agents are given. `watched` wraps what really calls, with its retries, but not the journal.

    Metered stands inside the retries, so that every attempt reserves its own worst case at the price of the model
    that is really asked: a dearer fallback, or a second attempt after a paid broken stream, cannot pass the cap.
    """
    warn = partial(_warn_of_overrun, events)
    metered = MeteredClient(router, ledger, prices, unknown_price=unknown_price, on_overrun=warn)
    retrying = RetryingClient(metered, retries, on_retry=on_retry)
    windows = (table or ModelTable()).context_window
    answering = FallbackClient(retrying, fallback, context_window=windows)
    playing = CassettePlayer(answering, cassettes or Cassettes())
    return RecordedClient(watched(playing), log, events, clock)


async def _warn_of_overrun(events: EventLog, request: ModelRequest, reserved_usd: float, cost_usd: float) -> None:
    text = (
        f"a call of {request.model} by {request.agent} cost ${cost_usd:.4f}, although ${reserved_usd:.4f} was the most that "
        "it could cost: its provider counted more tokens than it was allowed. No further call is paid until you say so"
    )
    await events.append(request.task_id, Notice(level="warning", text=text))
