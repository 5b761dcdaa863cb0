"""Experiments that people ask for: one at a time, behind the request; how each goes can be seen until the service ends."""

import asyncio
import logging
import secrets

from core.access import Actor
from core.agent_views import ExperimentView, MemoryDiff, MemoryDiffFilter
from core.errors import AutonomyError, Conflict, NotFound, Refused
from core.ports import Clock, IdentityStore, MemoryDiffLog
from core.rules import find_rule
from core.types import AgentName
from tasks.experiments import NO_RUNNER, Promoter

log = logging.getLogger(__name__)
MOST_KEPT = 100
"""So many experiments are told of; then the oldest is forgotten. The log of memory diffs has them all."""
NEWEST = 50
CUT_OFF = "the service was ended meanwhile"
BUG = "it ended by a bug, which the service's log has"


class AskedExperiments:
    """The one implementation of core.ports.ExperimentCommands.

    What comes of an experiment is in the log of memory diffs: the promoter writes what it changed, and here is written
    that one ended early. A service that is killed leaves nothing of the one under way.
    """

    def __init__(self, promoter: Promoter, identities: IdentityStore, diffs: MemoryDiffLog, clock: Clock) -> None:
        self._promoter = promoter
        self._identities = identities
        self._diffs = diffs
        self._clock = clock
        self._views: dict[tuple[AgentName, str], ExperimentView] = {}
        self._running: tuple[AgentName, str] | None = None
        self._work: asyncio.Task[None] | None = None

    @property
    def at_work(self) -> bool:
        """Whether one is under way: nothing is tried by itself meanwhile."""
        return self._running is not None

    async def begin(self, agent: AgentName, rule_id: str, actor: Actor) -> ExperimentView:
        """Begin an experiment; the one under way where it is with this very rule.

        Raises NotFound for a rule that neither stands nor is on trial, Conflict while another one is tried, Refused without
        evaluation sets.
        """
        if not self._promoter.can_try:
            raise Refused(NO_RUNNER)
        identity = await self._identities.load(agent)
        rule = find_rule(identity, rule_id, trials=True)
        if self._running == (agent, rule_id):
            return self._views[self._running]
        if self._running is not None:
            other = self._views[self._running]
            fields = {"agent": str(other.agent), "rule_id": other.rule_id}
            raise Conflict(
                f"rule {other.rule_id} of {other.agent} is tried, and one at a time: wait for its end", **fields
            )
        view = ExperimentView(
            attempt_id=f"try-{secrets.token_hex(6)}",
            agent=agent,
            rule_id=rule_id,
            rule=rule,
            state="running",
            by=actor.name or actor.via,
            from_version=identity.version,
            began_at=self._clock.now(),
        )
        self._keep(view)
        self._running = (agent, rule_id)
        self._work = asyncio.create_task(self._run(view), name=f"experiment of {agent}")
        self._work.add_done_callback(lambda work: self._tell_bug(view, work))
        return view

    def find(self, agent: AgentName, rule_id: str) -> ExperimentView:
        """The last one with this rule. Raises NotFound where none was begun since the service started."""
        if (view := self._views.get((agent, rule_id))) is None:
            raise NotFound(
                f"no experiment with rule {rule_id} of {agent} was asked for since the service started; "
                f"what came of earlier ones is in GET /agents/{agent}/memory-diffs",
                field="rule_id",
            )
        return view

    async def stop(self) -> None:
        """Cut off what is under way, and write that down."""
        if self._work is None or self._running is None:
            return
        view = self._views[self._running]
        self._work.cancel()
        await asyncio.wait([self._work])
        if self._work.cancelled():
            await self._ended_early(view, CUT_OFF)

    async def _run(self, view: ExperimentView) -> None:
        try:
            result, verdict = await self._promoter.try_rule(view.agent, view.rule_id, by=view.by)
        except AutonomyError as error:
            await self._ended_early(view, str(error))
            return
        diffs = await self._diffs.list(MemoryDiffFilter(agent=view.agent, limit=NEWEST))
        diff = next((each for each in diffs if each.experiment == result.experiment_id), None)
        self._end(
            view,
            state="done",
            verdict=verdict,
            result=result,
            diff_id=diff.diff_id if diff else None,
            to_version=diff.to_version if diff else None,
        )

    async def _ended_early(self, view: ExperimentView, why: str) -> None:
        diff = MemoryDiff(
            diff_id=view.attempt_id,
            agent=view.agent,
            ts=self._clock.now(),
            kind="experiment",
            from_version=view.from_version,
            why=f"ended early: {why} (the rule: {view.rule})",
            by=view.by,
        )
        told = True
        try:
            await self._diffs.record(diff)
        except AutonomyError as error:
            log.error("not in the log of memory diffs: %s of %s %s: %s", diff.diff_id, view.agent, diff.why, error)
            told = False
        self._end(view, state="failed", error=why, diff_id=diff.diff_id if told else None)

    def _tell_bug(self, view: ExperimentView, work: asyncio.Task[None]) -> None:
        if not work.cancelled() and (error := work.exception()) is not None:
            log.critical("the experiment with a rule of %s has ended by a bug", view.agent, exc_info=error)
            self._end(view, state="failed", error=BUG)

    def _end(self, view: ExperimentView, **outcome: object) -> None:
        """However it ended, the next one may begin."""
        self._running = None
        self._keep(view.model_copy(update={"ended_at": self._clock.now(), **outcome}))

    def _keep(self, view: ExperimentView) -> None:
        key = (view.agent, view.rule_id)
        self._views.pop(key, None)
        self._views[key] = view
        if len(self._views) > MOST_KEPT:
            del self._views[next(iter(self._views))]
