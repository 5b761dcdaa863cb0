"""What becomes of a finished task: how each agent did is kept, its rules are counted, and when it is time the agent looks back.

Runs beside the tasks, behind their ends; nothing of it can hold up or fail one.
"""

import logging
from collections.abc import Callable, Mapping, Sequence, Set

from core.episodes import Episode, episodes_of
from core.errors import AutonomyError, BudgetExceeded, DeliveryFailed
from core.notifications import Notification
from core.ports import CallHistory, Clock, EpisodeLog, EventLog, IdentityStore, TaskStore
from core.reading import read_events
from core.types import AgentName, JsonObject, TaskStatus
from tasks.reflection import Reflector

log = logging.getLogger(__name__)
LEARNED_FROM = frozenset({"task.completed", "task.failed"})
"""Notifications that something is learned from. What a person cancelled says nothing of an agent's work."""
_TOLD = ("agent.started", "agent.finished", "llm_end", "routed")
REST_S = 900.0
"""An agent whose reflection failed is not asked again before, however many tasks end."""


class Learner:
    """A Notifier of the channel `learning`. Every step may be repeated: what is counted is counted once for each task.

    `reflector` None: rules are counted, and nobody looks back. `on_learned` is called behind each task.
    """

    def __init__(
        self,
        tasks: TaskStore,
        events: EventLog,
        episodes: EpisodeLog,
        identities: IdentityStore,
        calls: CallHistory,
        clock: Clock,
        reflector: Reflector | None,
        on_learned: Callable[[], None] = lambda: None,
    ) -> None:
        self._tasks = tasks
        self._events = events
        self._episodes = episodes
        self._identities = identities
        self._calls = calls
        self._clock = clock
        self._reflector = reflector
        self._on_learned = on_learned
        self._resting: dict[AgentName, tuple[float, str]] = {}

    async def send(self, notification: Notification) -> JsonObject:
        """Learn from the task that has ended. Raises DeliveryFailed when there is something left to be done."""
        try:
            return await self._learn(notification.task_id)
        except DeliveryFailed:
            raise
        except AutonomyError as error:
            raise DeliveryFailed(f"nothing was learned yet: {error}") from error

    async def close(self) -> None:
        """Nothing is open."""

    async def _learn(self, task_id: str) -> JsonObject:
        task = await self._tasks.get(task_id)
        if task.status is TaskStatus.CANCELLED:
            return {}
        episodes = episodes_of(task, await read_events(self._events, task_id, _TOLD))
        await self._episodes.record(*episodes)
        versions = await self._versions_told(task_id)
        for episode in episodes:
            if rules := await self._rules_told(episode.agent, versions.get(episode.agent, frozenset())):
                await self._identities.count_use(episode.agent, rules, episode.succeeded, task_id)
        try:
            reflections = await self._look_back(episodes)
        finally:
            self._on_learned()
        return {"agents": [episode.agent.value for episode in episodes], "reflections": list(reflections)}

    async def _versions_told(self, task_id: str) -> Mapping[AgentName, Set[int]]:
        """The versions of its identity that each agent was told in calls of this task that succeeded."""
        told: dict[AgentName, set[int]] = {}
        for call in await self._calls.figures(task_id):
            if call.success and call.identity_version:
                told.setdefault(call.agent, set()).add(call.identity_version)
        return told

    async def _rules_told(self, agent: AgentName, told: Set[int]) -> tuple[str, ...]:
        """The rules that stood in each of these versions, of those that are kept."""
        if not told:
            return ()
        kept = [each for each in await self._identities.versions(agent) if each.version in told]
        return (
            tuple(rule for rule in kept[0].active_rules if all(rule in each.active_rules for each in kept))
            if kept
            else ()
        )

    async def _look_back(self, episodes: Sequence[Episode]) -> tuple[str, ...]:
        """Each agent's reflection, if it is due. One that fails keeps no other from its own."""
        if self._reflector is None:
            return ()
        done, failures = list[str](), list[DeliveryFailed]()
        for episode in episodes:
            try:
                if diff := await self._reflect(self._reflector, episode.agent):
                    done.append(diff)
            except DeliveryFailed as failure:
                failures.append(failure)
        if failures:
            raise failures[0]
        return tuple(done)

    async def _reflect(self, reflector: Reflector, agent: AgentName) -> str | None:
        now = self._clock.now()
        until, why = self._resting.get(agent, (now, ""))
        if now < until <= now + REST_S:
            raise DeliveryFailed(why, retry_after_s=until - now)
        try:
            diff = await reflector.reflect_when_due(agent)
        except AutonomyError as error:
            text = f"{agent} has not looked back on its tasks: {error}"
            log.warning("%s", text)
            self._resting[agent] = (now + REST_S, text)
            raise DeliveryFailed(text, retry_after_s=_opens_in(error, now)) from error
        self._resting.pop(agent, None)
        return diff.diff_id if diff else None


def _opens_in(error: AutonomyError, now: float) -> float:
    """Seconds until another try can succeed: a day that is used up opens when the next begins."""
    ends_at = error.fields.get("ends_at")
    return (
        max(REST_S, float(ends_at) - now)
        if isinstance(error, BudgetExceeded) and isinstance(ends_at, int | float)
        else REST_S
    )
