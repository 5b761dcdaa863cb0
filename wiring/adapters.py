"""The adapters that the settings choose: sandbox, code host, models, output files, webhook."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from code_host.local import LocalCodeHost
from config import Settings
from core.ports import CodeHost, ModelClient, SandboxProvider
from core.redaction import Redactor
from llm.cassettes.player import Cassettes
from llm.cassettes.recorder import CassetteRecorder, Recording
from llm.gateway import model_gateway
from llm.litellm_client import LiteLLMClient
from llm.mailbox import MailboxClient
from llm.metered import MeteredClient
from llm.parameters import Parameters
from llm.prices import PriceBook
from llm.retrying import RetryPolicy
from llm.router import RouterClient
from sandbox.choice import build as build_sandbox
from sandbox.choice import choose, find_bwrap
from sandbox.toolchain import default_home, locate
from tasks.notifying import Channel, Dispatcher
from wiring.stores import Stores, SystemClock, Watch
from workspace.export import export_files


def make_sandbox(settings: Settings) -> SandboxProvider:
    """The sandbox for these settings; one that refuses, with the reason, where nothing isolates."""
    home = default_home(os.getuid(), Path.home())
    folders = [Path(entry) for entry in os.get_exec_path()] + [home / "tools" / "bubblewrap" / "usr" / "bin"]
    choice = choose(
        settings.sandbox_backend,
        bwrap=find_bwrap(folders),
        opt_in=settings.sandbox_allow_unsandboxed,
        uid=os.getuid(),
        only_loopback=settings.only_loopback,
    )
    return build_sandbox(
        choice,
        toolchains=locate(settings.sandbox_toolchains or home / "toolchains"),
        state_dir=settings.data_dir / "sandbox",
        max_parallel=settings.sandbox_max_parallel,
    )


def make_code_host(settings: Settings) -> CodeHost:
    """Where approved work is published."""
    return LocalCodeHost(settings.data_dir / "code_host", SystemClock())


@dataclass(frozen=True)
class Models:
    """`gateway` is what every agent's calls go through; `metered` asks and pays, without journal, retries and fallback."""

    gateway: ModelClient
    metered: ModelClient
    prices: PriceBook
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
    parameters = Parameters(settings.model_llm_params, settings.agent_llm_params)
    router = RouterClient(
        offline=offline,
        mailbox=MailboxClient(clock, deadline_s=settings.mailbox_deadline_hours * 3600),
        remote=LiteLLMClient(
            api_keys=settings.provider_keys,
            api_bases=settings.provider_bases,
            stall_timeout_s=settings.llm_stall_timeout,
        ),
        parameters=parameters,
    )
    prices = PriceBook.load(settings.model_pricing)
    redactor = Redactor(settings.secrets)
    cassettes = Cassettes(redactor, settings.models())
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
        ),
        cassettes=cassettes,
        fallback=settings.model_fallback,
        unknown_price=settings.unknown_price,
        watched=watch.tracing.around_model,
        on_retry=watch.counters.count_retry,
    )
    if record is not None:
        gateway = CassetteRecorder(gateway, Recording.open(record), redactor, parameters)
    metered = MeteredClient(router, stores.ledger, prices, unknown_price=settings.unknown_price)
    return Models(gateway, metered, prices, cassettes)


async def write_output(directory: str, task_id: str, files: Mapping[str, str]) -> str:
    target = Path(directory) / task_id
    await asyncio.to_thread(export_files, files, target)
    return str(target)


def webhook_dispatcher(url: str, settings: Settings, stores: Stores, clock: SystemClock) -> Dispatcher:
    from notifiers.webhook import WebhookNotifier

    notifier = WebhookNotifier(url, settings.webhook_secret or "", clock)
    return Dispatcher(Channel("webhook", notifier, settings.webhook_events), stores.events, stores.effects, clock)
