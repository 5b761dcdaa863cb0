"""The models that the settings choose: the client of all calls, and which of them cannot be asked."""

from dataclasses import dataclass
from pathlib import Path

from agents.fitting import Window, Windows
from config import Settings, model_setting
from core.ports import ModelClient
from core.redaction import Redactor
from core.types import AgentName
from llm.access import problems_with
from llm.cassettes.player import Cassettes
from llm.cassettes.recorder import CassetteRecorder, Recording
from llm.gateway import model_gateway
from llm.litellm_client import LiteLLMClient
from llm.mailbox import MailboxClient
from llm.metered import MeteredClient
from llm.model_table import ModelTable
from llm.parameters import Parameters
from llm.prices import PriceBook
from llm.retrying import RetryPolicy
from llm.router import RouterClient
from wiring.stores import Stores, SystemClock, Watch


@dataclass(frozen=True)
class Models:
    """`gateway` is what every agent's calls go through; `metered` asks and pays, without journal, retries and fallback."""

    gateway: ModelClient
    metered: ModelClient
    prices: PriceBook
    table: ModelTable
    cassettes: Cassettes


def make_models(
    settings: Settings,
    stores: Stores,
    watch: Watch,
    clock: SystemClock,
    offline: ModelClient,
    *,
    record: Path | None = None,
) -> Models:
    """`offline` answers for `offline/...`; calls are written into the cassette at `record`."""
    parameters, table = layers(settings), ModelTable(settings.model_context_windows)
    router = RouterClient(
        offline=offline,
        mailbox=MailboxClient(clock, deadline_s=settings.mailbox_deadline_hours * 3600),
        remote=_remote(settings, table),
        parameters=parameters,
    )
    prices = PriceBook.load(settings.model_pricing)
    cassettes = Cassettes(Redactor(settings.secrets), settings.models())
    gateway = model_gateway(
        router,
        log=stores.interactions,
        events=stores.events,
        ledger=stores.ledger,
        prices=prices,
        clock=clock,
        retries=RetryPolicy(
            max_retries=settings.llm_max_retries,
            base_delay_s=settings.llm_retry_base_delay,
            max_delay_s=settings.llm_retry_max_delay,
            total_s=settings.llm_retry_total,
        ),
        cassettes=cassettes,
        fallback=settings.fallbacks(),
        table=table,
        unknown_price=settings.unknown_price,
        watched=watch.tracing.around_model,
        on_retry=watch.counters.count_retry,
    )
    if record is not None:
        gateway = CassetteRecorder(gateway, Recording.open(record), cassettes, parameters)
    metered = MeteredClient(router, stores.ledger, prices, unknown_price=settings.unknown_price)
    return Models(gateway, metered, prices, table, cassettes)


def windows_of(settings: Settings, models: Models) -> Windows:
    """Windows of the agents' models. A cassette's is that of the model it was recorded with, so that a replay asks alike."""
    fallbacks = settings.fallbacks()

    async def find(agent: AgentName, model: str) -> Window | None:
        own = await models.table.context_window(await models.cassettes.recorded_model(model, agent))
        if own is None:
            return None
        fallback = fallbacks.get(agent)
        larger = await models.table.context_window(fallback) if fallback else None
        return Window(own, max(own, larger or 0))

    return find


def layers(settings: Settings) -> Parameters:
    """The operator's parameters."""
    return Parameters(settings.model_llm_params, settings.agent_llm_params)


async def find_model_problems(settings: Settings, table: ModelTable) -> list[str]:
    """A sentence for each model of the settings that cannot be asked: a key that is missing, a provider that is none."""
    chosen = {f"{agent} ({model_setting(agent).upper()})": (agent, model) for agent, model in settings.models().items()}
    second = {
        f"{agent} (AGENT_FALLBACKS)" if agent in settings.agent_fallbacks else "MODEL_FALLBACK": (agent, model)
        for agent, model in settings.fallbacks().items()
    }
    parameters = layers(settings)
    wanted = {
        who: model
        for who, (agent, model) in (chosen | second).items()
        if not {"api_key", "api_base"} & parameters.of(model, agent).keys()  # else it has an access of its own
    }
    return await problems_with(wanted, table, keys=settings.provider_keys, bases=settings.provider_bases)


def _remote(settings: Settings, table: ModelTable) -> LiteLLMClient:
    return LiteLLMClient(
        api_keys=settings.provider_keys,
        api_bases=settings.provider_bases,
        table=table,
        adaptive_thinking=settings.adaptive_thinking,
        stall_timeout_s=settings.llm_stall_timeout,
        call_timeout_s=settings.llm_call_timeout,
    )
