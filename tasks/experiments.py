"""Experiments decide on rules: one on trial is promoted when it helps, a weak one is kept when it does, others leave."""

import logging
from dataclasses import dataclass
from itertools import chain

from core.agent_views import MemoryDiff
from core.analytics import day_of
from core.budget import experiments_account
from core.episodes import EpisodeFilter
from core.errors import Conflict, Refused
from core.identity import Identity, RuleOrigin, TrialRule
from core.learning import ExperimentResult, Verdict
from core.ports import Clock, EpisodeLog, IdentityStore, Ledger, MemoryDiffLog, RuleExperiments
from core.rule_changes import promote, without
from core.rules import find_rule, memory_diff, rule_id
from core.types import AgentName

log = logging.getLogger(__name__)
SAVE_ATTEMPTS = 5
CALLER = "learning"
NO_RUNNER = "no experiment can be run: no evaluation sets are installed"


@dataclass(frozen=True)
class ExperimentStores:
    identities: IdentityStore
    diffs: MemoryDiffLog
    episodes: EpisodeLog
    ledger: Ledger


class Promoter:
    """Has a rule tried and does what the result says.

    `runner` None: no experiments can be run here. `budget_usd` is for all that begin by themselves on one day, and for each
    that a person begins.
    """

    def __init__(
        self, stores: ExperimentStores, runner: RuleExperiments | None, clock: Clock, *, budget_usd: float
    ) -> None:
        self._stores = stores
        self._runner = runner
        self._clock = clock
        self._budget_usd = budget_usd

    @property
    def can_try(self) -> bool:
        """Whether there is something to try rules with."""
        return self._runner is not None

    async def try_rule(self, agent: AgentName, rule_id: str, *, by: str) -> tuple[ExperimentResult, Verdict]:
        """Try a rule that is on trial or stands, and save what follows. `by` is who asked for it; empty: the service itself.

        Raises NotFound, Refused without evaluation sets, and what the experiment raises; nothing is changed then.
        """
        if self._runner is None:
            raise Refused(NO_RUNNER)
        identity = await self._stores.identities.load(agent)
        trial = find_trial(identity, rule_id)
        rule = trial.text if trial else find_rule(identity, rule_id)
        account = await self._account(agent, rule_id, by)
        origin = trial.origin if trial else identity.origins.get(rule, RuleOrigin())
        result = await self._runner.run(
            agent, rule, kinds=origin.kinds, leave_out=await self._sentences(agent, origin), account=account
        )
        verdict = _verdict(result, on_trial=trial is not None)
        await self._save(result, verdict, by)
        log.info("%s: %s", agent, _why(result, verdict))
        return result, verdict

    async def _account(self, agent: AgentName, rule_id: str, by: str) -> str:
        now = self._clock.now()
        account = f"experiment-{agent}-{rule_id}-{now:.0f}" if by else experiments_account(day_of(now))
        await self._stores.ledger.open(account, self._budget_usd, by or CALLER)
        return account

    async def _sentences(self, agent: AgentName, origin: RuleOrigin) -> tuple[str, ...]:
        """Of the tasks that the rule was drawn from: what it was made for proves nothing."""
        found = [
            await self._stores.episodes.list(EpisodeFilter(agent=agent, task_id=task_id)) for task_id in origin.tasks
        ]
        return tuple(dict.fromkeys(episode.sentence for episode in chain.from_iterable(found)))

    async def _save(self, result: ExperimentResult, verdict: Verdict, by: str) -> None:
        """Raises Conflict when the identity changed again and again meanwhile."""
        if verdict == "undecided":
            return
        for attempt in range(SAVE_ATTEMPTS):
            current = await self._stores.identities.load(result.agent)
            changed = _changed(current, result, verdict)
            if changed is None:
                await self._stores.diffs.record(self._without_effect(current, result, verdict, by))
                return
            told = {"cause": "experiment", "why": _why(result, verdict), "by": by}
            try:
                saved = await self._stores.identities.save(changed.model_copy(update=told), current.version)
            except Conflict:
                if attempt + 1 == SAVE_ATTEMPTS:
                    raise
                continue
            if diff := memory_diff(current, saved):
                await self._stores.diffs.record(diff)
            return

    def _without_effect(self, current: Identity, result: ExperimentResult, verdict: Verdict, by: str) -> MemoryDiff:
        """Of an experiment with a rule that has left, or was pinned, meanwhile."""
        return MemoryDiff(
            diff_id=f"experiment-{result.experiment_id}",
            agent=result.agent,
            ts=self._clock.now(),
            kind="experiment",
            from_version=current.version,
            to_version=None,
            experiment=result.experiment_id,
            why=_why(result, verdict),
            by=by,
        )


def find_trial(identity: Identity, wanted: str) -> TrialRule | None:
    """The rule on trial with this id."""
    return next((trial for trial in identity.trials if rule_id(trial.text) == wanted), None)


def _verdict(result: ExperimentResult, *, on_trial: bool) -> Verdict:
    if result.tasks == 0:
        return "undecided"
    if on_trial:
        return "promoted" if result.helps else "dropped"
    return "kept" if result.helps else "pruned"


def _changed(current: Identity, result: ExperimentResult, verdict: Verdict) -> Identity | None:
    """The identity as it is to be; None where the rule has left meanwhile, or was pinned.

    A rule that is kept says from now on by which experiment.
    """
    trial = find_trial(current, rule_id(result.rule))
    if verdict == "promoted" and trial:
        return promote(current, trial, result.experiment_id)
    if verdict == "dropped" and trial:
        return without(current, [result.rule])
    if verdict == "pruned" and result.rule in current.rules and result.rule not in current.pinned:
        return without(current, [result.rule])
    if verdict == "kept" and result.rule in current.rules:
        origin = current.origins.get(result.rule, RuleOrigin()).model_copy(update={"experiment": result.experiment_id})
        return current.model_copy(update={"origins": {**current.origins, result.rule: origin}})
    return None


def _why(result: ExperimentResult, verdict: Verdict) -> str:
    """With the figures, in one line."""
    harm = ", more in all" if result.harms else ""
    return (
        f"experiment {result.experiment_id}: {verdict}: {result.rule} ({result.tasks} tasks: {result.with_rule:.2f} kinds of "
        f"findings a task with it, {result.without_rule:.2f} without, {result.difference:+.2f} fewer, 95 % {result.low:+.2f} to "
        f"{result.high:+.2f}{harm}, ${result.cost_usd:.4f})"
    )
