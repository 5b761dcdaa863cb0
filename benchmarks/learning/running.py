"""Runs one curve: a service of its own does the tasks one after the other, and has learned from each before the next."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.driving import build, events_of
from benchmarks.learning.points import Mode, Point, add, read
from config import Settings, model_setting
from core.access import Actor
from core.events import CheckFinished
from core.tasks import TaskFilter, TaskRequest
from core.types import AgentName, TaskStatus
from llm.offline.poison import POISON
from sandbox.known import KnownBoxes
from wiring import Application, open_application
from wiring.adapters import make_sandbox, toolchain_versions

LEARN_LIMIT_S = 3_600.0
LOOK_S = 0.2
ACTOR = Actor(via="learning")
ROUNDS = 8
"""A task that is not done by then counts as so many. Where agents are stuck before, they are told to try again."""


@dataclass(frozen=True)
class Curve:
    """`seed` and `rate` are the apprentice's; `pairs` is EXPERIMENT_TASKS. `folder` holds the service, and the points.

    `apprentices` are the agents that make mistakes; `more` are further settings.
    """

    mode: Mode
    sentences: Sequence[str]
    seed: int
    rate: float
    pairs: int
    folder: Path
    apprentices: frozenset[AgentName] = frozenset(AgentName)
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def points(self) -> Path:
        return self.folder / f"{self.mode}.jsonl"

    def settings(self) -> Settings:
        model = f"offline/apprentice?seed={self.seed}&rate={self.rate:g}"
        given: dict[str, object] = {model_setting(agent): model for agent in self.apprentices}
        given |= {
            "data_dir": self.folder / self.mode, "autonomy_offline": True, "live_demo": False, "local_output_dir": None,
            "reflection_enabled": self.mode is not Mode.OFF, "reflection_dry_run": self.mode is Mode.DRY_RUN,
            "experiment_tasks": self.pairs, **self.more,
        }  # fmt: skip
        return Settings(_env_file=None, **given)  # type: ignore[arg-type]  # checked by Settings itself


async def run(curve: Curve, tell: Callable[[Point], None] = lambda point: None) -> tuple[Point, ...]:
    """Do the tasks that have no point yet. What the sandbox answered to any curve of the folder it is not asked again."""
    settings = curve.settings()
    boxes = KnownBoxes(make_sandbox(settings), curve.folder / "boxes", tools=toolchain_versions(settings))
    async with open_application(settings, sandbox=boxes) as application:
        await _cancel_cut_off(application)
        done = read(curve.points)
        if curve.mode is Mode.POISONED and not done:
            await _poison(application)
        for number, sentence in enumerate(curve.sentences[len(done) :], len(done) + 1):
            point = await _one(application, number, sentence)
            add(curve.points, point)
            tell(point)
    return read(curve.points)


async def _cancel_cut_off(application: Application) -> None:
    """A task without a point is done anew, and what was begun of it teaches nothing."""
    for task in await application.commands.list(TaskFilter(limit=10)):
        if not task.status.final:
            await application.commands.cancel(task.task_id, ACTOR)


async def _one(application: Application, number: int, sentence: str) -> Point:
    request = TaskRequest(task_description=sentence, max_iterations=ROUNDS)
    task = await build(application, request, via="learning", retries=ROUNDS)
    await _until_learned(application, task.task_id)
    events = [stored.event for stored in await events_of(application, task.task_id)]
    checked = {event.iteration for event in events if isinstance(event, CheckFinished)}
    passed = task.status is TaskStatus.COMPLETED
    identities = [await application.api.identities.load(agent) for agent in AgentName]
    return Point(
        number=number,
        sentence=sentence,
        rounds=min(len(checked), ROUNDS) if passed else ROUNDS,
        passed=passed,
        end=task.status.value,
        rules=sum(len(identity.learned_rules) for identity in identities),
        trials=sum(len(identity.trials) for identity in identities),
        poison=sum(rule in identity.active_rules for identity in identities for rule in POISON.get(identity.agent, ())),
    )


async def _until_learned(application: Application, task_id: str) -> None:
    async with asyncio.timeout(LEARN_LIMIT_S):
        while not await application.learning.is_settled(task_id):  # noqa: ASYNC110  # a question to the stores
            await asyncio.sleep(LOOK_S)


async def _poison(application: Application) -> None:
    """As if the agents had learned them."""
    for agent, rules in POISON.items():
        identity = await application.api.identities.load(agent)
        learned = tuple(dict.fromkeys((*identity.learned_rules, *rules)))
        planted = {"learned_rules": learned, "why": "wrong rules, planted"}
        await application.api.identities.save(identity.model_copy(update=planted), identity.version)
