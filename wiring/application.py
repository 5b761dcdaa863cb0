"""The whole service in the running loop: its parts opened in order, its work begun, and everything closed again."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agents.context import AgentContext
from agents.fitting import FittingClient
from agents.prompting import PromptLibrary
from agents.registry import AGENTS
from api.claims import Links
from api.gate import Gate
from api.routes.insight import VERSION
from api.services import ApiDefaults, ApiServices
from config import PROJECT, Settings, model_setting
from core.computing import short_turns
from core.ports import Engine, ModelClient, RuleExperiments, SandboxProvider
from engine.data_lock import DataLock
from graph.checkpoints import Checkpoints, open_checkpoints
from graph.context import GraphContext
from graph.history import History
from graph.retention import Retention
from graph.runner import Runner
from graph.threads import Threads
from graph.workflow import WORKFLOWS
from llm.offline.client import OfflineModel
from llm.prices import PriceBook
from llm.roomy import RoomyClient
from memory.room import DiskRoom
from notifiers.log import LogNotifier
from observability.counters import ProcessCounters
from observability.logs import with_task_in_log
from observability.metrics import Metrics, Sources
from observability.sandbox_runs import WatchedSandboxProvider
from tasks.admission import Admission, Doors
from tasks.alerts import BudgetAlerts
from tasks.demos import Demos
from tasks.forecasting import Forecaster
from tasks.history import HistoryService, Past
from tasks.identities import IdentityService
from tasks.inbox import Inbox
from tasks.notifying import Channel, tell_live
from tasks.recovery import end_cut_off_calls
from tasks.replies import ReplyReader
from tasks.requests import RequestWatch
from tasks.service import Services, TaskService
from wiring.adapters import make_sandbox, write_output
from wiring.admitting import limits_of, refusing
from wiring.analytics import rows_of
from wiring.apart import Apart, engine_of
from wiring.channels import dispatchers, make_links, open_chat, request_watch
from wiring.checking import part_checker
from wiring.code_hosts import chosen_host
from wiring.experimenting import ServiceExperiments
from wiring.learning import Learning, make_learning
from wiring.model_setup import ModelChecker, describe_models
from wiring.models import Models, find_model_problems, make_models, windows_of
from wiring.moving import identity_service, moving_service
from wiring.outside import Outside, open_outside
from wiring.stores import Stores, SystemClock, Watch, open_stores, open_tracing
from workspace.export import archive

if TYPE_CHECKING:
    from wiring.chat import Chat

log = logging.getLogger(__name__)
REPLACED_EXIT_CODE = 70


@dataclass(frozen=True)
class Application:
    """Everything that runs in one process: the user's commands, and what the API shows."""

    commands: TaskService
    api: ApiServices
    thinking: AgentContext
    learning: Learning


def _end_at_once(what: str) -> None:
    """Another process runs our tasks: end before anything is written about them here."""
    log.critical("%s; this process ends", what)
    os._exit(REPLACED_EXIT_CODE)


@dataclass(frozen=True)
class _Given:
    """What the caller of `open_application` gave, with what stands for what he did not."""

    settings: Settings
    watch: Watch
    offline: ModelClient
    sandbox: SandboxProvider | None
    prompts: Path
    work: bool
    apart: Apart | None


@dataclass(frozen=True)
class _Parts:
    """Everything that was opened and made, before any of it works."""

    settings: Settings
    clock: SystemClock
    watch: Watch
    room: DiskRoom
    stores: Stores
    models: Models
    checkpoints: Checkpoints
    context: GraphContext
    engine: Engine
    commands: TaskService
    history: HistoryService
    identities: IdentityService
    learning: Learning
    runner: Runner
    links: Links | None
    demos: Demos
    watch_requests: RequestWatch | None
    chat: "Chat | None"


@asynccontextmanager
async def open_application(
    settings: Settings,
    *,
    url: str = "",
    offline: ModelClient | None = None,
    sandbox: SandboxProvider | None = None,
    prompts: Path = PROJECT / "prompts",
    work: bool = True,
    apart: Apart | None = None,
) -> AsyncIterator[Application]:
    """Take the data directory, start everything, recover what was under way; on exit drain and close.

    `offline` stands in for the offline model, for those who measure or test the workflow around it; `sandbox` for the one
    that the settings choose; `prompts` for the folder of prompts. Without `work` no run begins or goes on: for those who
    only look. `apart` is for an application beside the service, in the same process or another.

    Raises Refused when another process holds the data directory, InvalidInput when a cassette cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(short_turns())
        watch = Watch(ProcessCounters(), open_tracing(settings))
        stack.push_async_callback(watch.tracing.close)  # the last of all: the data directory is free by then
        lock = DataLock.acquire(settings.data_dir, {"url": url})
        stack.callback(lock.release)
        given = _Given(settings, watch, offline or OfflineModel(), sandbox, prompts, work, apart)
        parts = await _open_parts(stack, given)
        await parts.commands.charge_leftovers()
        if work:
            await _start_work(stack, parts)
        stack.push_async_callback(parts.learning.asked.stop)
        yield Application(parts.commands, _api_services(parts), parts.context.thinking, parts.learning)


async def _open_parts(stack: AsyncExitStack, given: _Given) -> _Parts:
    settings, watch = given.settings, given.watch
    data, clock = settings.data_dir, SystemClock()
    stores = await open_stores(stack, settings, clock)
    stores = given.apart.stores(stores) if given.apart else stores
    _in_background(stack, watch.counters.time_delivery(stores.events.subscribe(), clock), "event delivery")
    sandbox = _watched_sandbox(stack, given)
    room = DiskRoom(data, settings.min_free_disk_mb << 20)
    record = settings.record if given.work else None
    models = make_models(settings, stores, watch, clock, given.offline, record=record)
    model = _fitting(stack, settings, models, room)
    if given.work:
        await models.cassettes.open_all()
    kept = open_checkpoints(data / "checkpoints.db", synchronous=settings.sqlite_synchronous)
    checkpoints = await stack.enter_async_context(kept)
    thinking = _agent_context(given, stores, sandbox, model)
    forecasts = _forecaster(settings, stores, models.prices)
    outside = open_outside(stack, settings, stores, sandbox, clock)
    context = _graph_context(settings, stores, thinking, models, forecasts, outside)
    threads = Threads.over(WORKFLOWS, checkpoints)
    engine = engine_of(settings, given.apart)
    limits = limits_of(settings)
    check_models = refusing(await find_model_problems(settings, models.table))
    doors = Doors(stores.tasks, engine, stores.ledger, sandbox, room.check, check_models, stores.keys.most_active)
    admission = Admission(doors, limits)
    replies = ReplyReader(context.thinking, stores.ledger)
    services = Services(stores.tasks, stores.interrupts, engine, stores.ledger, admission, replies, forecasts, clock)
    commands = TaskService(services, WORKFLOWS, limits)
    past = Past(History(threads, context.workspaces), stores.tasks, stores.events, clock)
    history = HistoryService(past, WORKFLOWS, admission)
    return _Parts(
        settings=settings,
        clock=clock,
        watch=watch,
        room=room,
        stores=stores,
        models=models,
        checkpoints=checkpoints,
        context=context,
        engine=engine,
        commands=commands,
        history=history,
        identities=identity_service(settings, stores, clock),
        learning=make_learning(settings, stores, thinking, clock, _experiments(given, stores)),
        runner=Runner(threads, context, replaced=_end_at_once, keep_past=settings.checkpoint_retention_days > 0),
        links=make_links(settings),
        demos=outside.demos,
        watch_requests=request_watch(settings, stores, context.code_host, history, clock),
        chat=open_chat(stack, settings, stores, commands, outside),
    )


def _experiments(given: _Given, stores: Stores) -> RuleExperiments | None:
    """None in an application that is itself one arm of an experiment."""
    return None if given.apart else ServiceExperiments(given.settings, stores, given.sandbox)


def _watched_sandbox(stack: AsyncExitStack, given: _Given) -> WatchedSandboxProvider:
    watches = [given.watch.counters.time_run, *given.watch.tracing.run_watches]
    sandbox = WatchedSandboxProvider(given.sandbox or make_sandbox(given.settings), watches)
    stack.push_async_callback(sandbox.close)
    return sandbox


def _forecaster(settings: Settings, stores: Stores, prices: PriceBook) -> Forecaster:
    return Forecaster(stores.finished.newest, stores.interactions, settings.models(), prices.find, prices.dearest)


def _fitting(stack: AsyncExitStack, settings: Settings, models: Models, room: DiskRoom) -> ModelClient:
    """The gateway as agents call it: refused while the disk is full, and told what fits into its windows."""
    roomy = RoomyClient(models.gateway, room.check)
    stack.push_async_callback(roomy.close)
    return FittingClient(roomy, windows_of(settings, models), lambda agent: model_setting(agent).upper())


async def _start_work(stack: AsyncExitStack, parts: _Parts) -> None:
    """Tell the outside, prune, run what is to be run; on exit drain."""
    settings, stores = parts.settings, parts.stores
    _in_background(stack, tell_live(Channel("log", LogNotifier()), stores.events), "log")
    inbox = Inbox(stores.interrupts, parts.commands, settings.question_policy, parts.clock)
    _in_background(stack, inbox.run(), "inbox")
    if stores.analytics:
        stack.push_async_callback(stores.analytics.drain, settings.shutdown_grace_seconds)
        _in_background(stack, stores.analytics.shipper.run(), "analytics")
    _in_background(stack, BudgetAlerts(stores.events, stores.ledger, stores.effects).run(), "budget alerts")
    told = [parts.chat.channel] if parts.chat else []
    for dispatcher in dispatchers(settings, stores, parts.clock, parts.links, *told):
        dispatcher.start()
        stack.push_async_callback(dispatcher.stop, settings.shutdown_grace_seconds)
    keep_days = settings.checkpoint_retention_days
    retention = Retention(parts.checkpoints, stores.tasks, parts.clock, keep_days=keep_days)
    _in_background(stack, retention.run(), "retention")
    await parts.demos.forget_old()
    _in_background(stack, parts.identities.mend(), "memory diffs")
    at_work = await parts.commands.at_work()
    await end_cut_off_calls([task.task_id for task in at_work], stores.events, stores.interactions)
    run = parts.watch.tracing.around_segments(parts.runner.run_segment, stores.tasks)
    await parts.engine.start(with_task_in_log(run))
    stack.push_async_callback(parts.engine.stop, settings.shutdown_grace_seconds)
    stack.callback(parts.runner.drain)
    await parts.commands.recover(at_work)
    parts.learning.start(stack)
    if parts.watch_requests:
        _in_background(stack, parts.watch_requests.run(), "pull requests")
    if parts.chat:  # the last to begin, so that what it decides can still be enqueued when it ends
        parts.chat.bot.start()
        stack.push_async_callback(parts.chat.bot.stop, settings.shutdown_grace_seconds)
    log.info("ready; %d tasks go on", len(at_work))


def _in_background(stack: AsyncExitStack, work: Coroutine[None, None, None], name: str) -> None:
    """Run `work` until the end of `stack`, which cancels it."""
    task = asyncio.create_task(work, name=name)

    async def cancel() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(cancel)


def _agent_context(given: _Given, stores: Stores, sandbox: SandboxProvider, model: ModelClient) -> AgentContext:
    return AgentContext(
        model=model,
        identities=stores.last_known,
        sandbox=sandbox,
        events=stores.events,
        prompts=PromptLibrary(given.prompts),
        models=given.settings.models(),
        tracing=given.watch.tracing,
        frontend_self_review=given.settings.frontend_self_review,
    )


def _graph_context(
    settings: Settings,
    stores: Stores,
    thinking: AgentContext,
    models: Models,
    forecasts: Forecaster,
    outside: Outside,
) -> GraphContext:
    clock = SystemClock()
    return GraphContext(
        agents=AGENTS,
        thinking=thinking,
        tasks=stores.tasks,
        interrupts=stores.interrupts,
        questions=settings.question_policy,
        requests=settings.request_defaults,
        workspaces=outside.workspaces,
        sandbox=thinking.sandbox,
        code_host=outside.code_host,
        ci=chosen_host(settings),
        demos=outside.demos,
        effects=stores.effects,
        ledger=stores.ledger,
        forecasts=forecasts,
        clock=clock,
        write_output=write_output,
        unasked=partial(models.cassettes.unasked, log=stores.interactions),
    )


def _metrics(parts: _Parts) -> Metrics:
    stores = parts.stores
    sources = Sources(
        interactions=stores.interactions,
        tasks=stores.tasks.counts,
        segments=parts.engine.load,
        deliveries=stores.effects.waiting,
        disk_free_bytes=parts.room.free_bytes,
        today=stores.ledger.today,
        closed_accounts=stores.closed_accounts,
        shipping=rows_of(stores.analytics),
    )
    return Metrics(VERSION, parts.watch.counters, sources)


def _defaults(settings: Settings) -> ApiDefaults:
    return ApiDefaults(
        max_iterations=settings.max_iterations,
        budget_usd=settings.max_task_budget_usd,
        output_directory=str(settings.local_output_dir) if settings.local_output_dir else None,
        max_description=settings.max_task_description_length,
    )


def _api_services(parts: _Parts) -> ApiServices:
    settings, stores, context = parts.settings, parts.stores, parts.context
    model_checker = ModelChecker(settings, parts.models, stores.ledger, context.thinking.prompts)
    return ApiServices(
        commands=parts.commands,
        history=parts.history,
        outcomes=stores.finished.outcomes,
        count_tasks=stores.tasks.counts,
        workflows=parts.commands.workflows(),
        node_kinds={name: flow.node_kinds for name, flow in WORKFLOWS.items()},
        events=stores.events,
        effects=stores.effects,
        interactions=stores.interactions,
        calls=stores.calls,
        task_days=stores.task_days.rows,
        identities=stores.identities,
        identity_commands=parts.identities,
        experiments=parts.learning.asked,
        memory_diffs=stores.memory_diffs,
        episodes=stores.episodes,
        moving=moving_service(settings, stores, parts.clock, parts.room),
        scratch=settings.data_dir,
        reading=parts.commands,
        ledger=stores.ledger,
        workspaces=context.workspaces,
        code_host=context.code_host,
        demos=context.demos,
        sandbox=context.sandbox,
        models=context.thinking.models,
        describe_models=partial(describe_models, settings, parts.models.prices),
        check_models=model_checker.check,
        check_parts=part_checker(settings, stores, context, parts.chat, model_checker).check,
        defaults=_defaults(settings),
        config=settings.redacted(),
        settings=settings.shown(),
        describe_chat=parts.chat.describe if parts.chat else lambda: None,
        archive=archive,
        scrape=_metrics(parts).scrape,
        room=parts.room,
        started_at=parts.clock.now(),
        gate=Gate(settings.api_key, stores.keys),
        keys=stores.keys,
        links=parts.links,
        hook_secrets={"github": settings.github_webhook_secret, "gitlab": settings.gitlab_webhook_secret},
        request_news=parts.watch_requests,
        audit=stores.audit,
        cors_origins=settings.cors_origins,
    )
