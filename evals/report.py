"""What came of evaluations, for people: lines of a terminal, Markdown, and the same as data."""

import math
from collections.abc import Sequence

from core.learning import ExperimentResult
from core.types import Json, JsonObject
from evals.comparing import Comparison, Row
from evals.intervals import LEVEL
from evals.results import Result, Run

COMPARISON_FORMAT = 1
"""Of `compare --json`; another number says that something that was there means something else, or is gone."""


def line(result: Result) -> str:
    """A task, as it comes."""
    mark = "done  " if result.passed else "failed"
    hidden = f", hidden {result.hidden_passed}/{len(result.hidden)}" if result.hidden else ""
    missed = f", missed: {'; '.join(result.missed)}" if result.missed else ""
    why = "" if result.passed else _why(result)
    took = f"${result.cost_usd:.4f}, {result.seconds:.0f} s"
    return f"{mark}  {result.task}: {result.end} in {result.rounds} rounds{hidden}{missed}, {took}{why}"


def _why(result: Result) -> str:
    held = next((f"{check.name}: {check.why}" for check in result.hidden if not check.passed), "")
    said = held or result.reason or f"it ended in {result.end}"
    return f" ({' '.join(said.split())[:300]})"


def summary(run: Run, results: Sequence[Result]) -> list[str]:
    """The figures of a run, by tier and in all."""
    planned = len(run.tasks) * run.seeds
    lines = [f"run {run.run_id}, suite {run.suite}, arm {run.arm}: {len(results)} of {planned} done"]
    for tier in sorted({result.tier for result in results}):
        lines.append(f"  tier {tier}: {_figures([result for result in results if result.tier == tier])}")
    if results:
        lines.append(f"  all:    {_figures(results)}")
    if len(results) < planned:
        lines.append(f"  go on with: autonomy eval run --resume {run.run_id}")
    return lines


def _figures(results: Sequence[Result]) -> str:
    hidden, held = sum(len(each.hidden) for each in results), sum(each.hidden_passed for each in results)
    covered, promised = (
        sum(getattr(each, f"operations_{name}") for each in results) for name in ("covered", "promised")
    )
    run, failed = sum(each.tests_run for each in results), sum(each.tests_failed for each in results)
    return (
        f"{sum(each.passed for each in results)} of {len(results)} tasks; tests {run - failed} of {run}; "
        f"contract {covered} of {promised}; hidden {held} of {hidden}; "
        f"{sum(each.rounds for each in results) / len(results):.2f} rounds; "
        f"{sum(len(each.missed) for each in results)} missed; ${sum(each.cost_usd for each in results):.4f}; "
        f"{sum(each.usage.total for each in results):,} tokens; {sum(each.seconds for each in results):.0f} s"
    )


def document(run: Run, results: Sequence[Result]) -> JsonObject:
    whole: list[Json] = [result.model_dump(mode="json") | {"passed": result.passed} for result in results]
    return {"run": run.model_dump(mode="json"), "results": whole}


def markdown(run: Run, results: Sequence[Result]) -> str:
    rows = [
        f"# Evaluation {run.run_id}",
        "",
        *summary(run, results),
        "",
        "| task | tier | ended | done | rounds | tests | contract | hidden | missed | USD | tokens | s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results:
        rows.append(
            f"| {each.task} | {each.tier} | {each.end} | {'yes' if each.passed else 'no'} | {each.rounds} "
            f"| {each.tests_run - each.tests_failed} of {each.tests_run} "
            f"| {each.operations_covered} of {each.operations_promised} | {each.hidden_passed} of {len(each.hidden)} "
            f"| {'; '.join(each.missed) or '-'} | {each.cost_usd:.4f} | {each.usage.total} | {each.seconds:.0f} |"
        )
    prompts = sorted({prompt for each in results for prompt in each.prompts})
    told = sorted({f"{agent} {version}" for each in results for agent, version in each.identities.items()})
    models = sorted({f"{agent} {model}" for each in results for agent, model in each.models.items()})
    rows += [
        "",
        f"Models: {', '.join(models)}.",
        "",
        f"Prompts: {', '.join(prompts)}.",
        "",
        f"Identities: {', '.join(told)}.",
    ]
    return "\n".join(rows) + "\n"


def comparison_lines(comparison: Comparison, before: Run, after: Run) -> list[str]:
    """One figure a line; where the interval holds zero it says that no difference is shown."""
    lines = [
        f"{before.run_id} ({before.arm}) against {after.run_id} ({after.arm}), {comparison.tasks} tasks in pairs, 95 %:"
    ]
    for row in comparison.rows:
        low, high = row.interval.low, row.interval.high
        interval = f"{row.interval.difference:+.4g} [{low:+.4g}, {high:+.4g}]"
        change = f"{row.before:>10.4g} -> {row.after:<10.4g}"
        lines.append(f"  {row.figure.title:<21} {change} {interval} {row.interval.shows} ({row.interval.method})")
    if comparison.left_out:
        lines.append(f"  in one of the runs only: {', '.join(comparison.left_out)}")
    return lines


def comparison_document(comparison: Comparison, before: Run, after: Run) -> JsonObject:
    """As docs/evals.md describes it: stable, and JSON without infinite numbers."""
    figures: JsonObject = {row.figure.name: _figure(row) for row in comparison.rows}
    return {
        "format": COMPARISON_FORMAT,
        "before": before.model_dump(mode="json"),
        "after": after.model_dump(mode="json"),
        "tasks": comparison.tasks,
        "left_out": list(comparison.left_out),
        "level": LEVEL,
        "figures": figures,
    }


def _figure(row: Row) -> JsonObject:
    low, high = row.interval.low, row.interval.high
    return {
        "kind": row.kind,
        "before": row.before,
        "after": row.after,
        "difference": row.interval.difference,
        "low": low if math.isfinite(low) else None,
        "high": high if math.isfinite(high) else None,
        "shows": "higher" if low > 0 else "lower" if high < 0 else None,
    }


def experiment_lines(result: ExperimentResult) -> list[str]:
    verdict = "it helps" if result.helps else "it is not shown to help"
    harm = ", and more in all" if result.harms else ""
    counts = f"{result.with_rule:.2f} kinds of findings a task with the rule, {result.without_rule:.2f} without"
    return [
        f"{result.agent}: {result.rule}",
        f"  {counts}, over {result.tasks} held-out tasks",
        f"  {result.difference:+.2f} fewer, 95 % from {result.low:+.2f} to {result.high:+.2f}{harm}: {verdict}",
        f"  ${result.cost_usd:.4f}, {result.seconds:.0f} s, experiment {result.experiment_id}",
    ]
