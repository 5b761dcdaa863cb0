"""What a driven task came to: figures from its events and its logged calls, hidden checks on its tree, mistakes nobody found."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.events import AgentFinished, AgentStarted, CheckFinished, CoverageMeasured, LlmStart, Routed, StoredEvent
from core.findings import BLOCKING, CheckResult, CheckStatus, Coverage
from core.models import Interaction, InteractionFilter
from core.types import AgentName, Usage
from evals.arms import Arm
from evals.datasets import EvalTask
from evals.driving import Driven, first_routed
from evals.hidden import HiddenResult, hold_against
from evals.results import Result

PART = 0.25
"""Of a task's score that each finding takes away."""
PAGE = 500


async def measure(arm: Arm, task: EvalTask, driven: Driven, *, key: str, hidden: bool = True) -> Result:
    """`run_id`, `arm` and `seed` are for whoever keeps the result."""
    held: tuple[HiddenResult, ...] = ()
    if hidden and driven.files and driven.end != "escalated":
        held = await hold_against(arm.run_hidden, driven.task_id, driven.files, task.hidden)
    calls = await _calls(arm, driven.task_id)
    seen = _read(driven)
    checks = {status: sum(check.status is status for check in seen.checks) for status in CheckStatus}
    return Result(
        run_id="",
        task=task.task_id,
        tier=task.tier,
        arm="",
        seed=0,
        key=key,
        end=driven.end,
        as_expected=_as_expected(task, driven),
        reason=driven.reason[:4_000],
        rounds=seen.rounds,
        checks_passed=checks[CheckStatus.PASSED],
        checks_failed=checks[CheckStatus.FAILED],
        checks_not_executed=checks[CheckStatus.NOT_EXECUTED],
        tests_run=sum(check.tests_run for check in seen.checks),
        tests_failed=sum(check.tests_failed for check in seen.checks),
        operations_covered=len(seen.coverage.covered),
        operations_promised=len(seen.coverage.promised),
        hidden=held,
        missed=_missed(task, driven, held),
        scores=first_round_scores(driven.events),
        cost_usd=sum(call.cost_usd for call in calls),
        calls=len(calls),
        usage=_sum(call.usage for call in calls),
        seconds=driven.seconds,
        models=dict(arm.models),
        prompts=tuple(sorted({f"{call.prompt_name}@{call.prompt_version[:12]}" for call in calls})),
        identities={call.agent: call.identity_version for call in calls if call.identity_version},
    )


def first_round_scores(events: Sequence[StoredEvent]) -> dict[AgentName, float]:
    """Of every agent that worked: 1 less a quarter for each finding that blocks and came back to it first of all."""
    worked = {
        stored.event.agent for stored in events if isinstance(stored.event, AgentFinished) and stored.event.success
    }
    routed = first_routed(events)
    found = routed.findings if routed else ()
    return {
        agent: _score(finding.owner is agent and finding.severity in BLOCKING for finding in found) for agent in worked
    }


def _score(counted: Iterable[bool]) -> float:
    return max(0.0, 1.0 - PART * sum(counted))


@dataclass(frozen=True)
class _Seen:
    """Of the last round."""

    rounds: int
    checks: Sequence[CheckResult] = ()
    coverage: Coverage = field(default_factory=Coverage)


def _read(driven: Driven) -> _Seen:
    if driven.report is not None:
        return _Seen(1, driven.report.checks, driven.report.coverage)
    events = [stored.event for stored in driven.events]
    last = max((event.iteration for event in events if isinstance(event, AgentStarted)), default=-1)
    checked = max((event.iteration for event in events if isinstance(event, CheckFinished)), default=-1)
    checks = [event.result for event in events if isinstance(event, CheckFinished) and event.iteration == checked]
    coverage = [event.coverage for event in events if isinstance(event, CoverageMeasured)]
    return _Seen(last + 1, checks, coverage[-1] if coverage else Coverage())


def _as_expected(task: EvalTask, driven: Driven) -> bool:
    said = driven.reason.lower()
    return driven.end == task.end and all(words.lower() in said for words in task.says)


def _missed(task: EvalTask, driven: Driven, held: Sequence[HiddenResult]) -> tuple[str, ...]:
    missed = [] if task.tier != 4 or task.agent is None or _found(task.agent, driven) else [f"planted: {task.fault}"]
    if driven.end == "completed":
        missed += [f"hidden: {check.name}" for check in held if not check.passed]
    return tuple(missed)


def _found(agent: AgentName, driven: Driven) -> bool:
    """Whether the mistake went back to who made it, or was mended by its own checks before anybody else saw it."""
    events = [stored.event for stored in driven.events]
    before = itertools.takewhile(lambda event: not isinstance(event, Routed), events)
    itself = any(isinstance(e, LlmStart) and e.agent is agent and e.prompt_name.endswith("fix") for e in before)
    return itself or any(isinstance(event, Routed) and agent in event.to for event in events)


async def _calls(arm: Arm, task_id: str) -> list[Interaction]:
    found: list[Interaction] = []
    query = InteractionFilter(task_id=task_id, limit=PAGE)
    while page := await arm.interactions.list(query):
        found += page
        query = query.model_copy(update={"before": page[-1].interaction_id})
    return found


def _sum(usages: Iterable[Usage]) -> Usage:
    total = Usage()
    for usage in usages:
        total = Usage(**{name: getattr(total, name) + getattr(usage, name) for name in Usage.model_fields})
    return total
