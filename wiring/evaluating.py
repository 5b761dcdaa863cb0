"""Opens the applications that evaluations drive: each in a folder of its own, apart from everything of the service."""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from agents.planner import CONTRACT_PATH, PLAN_PATH, read_contract, read_plan
from api.routes.insight import VERSION
from config import PROJECT, Settings, model_setting
from core.findings import CheckResult
from core.ports import IdentityStore, Ledger, Sandbox, SandboxProvider
from core.sandboxes import Probe, Toolchain
from core.types import AgentName
from engine.direct import DirectEngine
from evals.arms import Arm, ArmSpec
from evals.experiments import HeldOutExperiments
from evals.identities import TrialIdentities
from evals.insisting import InsistingModel
from evals.paying import PaidBy
from evals.results import Results
from evals.runner import Runner
from llm.offline.client import OfflineModel
from memory.database import Database
from sandbox.known import KnownBoxes
from tools.boxes import Subject, check_results, part, read_report, run_inside
from wiring.adapters import make_sandbox, toolchain_versions
from wiring.alone import take_turn
from wiring.apart import Apart
from wiring.application import Application, open_application
from wiring.stores import SystemClock, open_identities

FOLDER = "evals"
_QUIET: dict[str, object] = {
    "code_host": "local", "telegram_bot_token": None, "telegram_chat_id": None, "webhook_url": None, "public_url": None,
    "live_demo": False, "local_output_dir": None, "record": None, "reflection_enabled": False, "rule_experiments": "manual",
    "gcp_project_id": "", "max_daily_budget_usd": None, "max_daily_budget_per_caller_usd": None, "approval_quorum": 1,
    "question_deadline_hours": 0.0, "pr_watch_days": 0.0, "checkpoint_retention_days": 0.0, "otel_traces_exporter": "none",
    "max_queued_tasks": 10_000,
}  # fmt: skip


@dataclass(frozen=True)
class Arms:
    """Opens arms for `settings`. `identities` are the service's; `ledger` is, where somebody's account pays for a trial."""

    settings: Settings
    identities: IdentityStore
    ledger: Ledger | None = None
    parallel: int = 2
    sandbox: SandboxProvider | None = None
    _numbers: "count[int]" = field(default_factory=count)

    @asynccontextmanager
    async def open(self, spec: ArmSpec) -> AsyncIterator[Arm]:
        """An application in a folder that is made for it and deleted with it."""
        base = self.settings.data_dir / FOLDER
        folder = base / "arms" / f"{os.getpid()}-{id(self):x}-{next(self._numbers)}"
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        settings = self._settings(spec, folder)
        inner = _Lent(self.sandbox) if self.sandbox else make_sandbox(settings)
        boxes = KnownBoxes(inner, base / "boxes", tools=toolchain_versions(settings))
        identities = TrialIdentities(self.identities, with_rule=spec.with_rule, without_rule=spec.without_rule)
        apart = Apart(DirectEngine(max_concurrent=self.parallel), identities, partial(_paid, self.ledger, spec.account))
        offline = InsistingModel(OfflineModel(), spec.insist) if spec.insist else None
        try:
            async with open_application(settings, offline=offline, sandbox=boxes, apart=apart) as application:
                yield _arm(application, boxes, self._fingerprint(settings))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _settings(self, spec: ArmSpec, folder: Path) -> Settings:
        faulty: dict[AgentName, list[str]] = {}
        for agent, fault in spec.faults:
            faulty.setdefault(agent, []).append(fault)
        models = {model_setting(agent): f"offline/scaffold?fault={','.join(names)}" for agent, names in faulty.items()}
        insisting = {model_setting(edit.agent): "offline/scaffold" for edit in spec.insist}
        changes = {**_QUIET, "data_dir": folder, "max_concurrent_tasks": self.parallel, **insisting, **models}
        return self.settings.model_copy(update=changes)

    def _fingerprint(self, settings: Settings) -> str:
        prompts = {str(path): path.read_text() for path in sorted((PROJECT / "prompts").rglob("*.md"))}
        params = [settings.model_llm_params, settings.agent_llm_params, settings.frontend_self_review]
        known = [VERSION, settings.models(), params, prompts, toolchain_versions(settings)]
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class _Lent:
    """A SandboxProvider that somebody else closes."""

    inner: SandboxProvider

    async def probe(self) -> Probe:
        return await self.inner.probe()

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        return await self.inner.open(task_id, toolchain, files)

    async def close(self) -> None:
        """Not ours."""


def _paid(ledger: Ledger | None, account: str | None, own: Ledger) -> Ledger:
    return own if ledger is None or account is None else PaidBy(own, ledger, account)


def _arm(application: Application, boxes: SandboxProvider, fingerprint: str) -> Arm:
    api = application.api
    return Arm(
        commands=application.commands,
        events=api.events,
        interactions=api.interactions,
        identities=api.identities,
        ledger=api.ledger,
        workspaces=api.workspaces,
        models=api.models,
        fingerprint=fingerprint,
        run_hidden=partial(run_hidden, boxes),
        one_turn=partial(take_turn, application, boxes),
    )


async def run_hidden(boxes: SandboxProvider, task_id: str, files: Mapping[str, str], check: str) -> CheckResult:
    subject = Subject(boxes, task_id, read_plan(files[PLAN_PATH]), read_contract(files[CONTRACT_PATH]), files)
    content = {**part(files, "backend/"), ".autonomy/hidden.json": check}
    outcome = await run_inside(subject, ["python", "-m", "inside.hidden_run"], content)
    return check_results(outcome, read_report(outcome, "hidden"), ["hidden"])[0]


@dataclass(frozen=True)
class Evaluations:
    """Everything that `autonomy eval` drives."""

    runner: Runner
    results: Results
    experiments: HeldOutExperiments
    identities: IdentityStore


@asynccontextmanager
async def open_evaluations(settings: Settings, *, parallel: int = 2) -> AsyncIterator[Evaluations]:
    """For a process of its own, whether or not a service holds the data directory: of its stores identities are read, no more."""
    await asyncio.to_thread(forget_killed, settings)
    database = await Database.open(settings.data_dir / "autonomy.db")
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        identities, _ = open_identities(stack, settings, database, SystemClock())
        arms = Arms(settings, identities, parallel=parallel)
        results = await asyncio.to_thread(results_of, settings)
        experiments = rule_experiments(settings, arms, results)
        yield Evaluations(Runner(arms.open, results, parallel=parallel), results, experiments, identities)


def forget_killed(settings: Settings) -> None:
    """Delete the applications of processes that ended without closing them."""
    folder = settings.data_dir / FOLDER / "arms"
    for each in folder.iterdir() if folder.is_dir() else ():
        process = each.name.partition("-")[0]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(each, ignore_errors=True)


def results_of(settings: Settings) -> Results:
    return Results(settings.data_dir / FOLDER / "results.db")


def rule_experiments(settings: Settings, arms: Arms, results: Results) -> HeldOutExperiments:
    """The port `RuleExperiments`, for the service and for the terminal alike."""
    return HeldOutExperiments(
        arms.open,
        results,
        count=settings.experiment_tasks,
        task_budget_usd=settings.max_task_budget_usd,
        parallel=arms.parallel,
    )
