"""Tries rules by itself while no task is at work: those on trial, then standing ones that did badly, one after the other."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

from core.agent_views import MemoryDiffFilter
from core.errors import AutonomyError, BudgetExceeded, InvalidInput
from core.identity import Identity
from core.ports import Clock, TaskStore
from core.rule_changes import weak_rules
from core.rules import rule_id
from core.tasks import TaskFilter
from core.types import AgentName
from tasks.experiments import NO_RUNNER, ExperimentStores, Promoter
from tasks.trying import AskedExperiments

log = logging.getLogger(__name__)
AGAIN_S = 30 * 86_400.0
"""A weak rule that an experiment has kept is not tried again before."""
REST_S = 3_600.0
"""Behind an experiment that failed, and behind one for which the day's money did not suffice."""
NEWEST = 500
IDLE_POLLS = 30
"""So much longer is waited where there was nothing to try: each look reads all identities, which clouds charge for."""


class ExperimentWorker:
    """Looks for rules to try; an experiment under way ends when a task comes in or a person asks for one: its rule waits."""

    def __init__(
        self,
        promoter: Promoter,
        stores: ExperimentStores,
        tasks: TaskStore,
        clock: Clock,
        *,
        gives_way: AskedExperiments | None = None,
        poll_s: float = 2.0,
    ) -> None:
        self._promoter = promoter
        self._stores = stores
        self._tasks = tasks
        self._clock = clock
        self._asked = gives_way
        self._poll_s = poll_s
        self._untried: set[AgentName] = set()
        self._rests_until = 0.0
        self._news = asyncio.Event()
        self._settled = False
        self._work: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self._work = asyncio.create_task(self.run(), name="experiments")
        self._work.add_done_callback(_tell_bug)

    async def stop(self) -> None:
        """Cut off what is under way."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])

    def wake(self) -> None:
        """Look again soon: something was learned."""
        self._settled = False
        self._news.set()

    @property
    def is_settled(self) -> bool:
        """Whether there was nothing to try at the last look, and nothing was learned since."""
        return self._settled

    def tries(self, agent: AgentName) -> bool:
        """Whether experiments will decide on the rules of this agent."""
        return self._promoter.can_try and agent not in self._untried

    async def run(self) -> None:
        """Until it is cancelled; ends at once where no experiment can be run."""
        if not self._promoter.can_try:
            log.info("%s; rules on trial wait", NO_RUNNER)
            return
        while True:
            await asyncio.sleep(self._poll_s)
            resting = 0 < self._rests_until - self._clock.now() <= REST_S
            if resting or await self._is_busy():
                continue
            self._news.clear()
            if (found := await self._next()) is not None:
                await self._try_while_idle(*found)
            else:
                await self._wait_for_news()

    async def _wait_for_news(self) -> None:
        """Or for a minute: people and other processes put rules on trial, too."""
        self._settled = not self._news.is_set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_s * IDLE_POLLS):
                await self._news.wait()
        self._settled = False

    async def _is_busy(self) -> bool:
        asked = self._asked is not None and self._asked.at_work
        return asked or bool(await self._tasks.list(TaskFilter(at_work=True, limit=1)))

    async def _next(self) -> tuple[AgentName, str] | None:
        """The agent and the rule that are next: trials, those first whose findings came in most tasks; then weak rules.

        A mistake that is made often hides others, in experiments too.
        """
        trials = list[tuple[int, float, AgentName, str]]()
        weak = list[tuple[AgentName, str]]()
        for agent in AgentName:
            if not self.tries(agent):
                continue
            try:
                identity = await self._stores.identities.load(agent)
            except AutonomyError as error:
                log.info("no rule of %s is tried: %s", agent, error)
                continue
            trials += [(-len(trial.origin.tasks), trial.origin.at, agent, trial.text) for trial in identity.trials]
            weak += [(agent, rule) for rule in _weak(identity) if not await self._was_kept(identity, rule)]
        if trials:
            *_, agent, rule = min(trials)
            return agent, rule
        return weak[0] if weak else None

    async def _was_kept(self, identity: Identity, rule: str) -> bool:
        """Whether an experiment of late has shown the rule to help."""
        experiment = identity.origins[rule].experiment if rule in identity.origins else ""
        if not experiment:
            return False
        diffs = await self._stores.diffs.list(MemoryDiffFilter(agent=identity.agent, limit=NEWEST))
        since = self._clock.now() - AGAIN_S
        return any(diff.experiment == experiment and diff.ts > since for diff in diffs)

    async def _try_while_idle(self, agent: AgentName, rule: str) -> None:
        work = asyncio.create_task(self._try(agent, rule), name=f"experiment of {agent}")
        try:
            while not (await asyncio.wait([work], timeout=self._poll_s))[0]:
                if await self._is_busy():
                    log.info("a task or a person's experiment has come in; the rule is tried later: %s", rule)
                    break
        finally:
            work.cancel()
            await asyncio.wait([work])
        if not work.cancelled():
            work.result()

    async def _try(self, agent: AgentName, rule: str) -> None:
        try:
            await self._promoter.try_rule(agent, rule_id(rule), by="")
        except InvalidInput as error:
            log.info("no rule of %s can be tried: %s", agent, error)
            self._untried.add(agent)
        except BudgetExceeded as error:
            log.info("EXPERIMENT_BUDGET_USD of the day is used up; the rule is tried later: %s", error)
            self._rests_until = self._clock.now() + REST_S
        except AutonomyError as error:
            log.warning("the experiment of %s failed and is run again later: %s", agent, error)
            self._rests_until = self._clock.now() + REST_S


def _tell_bug(work: asyncio.Task[None]) -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        log.critical("experiments have ended by a bug; rules on trial wait", exc_info=error)


def _weak(identity: Identity) -> Iterator[str]:
    return (rule for rule in weak_rules(identity) if rule not in identity.disabled)
