"""How agents learn from finished tasks, as the settings say: counting, looking back, experiments."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from agents.context import AgentContext
from config import Settings
from core.episodes import EpisodeFilter
from core.ports import EpisodeLog, RuleExperiments, TaskStore
from core.redaction import Redactor
from core.types import TaskStatus
from memory.effects import SqliteEffectStore
from tasks.experimenting import ExperimentWorker
from tasks.experiments import ExperimentStores, Promoter
from tasks.learning import LEARNED_FROM, Learner
from tasks.notifying import Channel, Dispatcher, Patience
from tasks.reflection import ReflectionPolicy, ReflectionStores, Reflector
from tasks.trying import AskedExperiments
from wiring.stores import Stores, SystemClock

CHANNEL = "learning"
PATIENCE = Patience(first_delay_s=10.0, max_delay_s=3600.0, total_s=6 * 3600.0)
MOST_GRACE_S = 3.0
"""A reflection that is cut off is ended by the next start: the end of the service need not wait for it."""


@dataclass(frozen=True)
class Learning:
    """`reflector`, `promoter` and `asked` are there for people, whatever happens by itself."""

    reflector: Reflector
    promoter: Promoter
    asked: AskedExperiments
    _dispatcher: Dispatcher
    _worker: ExperimentWorker | None
    _effects: SqliteEffectStore
    _tasks: TaskStore
    _episodes: EpisodeLog
    _grace_s: float

    def start(self, stack: AsyncExitStack) -> None:
        """Begin, until the end of `stack`."""
        self._dispatcher.start()
        stack.push_async_callback(self._dispatcher.stop, self._grace_s)
        if self._worker is not None:
            self._worker.start()
            stack.push_async_callback(self._worker.stop)

    async def is_settled(self, task_id: str) -> bool:
        """Whether everything was learned that a finished task taught, and no rule is left to be tried.

        A cancelled task teaches nothing.
        """
        task = await self._tasks.get(task_id)
        if not task.status.final:
            return False
        taught = await self._episodes.list(EpisodeFilter(task_id=task_id, limit=1))
        if not taught and task.status is not TaskStatus.CANCELLED:
            return False
        waiting = await self._effects.waiting()
        return not waiting.get(CHANNEL) and (self._worker is None or self._worker.is_settled)


def make_learning(
    settings: Settings,
    stores: Stores,
    thinking: AgentContext,
    clock: SystemClock,
    experiments: RuleExperiments | None = None,
) -> Learning:
    """`experiments` tries rules; without it they wait on trial."""
    about = ExperimentStores(stores.identities, stores.memory_diffs, stores.episodes, stores.ledger)
    promoter = Promoter(about, experiments, clock, budget_usd=settings.experiment_budget_usd)
    asked = AskedExperiments(promoter, stores.identities, stores.memory_diffs, clock)
    by_itself = settings.rule_experiments == "auto" and settings.reflection_enabled and not settings.reflection_dry_run
    worker = ExperimentWorker(promoter, about, stores.tasks, clock, gives_way=asked) if by_itself else None
    policy = ReflectionPolicy(
        interval=settings.reflection_interval,
        max_rule_length=settings.reflection_max_rule_length,
        max_rules=settings.reflection_max_rules,
        budget_usd=settings.reflection_budget_usd,
        dry_run=settings.reflection_dry_run,
        tries=worker.tries if worker else lambda agent: False,
        redactor=Redactor(settings.secrets),
    )
    kept = ReflectionStores(stores.memory_diffs, stores.episodes, stores.ledger, stores.interactions)
    reflector = Reflector(thinking, kept, clock, policy)
    learner = Learner(
        stores.tasks,
        stores.events,
        stores.episodes,
        stores.identities,
        stores.calls,
        clock,
        reflector if settings.reflection_enabled else None,
        worker.wake if worker else lambda: None,
    )
    channel = Channel(CHANNEL, learner, LEARNED_FROM)
    dispatcher = Dispatcher(channel, stores.events, stores.effects, clock, patience=PATIENCE)
    grace_s = min(settings.shutdown_grace_seconds, MOST_GRACE_S)
    return Learning(
        reflector, promoter, asked, dispatcher, worker, stores.effects, stores.tasks, stores.episodes, grace_s
    )
