"""What a task cost, from its model calls."""

from collections.abc import Iterable, Sequence

from core.models import CallFigures
from core.task_views import CostPoint, CostShare, TaskCosts
from core.tasks import Task
from core.types import Usage


def task_costs(task: Task, calls: Sequence[CallFigures]) -> TaskCosts:
    """`calls` are all that were made, in any order. What was charged without a call in the log is in `spent_usd` alone."""
    ordered = sorted(calls, key=lambda call: call.ended_at)
    groups: dict[tuple[str, str, int], list[CallFigures]] = {}
    points: list[CostPoint] = []
    spent = 0.0
    for call in ordered:
        groups.setdefault((call.agent, call.model, call.iteration), []).append(call)
        spent += call.cost_usd
        points.append(CostPoint(ts=call.ended_at, call_id=call.call_id, agent=call.agent, spent_usd=spent))
    return TaskCosts(
        budget_usd=task.budget_usd,
        spent_usd=max(spent, task.total_cost_usd),
        retry_usd=sum(call.cost_usd for call in ordered if call.iteration > 0),
        input_tokens=sum(call.usage.input_tokens for call in ordered),
        cached_tokens=sum(call.usage.cache_read_tokens for call in ordered),
        shares=tuple(_share(group) for group in groups.values()),
        points=tuple(points),
    )


def _share(calls: Sequence[CallFigures]) -> CostShare:
    return CostShare(
        agent=calls[0].agent,
        model=calls[0].model,
        iteration=calls[0].iteration,
        calls=len(calls),
        failures=sum(not call.success for call in calls),
        usage=_sum(call.usage for call in calls),
        cost_usd=sum(call.cost_usd for call in calls),
        seconds=sum(call.seconds for call in calls),
    )


def _sum(usages: Iterable[Usage]) -> Usage:
    every = list(usages)
    return Usage(**{name: sum(getattr(usage, name) for usage in every) for name in Usage.model_fields})
