"""Runs a suite: several tasks at once, within one budget, each result kept as it comes, so that a run can be gone on with."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import Conflict, InvalidInput
from evals.arms import Arm, ArmSpec, OpenArm
from evals.datasets import EvalTask, load_suite
from evals.driving import drive
from evals.keys import result_key, suite_digest
from evals.measuring import measure
from evals.results import Result, Results, Run

Tell = Callable[[Result], None]


@dataclass(frozen=True)
class Wanted:
    """A new run. `arm` is what people call it; `task_budget_usd` caps each task, `budget_usd` the whole run."""

    suite: str
    arm: str
    seeds: int = 1
    tasks: tuple[str, ...] = ()
    budget_usd: float = 10.0
    task_budget_usd: float = 0.5


@dataclass(frozen=True)
class _Piece:
    task: EvalTask
    seed: int


class _Purse:
    """What is left of a run's budget, with what tasks at work may still take set aside."""

    def __init__(self, left_usd: float, each_usd: float) -> None:
        self._left = left_usd
        self._each = each_usd
        self._freed = asyncio.Condition()
        self._at_work = 0

    async def take(self) -> float:
        """What a task may spend; 0 when nothing is left and nothing will come back."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._left > 0 or not self._at_work)
            amount = min(self._each, self._left)
            if amount > 0:
                self._left -= amount
                self._at_work += 1
            return max(0.0, amount)

    async def give_back(self, amount_usd: float, spent_usd: float) -> None:
        async with self._freed:
            self._left += amount_usd - spent_usd
            self._at_work -= 1
            self._freed.notify_all()


class Runner:
    """`parallel` is how many tasks, and how many applications, there are at once."""

    def __init__(self, open_arm: OpenArm, results: Results, *, parallel: int = 2) -> None:
        self._open = open_arm
        self._results = results
        self._parallel = parallel

    async def begin(self, wanted: Wanted, tasks: Sequence[EvalTask] | None = None) -> Run:
        """Write down what is to be done. Raises NotFound, InvalidInput."""
        suite = tuple(tasks) if tasks is not None else load_suite(wanted.suite)
        known = {task.task_id for task in suite}
        if unknown := [name for name in wanted.tasks if name not in known]:
            raise InvalidInput(f"tasks: the suite {wanted.suite} has no task {unknown[0]}", field="tasks")
        run = Run(
            run_id=secrets.token_hex(4),
            suite=wanted.suite,
            arm=wanted.arm,
            digest=suite_digest(suite),
            started_at=time.time(),
            seeds=wanted.seeds,
            tasks=tuple(task.task_id for task in suite if not wanted.tasks or task.task_id in wanted.tasks),
            budget_usd=wanted.budget_usd,
        )
        await self._results.begin(run)
        return run

    async def run(
        self,
        run: Run,
        tell: Tell = lambda result: None,
        *,
        task_budget_usd: float = 0.5,
        tasks: Sequence[EvalTask] | None = None,
    ) -> Sequence[Result]:
        """Do what is missing of `run`; all its results. What the budget does not suffice for stays missing. Raises Conflict."""
        suite = tuple(tasks) if tasks is not None else load_suite(run.suite)
        if suite_digest(suite) != run.digest:
            raise Conflict(f"the suite {run.suite} has changed since run {run.run_id} began; begin another run")
        done = await self._results.of(run.run_id)
        purse = _Purse(run.budget_usd - sum(result.cost_usd for result in done), task_budget_usd)
        have = {(result.task, result.seed) for result in done}
        wanted = [_Piece(task, seed) for seed in range(run.seeds) for task in suite if task.task_id in run.tasks]
        groups: dict[ArmSpec, list[_Piece]] = {}
        for piece in wanted:
            if (piece.task.task_id, piece.seed) not in have:
                groups.setdefault(spec_of(piece.task), []).append(piece)
        places, applications = asyncio.Semaphore(self._parallel), asyncio.Semaphore(self._parallel)

        async def do(spec: ArmSpec, pieces: Sequence[_Piece]) -> None:
            async with applications, self._open(spec) as arm, asyncio.TaskGroup() as group:
                for piece in pieces:
                    group.create_task(self._one(arm, run, piece, purse, places, tell))

        async with asyncio.TaskGroup() as group:
            for spec, pieces in groups.items():
                group.create_task(do(spec, pieces))
        return await self._results.of(run.run_id)

    async def _one(
        self, arm: Arm, run: Run, piece: _Piece, purse: _Purse, places: asyncio.Semaphore, tell: Tell
    ) -> None:
        async with places:
            budget = await purse.take()
            if not budget:
                return
            spent = budget
            try:
                key = await result_key(arm, piece.task, first_round_only=False)
                driven = await drive(arm, piece.task, budget_usd=budget)
                measured = await measure(arm, piece.task, driven, key=f"{key}:{piece.seed}")
                spent = measured.cost_usd
            finally:
                await purse.give_back(budget, spent)
            result = measured.model_copy(update={"run_id": run.run_id, "arm": run.arm, "seed": piece.seed})
            await self._results.add(result)
            tell(result)


def spec_of(task: EvalTask) -> ArmSpec:
    """The application that a task needs."""
    faults = ((task.agent, task.fault),) if task.fault and task.agent else ()
    return ArmSpec(faults=faults, insist=task.insist)
