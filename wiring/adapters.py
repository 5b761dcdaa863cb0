"""The adapters that the settings choose: sandbox, code host, models, output files, webhook."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from code_host.local import LocalCodeHost
from config import Settings
from core.ports import CodeHost, ModelClient, SandboxProvider
from llm.gateway import model_gateway
from llm.litellm_client import LiteLLMClient
from llm.mailbox import MailboxClient
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


def make_models(
    settings: Settings, stores: Stores, watch: Watch, prices: PriceBook, offline: ModelClient
) -> ModelClient:
    """The gateway that every agent's calls go through; `offline` answers for `offline/...`."""
    clock = SystemClock()
    router = RouterClient(
        offline=offline,
        mailbox=MailboxClient(clock, deadline_s=settings.mailbox_deadline_hours * 3600),
        remote=LiteLLMClient(
            api_keys=settings.provider_keys,
            api_bases=settings.provider_bases,
            stall_timeout_s=settings.llm_stall_timeout,
        ),
        model_params=settings.model_llm_params,
        agent_params=settings.agent_llm_params,
    )
    return model_gateway(
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
        fallback=settings.model_fallback,
        unknown_price=settings.unknown_price,
        watched=watch.tracing.around_model,
        on_retry=watch.counters.count_retry,
    )


async def write_output(directory: str, task_id: str, files: Mapping[str, str]) -> str:
    target = Path(directory) / task_id
    await asyncio.to_thread(export_files, files, target)
    return str(target)


def webhook_dispatcher(url: str, settings: Settings, stores: Stores, clock: SystemClock) -> Dispatcher:
    from notifiers.webhook import WebhookNotifier

    notifier = WebhookNotifier(url, settings.webhook_secret or "", clock)
    return Dispatcher(Channel("webhook", notifier, settings.webhook_events), stores.events, stores.effects, clock)
