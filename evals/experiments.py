"""Whether a rule helps: the same held-out tasks with and without it, in applications that are apart from the service."""

import asyncio
import hashlib
import random
import secrets
import time
from collections.abc import Collection, Sequence

from core.errors import BudgetExceeded, InvalidInput
from core.learning import ExperimentResult
from core.rules import rule_id
from core.types import AgentName
from evals.arms import Arm, ArmSpec, OpenArm
from evals.datasets import EvalTask, load_suite
from evals.driving import drive
from evals.intervals import mean_difference
from evals.keys import result_key
from evals.measuring import measure
from evals.results import Result, Results

HELD_OUT = "held-out"


class HeldOutExperiments:
    """RuleExperiments over the suite `held-out`. There is no early stop: the interval is that of all `count` pairs.

    Only the first round of each task is done, since that alone is scored: 1 less a quarter for each finding that blocks and
    came back to the agent (at least 0). What the very same came to in an earlier experiment is not done again.
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
        self, agent: AgentName, rule: str, *, leave_out: Collection[str] = (), account: str | None = None
    ) -> ExperimentResult:
        """Raises BudgetExceeded when `account` does not suffice, InvalidInput where no held-out task is one of this agent."""
        began, experiment = time.monotonic(), f"exp-{secrets.token_hex(6)}"
        suite = self._tasks if self._tasks is not None else load_suite(HELD_OUT)
        drawn = draw(suite, agent, rule, self._count, leave_out)
        arms = (
            ArmSpec(without_rule=(agent, rule), account=account),
            ArmSpec(with_rule=(agent, rule), account=account),
        )
        without, told = [await self._arm(f"{experiment}-{'ab'[place]}", spec, drawn) for place, spec in enumerate(arms)]
        pairs = [(_score(before, agent), _score(after, agent)) for before, after in zip(without, told, strict=True)]
        interval = mean_difference(pairs)
        return ExperimentResult(
            experiment_id=experiment,
            agent=agent,
            rule=rule,
            tasks=len(pairs),
            with_rule=sum(after for _, after in pairs) / len(pairs),
            without_rule=sum(before for before, _ in pairs) / len(pairs),
            difference=interval.difference,
            low=max(-1.0, interval.low),
            high=min(1.0, interval.high),
            cost_usd=sum(each.cost_usd for each in (*without, *told) if each.run_id.startswith(experiment)),
            seconds=time.monotonic() - began,
        )

    async def _arm(self, run_id: str, spec: ArmSpec, tasks: Sequence[EvalTask]) -> list[Result]:
        """The results of one arm, in the order of the tasks. The first that cannot be paid ends it."""
        places = asyncio.Semaphore(self._parallel)
        async with self._open(spec) as arm:

            async def one(task: EvalTask) -> Result:
                async with places:
                    return await self._one(arm, run_id, task, spec.account)

            try:
                async with asyncio.TaskGroup() as group:
                    jobs = [group.create_task(one(task)) for task in tasks]
            except* BudgetExceeded as exceeded:
                raise exceeded.exceptions[0] from None
            return [job.result() for job in jobs]

    async def _one(self, arm: Arm, run_id: str, task: EvalTask, account: str | None) -> Result:
        key = await result_key(arm, task, first_round_only=True)
        if known := await self._results.find(key):
            return known
        driven = await drive(arm, task, budget_usd=self._task_budget_usd, first_round_only=True)
        measured = await measure(arm, task, driven, key=key, hidden=False)
        if driven.end == "budget":
            raise BudgetExceeded(f"an experiment cannot be paid to its end: {driven.reason[:300]}", account=account)
        result = measured.model_copy(update={"run_id": run_id, "arm": run_id[-1]})
        await self._results.add(result)
        return result


def draw(
    suite: Sequence[EvalTask], agent: AgentName, rule: str, count: int, leave_out: Collection[str] = ()
) -> tuple[EvalTask, ...]:
    """At most `count` tasks in which the agent works, drawn by the rule. Raises InvalidInput where there is none."""
    left_out = {_plain(sentence) for sentence in leave_out}
    fit = [task for task in suite if agent in task.agents and _plain(task.sentence) not in left_out]
    if not fit:
        raise InvalidInput(f"no held-out task is one of {agent}", field="agent")
    seed = int.from_bytes(hashlib.sha256(rule_id(rule).encode()).digest()[:8])
    return tuple(random.Random(seed).sample(fit, min(count, len(fit))))  # noqa: S311  # a draw that can be repeated


def _plain(sentence: str) -> str:
    return " ".join(sentence.lower().split()).rstrip(".")


def _score(result: Result, agent: AgentName) -> float:
    """An agent that could not finish its turn has done nothing well."""
    return result.scores.get(agent, 0.0)
