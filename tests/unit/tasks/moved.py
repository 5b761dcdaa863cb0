"""Stores that things are moved between, and what is in them."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from core.access import Actor
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.episodes import Episode, EpisodeFilter
from core.identity import Identity, RuleOrigin, TrialRule
from core.models import Interaction, InteractionSearch, Message
from core.moving import Existing, ImportReport
from core.types import AgentName, TaskStatus
from observability.call_history import SqliteCallHistory
from observability.interactions import SqliteInteractionLog
from observability.memory_diffs import SqliteMemoryDiffLog
from observability.storage import Storage
from tasks.exporting import Exporter, MovedStores
from tasks.importing import Importer
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import sqlite_stores

QA, PLANNER = AgentName.QA, AgentName.PLANNER
ADA = Actor(via="cli", name="ada")
RULE = "Make every test create its own data"


@dataclass(frozen=True)
class Place:
    """One data directory."""

    stores: MovedStores
    clock: HandClock

    async def archive(self) -> bytes:
        return b"".join([piece async for piece in Exporter(self.stores, self.clock).archive()])

    async def take(self, archive: bytes, existing: Existing = "keep", *, dry_run: bool = False) -> ImportReport:
        importer = Importer(self.stores, lambda: None)
        return await importer.run(io.BytesIO(archive), existing, ADA, dry_run=dry_run)

    async def content(self) -> list[object]:
        """Everything, in the order in which it is told."""
        stores = self.stores
        calls = (await stores.calls.page(InteractionSearch(limit=500))).items
        diffs = await stores.memory_diffs.list(MemoryDiffFilter(limit=500))
        episodes = await stores.episodes.list(EpisodeFilter(limit=500))
        return [await self.identities(), tuple(calls), tuple(diffs), tuple(episodes)]

    async def identities(self) -> list[tuple[Identity, ...]]:
        stores = self.stores.identities
        return [(await stores.load(agent), *(await stores.versions(agent))[1:]) for agent in (QA, PLANNER)]

    async def learn(self, agent: AgentName, *rules: str) -> Identity:
        """A version more, with these rules learned."""
        held = await self.stores.identities.load(agent)
        origins = {rule: RuleOrigin(by="reflection", why="it went wrong", at=5.0, tasks=("t1",)) for rule in rules}
        changes = {
            "learned_rules": rules,
            "origins": {**held.origins, **origins},
            "cause": "reflection",
            "why": "learned",
        }
        return await self.stores.identities.save(held.model_copy(update=changes), held.version)


@asynccontextmanager
async def place(folder: Path, now: float = 1_000.0) -> AsyncIterator[Place]:
    folder.mkdir(exist_ok=True)
    storage = await Storage.open(folder / "interactions.db")
    calls = await SqliteCallHistory.open(folder / "interactions.db")
    async with sqlite_stores(folder) as stores:
        stores.clock.time = now
        moved = MovedStores(
            stores.identities, SqliteMemoryDiffLog(storage), stores.episodes, SqliteInteractionLog(storage), calls
        )
        yield Place(moved, stores.clock)
    await calls.close()
    await storage.close()


def a_call(call_id: str, **fields: object) -> Interaction:
    given = {
        "ts": 7.0, "task_id": "t1", "agent": QA, "iteration": 0, "model": "m", "prompt_name": "qa_agent/write",
        "prompt_hash": "h", "prompt_version": "v", "identity_version": 1, "response": f"answer {call_id}",
        "messages": (Message(role="system", content="You test"), Message(role="user", content=f"Task {call_id}")),
        **fields,
    }  # fmt: skip
    return Interaction.model_validate({"interaction_id": call_id, **given})


def an_episode(task_id: str, agent: AgentName = QA, **fields: object) -> Episode:
    given = {"ended_at": 5.0, "sentence": "A list", "status": TaskStatus.COMPLETED, "rounds": 2, **fields}
    return Episode.model_validate({"task_id": task_id, "agent": agent, **given})


async def fill(filled: Place) -> None:
    """A store in which the testing agent has learned, and 12 calls of 3 tasks were made."""
    stores = filled.stores
    await filled.learn(QA, RULE)
    held = await filled.learn(QA, RULE, "Ask for the empty list, too")
    await stores.identities.save(held.model_copy(update={"trials": (TrialRule(text="Look twice"),)}), held.version)
    await stores.identities.count_use(QA, [RULE], True, "t1")
    await stores.identities.count_use(PLANNER, (await stores.identities.load(PLANNER)).rules, True, "t1")
    for number in range(3):
        diff = MemoryDiff(diff_id=f"d{number}", agent=QA, ts=number, kind="reflection", from_version=number + 1)
        await stores.memory_diffs.record(diff)
        await stores.episodes.record(an_episode(f"t{number}"), an_episode(f"t{number}", PLANNER, rounds=1))
    for number in range(12):
        await stores.interactions.record(a_call(f"c{number}", task_id=f"t{number % 3}", cost_usd=0.25))
