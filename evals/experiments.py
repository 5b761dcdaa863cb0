"""Whether a rule helps: the same held-out tasks with and without it, in applications that are apart from the service."""

import asyncio
import hashlib
import random
import secrets
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.errors import BudgetExceeded, InvalidInput, ModelError
from core.learning import ExperimentResult
from core.rules import rule_id
from core.types import BUILDERS, AgentName
from evals.arms import Arm, ArmSpec, OpenArm
from evals.datasets import EvalTask, load_suite
from evals.driving import drive
from evals.intervals import mean_difference
from evals.keys import result_key
from evals.measuring import measure
from evals.results import Result, Results

HELD_OUT = "held-out"
WRITERS = frozenset({*BUILDERS, AgentName.QA, AgentName.DEVOPS})
"""They are tried alone, on what everybody else would have written; who decides is tried in whole first rounds."""


@dataclass(frozen=True)
class _Trial:
    """What one experiment does in both of its arms."""

    experiment: str
    agent: AgentName
    tasks: tuple[EvalTask, ...]
    reviewed: bool
    account: str | None


class HeldOutExperiments:
    """RuleExperiments over the suite `held-out`. There is no early stop: the interval is that of all `count` pairs.

    What counts is how many kinds of findings that block come back to the agent. What the very same came to in an earlier
    experiment is not done again, so that one that was cut off goes on where it was.
    """

    def __init__(
        self,
        open_arm: OpenArm,
        results: Results,
        *,
        count: int,
        task_budget_usd: float,
        parallel: int = 2,
        tasks: Sequence[EvalTask] | None = None,
    ) -> None:
        self._open = open_arm
        self._results = results
        self._count = count
        self._task_budget_usd = task_budget_usd
        self._parallel = parallel
        self._tasks = tasks

    async def run(
        self,
        agent: AgentName,
        rule: str,
        *,
        kinds: Collection[str] = (),
        leave_out: Collection[str] = (),
        account: str | None = None,
    ) -> ExperimentResult:
        """Raises BudgetExceeded when `account` does not suffice, ModelError when a model is away, InvalidInput without a task."""
        began, experiment = time.monotonic(), f"exp-{secrets.token_hex(6)}"
        suite = self._tasks if self._tasks is not None else load_suite(HELD_OUT)
        drawn = draw(suite, agent, rule, self._count, leave_out)
        reviewed = any(kind.startswith("review") for kind in kinds)
        trial = _Trial(experiment, agent, _alone(drawn, agent), reviewed, account)
        without = await self._arm(f"{experiment}-a", ArmSpec(without_rule=(agent, rule), account=account), trial)
        told = await self._arm(f"{experiment}-b", ArmSpec(with_rule=(agent, rule), account=account), trial)
        pairs = _pairs(without, told, agent, kinds)
        interval, whole = mean_difference(pairs), mean_difference(_pairs(without, told, agent, ()))
        most = max(1.0, *(max(pair) for pair in pairs))
        return ExperimentResult(
            experiment_id=experiment,
            agent=agent,
            rule=rule,
            tasks=len(pairs),
            with_rule=sum(after for after, _ in pairs) / len(pairs),
            without_rule=sum(before for _, before in pairs) / len(pairs),
            difference=interval.difference,
            low=max(-most, interval.low),
            high=min(most, interval.high),
            harms=whole.high < 0,
            cost_usd=sum(each.cost_usd for each in (*without, *told) if each.run_id.startswith(experiment)),
            seconds=time.monotonic() - began,
        )

    async def _arm(self, run_id: str, spec: ArmSpec, trial: _Trial) -> list[Result]:
        """The results of one arm, in the order of the tasks. The first that cannot be paid, or asked, ends it."""
        places = asyncio.Semaphore(self._parallel)
        async with self._open(spec) as arm:

            async def one(task: EvalTask) -> Result:
                async with places:
                    return await self._one(arm, run_id, task, trial)

            try:
                async with asyncio.TaskGroup() as group:
                    jobs = [group.create_task(one(task)) for task in trial.tasks]
            except* (BudgetExceeded, ModelError) as failed:
                raise failed.exceptions[0] from None
            return [job.result() for job in jobs]

    async def _one(self, arm: Arm, run_id: str, task: EvalTask, trial: _Trial) -> Result:
        key = await result_key(arm, task, first_round_only=True, reviewed=trial.reviewed)
        if known := await self._results.find(key):
            return known
        driven = await drive(
            arm, task, budget_usd=self._task_budget_usd, first_round_only=True, reviewed=trial.reviewed
        )
        measured = await measure(arm, task, driven, key=key, hidden=False)
        if type(driven.trouble) is ModelError:  # a provider that is away says nothing of the rule; its subclasses do
            raise driven.trouble
        if driven.end == "budget":
            said = f"an experiment cannot be paid to its end: {driven.reason[:300]}"
            raise BudgetExceeded(said, account=trial.account)
        result = measured.model_copy(update={"run_id": run_id, "arm": run_id[-1]})
        await self._results.add(result)
        return result


def draw(
    suite: Sequence[EvalTask], agent: AgentName, rule: str, count: int, leave_out: Collection[str] = ()
) -> tuple[EvalTask, ...]:
    """At most `count` tasks in which the agent works: those of few agents first, which cost least, else as the rule draws.

    Raises InvalidInput where there is none.
    """
    left_out = {_plain(sentence) for sentence in leave_out}
    fit = [task for task in suite if agent in task.agents and _plain(task.sentence) not in left_out]
    if not fit:
        raise InvalidInput(f"no held-out task is one of {agent}", field="agent")
    seed = int.from_bytes(hashlib.sha256(rule_id(rule).encode()).digest()[:8])
    shuffled = random.Random(seed).sample(fit, len(fit))  # noqa: S311  # a draw that can be repeated
    return tuple(sorted(shuffled, key=lambda task: len(task.agents))[:count])


def _alone(tasks: Sequence[EvalTask], agent: AgentName) -> tuple[EvalTask, ...]:
    if agent not in WRITERS:
        return tuple(tasks)
    return tuple(task.model_copy(update={"tier": 2, "agent": agent}) for task in tasks)


def _pairs(
    without: Sequence[Result], told: Sequence[Result], agent: AgentName, kinds: Collection[str]
) -> list[tuple[float, float]]:
    """(with the rule, without it): how many of these kinds of findings, or of all, came back in each task.

    Of an agent that did not end its turn more came back than in the other arm.
    """
    befores, afters = [[_counted(result, agent, kinds) for result in arm] for arm in (without, told)]
    pairs = zip(afters, befores, strict=True)
    return [(_or_more(after, before), _or_more(before, after)) for after, before in pairs]


def _or_more(counted: float | None, other: float | None) -> float:
    return (other or 0.0) + 1.0 if counted is None else counted


def _counted(result: Result, agent: AgentName, kinds: Collection[str]) -> float | None:
    """None where the agent did not end its turn."""
    found = result.findings.get(agent)
    return None if found is None else float(sum(not kinds or kind in kinds for kind in found))


def _plain(sentence: str) -> str:
    return " ".join(sentence.lower().split()).rstrip(".")
