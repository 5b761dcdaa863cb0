"""What a driven task came to: figures from its events and its logged calls, hidden checks on its tree, mistakes nobody found."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.events import AgentFinished, AgentStarted, CheckFinished, CoverageMeasured, LlmStart, Routed
from core.finding_kinds import kind_of
from core.findings import BLOCKING, CheckResult, CheckStatus, Coverage
from core.models import Interaction, InteractionFilter
from core.types import AgentName, Usage
from evals.arms import Arm
from evals.datasets import EvalTask
from evals.driving import Driven, first_routed
from evals.hidden import HiddenResult, hold_against
from evals.results import Result

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
        findings=_came_back(task, driven),
        cost_usd=sum(call.cost_usd for call in calls),
        calls=len(calls),
        usage=_sum(call.usage for call in calls),
        seconds=driven.seconds,
        models=dict(arm.models),
        prompts=tuple(sorted({f"{call.prompt_name}@{call.prompt_version[:12]}" for call in calls})),
        identities={call.agent: call.identity_version for call in calls if call.identity_version},
    )


def _came_back(task: EvalTask, driven: Driven) -> dict[AgentName, tuple[str, ...]]:
    """The kinds of what blocks, each once, for every agent that ended its work of the first round."""
    if task.tier < 3:
        if driven.work is None or task.agent is None:
            return {}
        worked, found = {task.agent}, driven.work.findings
    else:
        routed = first_routed(driven.events)
        found = routed.findings if routed else ()
        events = (stored.event for stored in driven.events)
        worked = {event.agent for event in events if isinstance(event, AgentFinished) and event.success}
    blocking = [finding for finding in found if finding.severity in BLOCKING]
    return {
        agent: tuple(dict.fromkeys(kind_of(finding, task.sentence) for finding in blocking if finding.owner is agent))
        for agent in worked
    }


@dataclass(frozen=True)
class _Seen:
    """Of the last round."""

    rounds: int
    checks: Sequence[CheckResult] = ()
    coverage: Coverage = field(default_factory=Coverage)


def _read(driven: Driven) -> _Seen:
    if driven.work is not None:
        return _Seen(1, driven.work.report.checks, driven.work.report.coverage)
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
