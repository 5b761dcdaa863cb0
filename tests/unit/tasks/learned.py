"""Agents that learn, over real stores and real prompts, with a model that says what a test tells it to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agents.context import AgentContext
from agents.prompting import PromptLibrary
from config import PROJECT
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.episodes import Episode, EpisodeFilter
from core.findings import Finding
from core.identity import Identity, RuleOrigin, RuleStats, TrialRule
from core.ports import IdentityStore, MemoryDiffLog, ModelClient
from core.redaction import Redactor
from core.types import AgentName, TaskStatus
from llm.metered import MeteredClient
from llm.prices import PriceBook
from llm.recorded import RecordedClient
from observability.call_history import SqliteCallHistory
from observability.interactions import SqliteInteractionLog
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.storage import Storage
from observability.untraced import Untraced
from sandbox.refusing import RefusingProvider
from tasks.experiments import ExperimentStores
from tasks.identities import IdentityService, RuleLimits
from tasks.reflection import ReflectionPolicy, ReflectionStores, Reflector
from tests.unit.memory.stores import Stores, sqlite_stores

BACKEND = AgentName.BACKEND
RULE = "Answer 404 for a resource that does not exist, before anything is changed"
MODEL = "claude-sonnet-4-6"


@dataclass(frozen=True)
class School:
    """Everything that learning works with."""

    stores: Stores
    log: Storage
    diffs: SqliteMemoryDiffLog
    interactions: SqliteInteractionLog
    context: AgentContext

    def reflector(
        self,
        policy: ReflectionPolicy | None = None,
        *,
        identities: IdentityStore | None = None,
        diffs: MemoryDiffLog | None = None,
    ) -> Reflector:
        """`identities` and `diffs` stand in for the stores, where those are to fail."""
        context = replace(self.context, identities=identities or self.context.identities)
        kept = ReflectionStores(diffs or self.diffs, self.stores.episodes, self.stores.ledger, self.interactions)
        return Reflector(context, kept, self.stores.clock, policy)

    @property
    def calls(self) -> SqliteCallHistory:
        return SqliteCallHistory(self.log)

    @property
    def commands(self) -> IdentityService:
        limits = RuleLimits(200, Redactor(()))
        return IdentityService(self.stores.identities, self.diffs, self.stores.clock, limits)

    @property
    def for_experiments(self) -> ExperimentStores:
        return ExperimentStores(self.stores.identities, self.diffs, self.stores.episodes, self.stores.ledger)

    async def told(self) -> list[MemoryDiff]:
        """Newest first."""
        return list(await self.diffs.list(MemoryDiffFilter(agent=BACKEND)))

    async def open_episodes(self) -> list[str]:
        found = await self.stores.episodes.list(EpisodeFilter(agent=BACKEND, reflected=False))
        return [episode.task_id for episode in found]

    async def identity(self) -> Identity:
        return await self.stores.identities.load(BACKEND)

    async def change(self, **fields: object) -> Identity:
        current = await self.identity()
        return await self.stores.identities.save(current.model_copy(update=fields), current.version)

    async def finish_tasks(self, *numbers: int, message: str = "expected 404, got 500") -> None:
        await self.stores.episodes.record(*(episode(number, message) for number in numbers))


@asynccontextmanager
async def school(folder: Path, model: ModelClient) -> AsyncIterator[School]:
    """`model` is recorded and paid for as in the service, at the price of a real one."""
    log = await Storage.open(folder / "interactions.db")
    async with sqlite_stores(folder) as stores:
        interactions = SqliteInteractionLog(log)
        metered = MeteredClient(model, stores.ledger, PriceBook.load({}))
        context = AgentContext(
            model=RecordedClient(metered, interactions, stores.events, stores.clock),
            identities=stores.identities,
            sandbox=RefusingProvider("this test runs nothing", "use another test"),
            events=stores.events,
            prompts=PromptLibrary(PROJECT / "prompts"),
            models=dict.fromkeys(AgentName, MODEL),
            tracing=Untraced(),
        )
        yield School(stores, log, SqliteMemoryDiffLog(log), interactions, context)
    await log.close()


def episode(number: int, message: str = "expected 404, got 500", *, agent: AgentName = BACKEND) -> Episode:
    """Of task `t<number>`; without a message nothing came back."""
    finding = Finding(check="contract", message=message, file="backend/app/api/recipes.py", line=number, owner=agent)
    return Episode(
        task_id=f"t{number}",
        agent=agent,
        ended_at=1_000.0 + number,
        sentence=f"A recipe box, number {number}",
        status=TaskStatus.COMPLETED,
        rounds=2 if message else 1,
        findings=(finding,) if message else (),
        interactions=(f"call-{number}",),
    )


def answer(*texts: str, because: tuple[str, ...] = ("f1",), obsolete: tuple[str, ...] = ()) -> str:
    rules = [{"text": text, "because": list(because), "why": "it came back"} for text in texts]
    return f"```json\n{json.dumps({'rules': rules, 'obsolete': list(obsolete)})}\n```"


def trial(text: str = RULE, at: float = 1_000.0) -> TrialRule:
    return TrialRule(text=text, origin=RuleOrigin(by="reflection", at=at, tasks=("t1",)))


def stats(uses: int, successes: int) -> RuleStats:
    return RuleStats(use_count=uses, success_count=successes)
