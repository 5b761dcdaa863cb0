"""The whole service in the running loop: its parts opened in order, its work begun, and everything closed again."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agents.context import AgentContext
from agents.fitting import FittingClient
from agents.prompting import PromptLibrary
from agents.registry import AGENTS
from api.routes.insight import VERSION
from api.services import ApiDefaults, ApiServices
from config import PROJECT, Settings, model_setting
from core.computing import short_turns
from core.errors import Refused
from core.ports import ModelClient, SandboxProvider
from engine.data_lock import DataLock
from engine.dbos_engine import DbosEngine
from graph.checkpoints import Checkpoints, open_checkpoints
from graph.context import GraphContext
from graph.history import History
from graph.retention import Retention
from graph.runner import Runner
from graph.threads import Threads
from graph.workflow import WORKFLOWS
from llm.offline.client import OfflineModel
from llm.roomy import RoomyClient
from memory.room import DiskRoom
from notifiers.log import LogNotifier
from observability.counters import ProcessCounters
from observability.logs import with_task_in_log
from observability.metrics import Metrics, Sources
from observability.sandbox_runs import WatchedSandboxProvider
from tasks.admission import Admission, Doors
from tasks.forecasting import Forecaster
from tasks.history import HistoryService, Past
from tasks.limits import Limits
from tasks.notifying import Channel, tell_live
from tasks.recovery import end_cut_off_calls
from tasks.replies import ReplyReader
from tasks.service import Services, TaskService
from wiring.adapters import make_code_host, make_sandbox, webhook_dispatcher, write_output
from wiring.model_setup import ModelChecker, describe_models
from wiring.models import Models, find_model_problems, make_models, windows_of
from wiring.stores import Stores, SystemClock, Watch, open_stores, open_tracing
from workspace.export import archive
from workspace.git import GitWorkspaceProvider

log = logging.getLogger(__name__)
REPLACED_EXIT_CODE = 70


@dataclass(frozen=True)
class Application:
    """Everything that runs in one process: the user's commands, and what the API shows."""

    commands: TaskService
    api: ApiServices


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
    prompts: Path
    work: bool


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
    engine: DbosEngine
    commands: TaskService
    history: HistoryService
    runner: Runner


@asynccontextmanager
async def open_application(
    settings: Settings,
    *,
    url: str = "",
    offline: ModelClient | None = None,
    prompts: Path = PROJECT / "prompts",
    work: bool = True,
) -> AsyncIterator[Application]:
    """Take the data directory, start everything, recover what was under way; on exit drain and close.

    `offline` stands in for the offline model, for those who measure or test the workflow around it; `prompts` for the
    folder of prompts. Without `work` no run begins or goes on: for those who only look.

    Raises Refused when another process holds the data directory, InvalidInput when a cassette cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(short_turns())
        watch = Watch(ProcessCounters(), open_tracing(settings))
        stack.push_async_callback(watch.tracing.close)  # the last of all: the data directory is free by then
        lock = DataLock.acquire(settings.data_dir, {"url": url})
        stack.callback(lock.release)
        given = _Given(settings, watch, offline or OfflineModel(), prompts, work)
        parts = await _open_parts(stack, given)
        await parts.commands.charge_leftovers()
        if work:
            await _start_work(stack, parts)
        yield Application(parts.commands, _api_services(parts))


async def _open_parts(stack: AsyncExitStack, given: _Given) -> _Parts:
    settings, watch = given.settings, given.watch
    data, clock = settings.data_dir, SystemClock()
    stores = await open_stores(stack, settings, clock)
    _in_background(stack, watch.counters.time_delivery(stores.events.subscribe(), clock), "event delivery")
    sandbox = WatchedSandboxProvider(make_sandbox(settings), [watch.counters.time_run, *watch.tracing.run_watches])
    stack.push_async_callback(sandbox.close)
    room = DiskRoom(data, settings.min_free_disk_mb << 20)
    record = settings.record if given.work else None
    models = make_models(settings, stores, watch, clock, given.offline, record=record)
    roomy = RoomyClient(models.gateway, room.check)
    stack.push_async_callback(roomy.close)
    model = FittingClient(roomy, windows_of(settings, models), lambda agent: model_setting(agent).upper())
    if given.work:
        await models.cassettes.open_all()
    checkpoints = await stack.enter_async_context(
        open_checkpoints(data / "checkpoints.db", synchronous=settings.sqlite_synchronous)
    )
    thinking = _agent_context(given, stores, sandbox, model)
    prices = models.prices
    forecasts = Forecaster(stores.finished.newest, stores.interactions, settings.models(), prices.find, prices.dearest)
    context = _graph_context(settings, stores, thinking, models, forecasts)
    threads = Threads.over(WORKFLOWS, checkpoints)
    engine = DbosEngine(data / "engine.db", max_concurrent=settings.max_concurrent_tasks)
    limits = _limits(settings)
    check_models = _refusing(await find_model_problems(settings, models.table))
    doors = Doors(stores.tasks, engine, stores.ledger, sandbox, room.check, check_models)
    admission = Admission(doors, limits)
    replies = ReplyReader(context.thinking, stores.ledger)
    services = Services(stores.tasks, engine, stores.ledger, admission, replies, forecasts, clock)
    past = Past(History(threads, context.workspaces), stores.tasks, stores.events, clock)
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
        commands=TaskService(services, WORKFLOWS, limits),
        history=HistoryService(past, WORKFLOWS, admission),
        runner=Runner(threads, context, replaced=_end_at_once, keep_past=settings.checkpoint_retention_days > 0),
    )


def _refusing(problems: Sequence[str]) -> Callable[[], None]:
    """What refuses new tasks while models cannot be asked; what is stored can still be looked at."""
    for problem in problems:
        log.warning("%s; new tasks are refused", problem)

    def check() -> None:
        if problems:
            raise Refused("; ".join(problems))

    return check


async def _start_work(stack: AsyncExitStack, parts: _Parts) -> None:
    """Tell the outside, prune, run what is to be run; on exit drain."""
    settings, stores = parts.settings, parts.stores
    _in_background(stack, tell_live(Channel("log", LogNotifier()), stores.events), "log")
    if settings.webhook_url:
        dispatcher = webhook_dispatcher(settings.webhook_url, settings, stores, parts.clock)
        dispatcher.start()
        stack.push_async_callback(dispatcher.stop, settings.shutdown_grace_seconds)
    keep_days = settings.checkpoint_retention_days
    retention = Retention(parts.checkpoints, stores.tasks, parts.clock, keep_days=keep_days)
    _in_background(stack, retention.run(), "retention")
    at_work = await parts.commands.at_work()
    await end_cut_off_calls([task.task_id for task in at_work], stores.events, stores.interactions)
    run = parts.watch.tracing.around_segments(parts.runner.run_segment, stores.tasks)
    await parts.engine.start(with_task_in_log(run))
    stack.push_async_callback(parts.engine.stop, settings.shutdown_grace_seconds)
    stack.callback(parts.runner.drain)
    await parts.commands.recover(at_work)
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
        identities=stores.identities,
        sandbox=sandbox,
        events=stores.events,
        prompts=PromptLibrary(given.prompts),
        models=given.settings.models(),
        tracing=given.watch.tracing,
        frontend_self_review=given.settings.frontend_self_review,
    )


def _graph_context(
    settings: Settings, stores: Stores, thinking: AgentContext, models: Models, forecasts: Forecaster
) -> GraphContext:
    clock = SystemClock()
    return GraphContext(
        agents=AGENTS,
        thinking=thinking,
        tasks=stores.tasks,
        workspaces=GitWorkspaceProvider(settings.data_dir / "workspaces", clock, sync=settings.syncs),
        sandbox=thinking.sandbox,
        code_host=make_code_host(settings),
        effects=stores.effects,
        ledger=stores.ledger,
        forecasts=forecasts,
        clock=clock,
        write_output=write_output,
        unasked=partial(models.cassettes.unasked, log=stores.interactions),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_description=settings.max_task_description_length,
        max_running=settings.max_concurrent_tasks,
        max_queued=settings.max_queued_tasks,
        project=PROJECT,
    )


def _api_services(parts: _Parts) -> ApiServices:
    settings, stores, context = parts.settings, parts.stores, parts.context
    sources = Sources(
        interactions=stores.interactions,
        tasks=stores.tasks.counts,
        segments=parts.engine.load,
        deliveries=stores.effects.waiting,
        disk_free_bytes=parts.room.free_bytes,
        today=stores.ledger.today,
        closed_accounts=stores.ledger.closed,
    )
    return ApiServices(
        commands=parts.commands,
        history=parts.history,
        outcomes=stores.finished.outcomes,
        count_tasks=stores.tasks.counts,
        workflows=parts.commands.workflows(),
        events=stores.events,
        effects=stores.effects,
        interactions=stores.interactions,
        identities=stores.identities,
        ledger=stores.ledger,
        workspaces=context.workspaces,
        code_host=context.code_host,
        sandbox=context.sandbox,
        models=context.thinking.models,
        describe_models=partial(describe_models, settings, parts.models.prices),
        check_models=ModelChecker(settings, parts.models, stores.ledger, context.thinking.prompts).check,
        defaults=ApiDefaults(
            max_iterations=settings.max_iterations,
            budget_usd=settings.max_task_budget_usd,
            output_directory=str(settings.local_output_dir) if settings.local_output_dir else None,
            max_description=settings.max_task_description_length,
        ),
        config=settings.redacted(),
        archive=archive,
        scrape=Metrics(VERSION, parts.watch.counters, sources).scrape,
        room=parts.room,
        started_at=parts.clock.now(),
        api_key=settings.api_key,
        cors_origins=settings.cors_origins,
    )
