"""`autonomy eval`: suites of tasks done by the models, prompts and rules as they are now, and what differs between two runs."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.agents import RuleWish, known_agent
from cli.errors import ExitCode
from cli.host import Target, evaluating, load_settings, model_changes
from cli.running import run
from cli.screens import JsonScreen, LineScreen, Screen
from cli.trying import try_rule
from evals import report
from evals.comparing import compare
from evals.datasets import suite_names
from evals.results import Run
from evals.runner import Wanted

app = typer.Typer(help="Evaluate models, prompts and rules on tasks with hidden checks.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Server = Annotated[str | None, typer.Option(metavar="URL", help="Drive the server at this address.")]
Parallel = Annotated[int, typer.Option(min=1, max=64, help="How many tasks at once.")]


@app.command("run")
def run_command(
    suite: Annotated[str, typer.Argument(metavar="[SUITE]", help="Its name; with --resume none.")] = "",
    model: Annotated[str | None, typer.Option(help="Model of every agent.", metavar="NAME")] = None,
    arm: Annotated[str, typer.Option(help="What the run is called in reports.", metavar="NAME")] = "",
    task: Annotated[list[str] | None, typer.Option(help="Only this task; may be given again.", metavar="ID")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="How many times each task is done.")] = 1,
    parallel: Parallel = 2,
    budget: Annotated[
        float, typer.Option(min=0.01, max=1_000_000, help="Cap of the whole run in US dollars.", metavar="USD")
    ] = 10.0,
    resume: Annotated[str, typer.Option(help="Do what is missing of this run.", metavar="RUN")] = "",
    output: Annotated[Path | None, typer.Option(help="Write the report as Markdown.", metavar="FILE")] = None,
    as_json: AsJson = False,
) -> None:
    """Do the tasks of SUITE, each in an application of its own; what is done is kept, so that a run can be gone on with."""
    if bool(suite) == bool(resume):
        raise typer.BadParameter(f"give a SUITE ({', '.join(suite_names())}) or --resume RUN")
    wanted = Wanted(suite, arm or model or "settings", seeds, tuple(task or ()), budget)
    target = Target(load_settings(**model_changes(model)))
    run(lambda: _run(target, wanted, resume, parallel, output, _screen(as_json)))


async def _run(
    target: Target, wanted: Wanted, resume: str, parallel: int, output: Path | None, screen: Screen
) -> ExitCode:
    async with evaluating(target.settings, parallel=parallel) as evaluations:
        runner, results = evaluations.runner, evaluations.results
        begun = await results.run(resume) if resume else await runner.begin(wanted)
        screen.say([f"run {begun.run_id}: {len(begun.tasks) * begun.seeds} tasks of {begun.suite}"])
        cap = target.settings.max_task_budget_usd
        done = await runner.run(begun, lambda result: screen.say([report.line(result)]), task_budget_usd=cap)
    if output is not None:
        await asyncio.to_thread(output.write_text, report.markdown(begun, done), encoding="utf-8")
    screen.finish(report.document(begun, done), report.summary(begun, done))
    whole = len(done) == len(begun.tasks) * begun.seeds
    return ExitCode.COMPLETED if whole and all(result.passed for result in done) else ExitCode.FAILED


@app.command("list")
def list_command() -> None:
    """Show the suites, and the runs there are, newest first."""
    run(lambda: _list(Target(load_settings()), LineScreen(interactive=False)))


async def _list(target: Target, screen: Screen) -> ExitCode:
    async with evaluating(target.settings, parallel=1) as evaluations:
        runs = await evaluations.results.runs()
        counts = {each.run_id: len(await evaluations.results.of(each.run_id)) for each in runs}
    screen.say([f"suites: {', '.join(suite_names())}"])
    for each in runs:
        begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.started_at))
        planned = len(each.tasks) * each.seeds
        screen.say([f"{each.run_id}  {begun}  {each.suite:<10}  {counts[each.run_id]:>3} of {planned:<3}  {each.arm}"])
    return ExitCode.COMPLETED


@app.command("show")
def show_command(run_id: Annotated[str, typer.Argument(metavar="RUN")], as_json: AsJson = False) -> None:
    """Show a run: each task, and the figures by tier."""
    run(lambda: _show(Target(load_settings()), run_id, _screen(as_json)))


async def _show(target: Target, run_id: str, screen: Screen) -> ExitCode:
    async with evaluating(target.settings, parallel=1) as evaluations:
        found = await evaluations.results.run(run_id)
        done = await evaluations.results.of(run_id)
    screen.finish(report.document(found, done), [*map(report.line, done), *report.summary(found, done)])
    return ExitCode.COMPLETED


@app.command("compare")
def compare_command(
    before: Annotated[str, typer.Argument(metavar="RUN")],
    after: Annotated[str, typer.Argument(metavar="RUN")],
    as_json: AsJson = False,
) -> None:
    """Show what differs between two runs of the same tasks, with intervals of 95 %."""
    run(lambda: _compare(Target(load_settings()), before, after, _screen(as_json)))


async def _compare(target: Target, before: str, after: str, screen: Screen) -> ExitCode:
    async with evaluating(target.settings, parallel=1) as evaluations:
        runs: list[Run] = [await evaluations.results.run(run_id) for run_id in (before, after)]
        first, second = [await evaluations.results.of(each.run_id) for each in runs]
    found = compare(first, second)
    screen.finish(report.comparison_document(found, *runs), report.comparison_lines(found, *runs))
    return ExitCode.COMPLETED


@app.command("rule")
def rule_command(
    agent: Annotated[str, typer.Argument(metavar="AGENT", help="Whose rule it is.")],
    rule: Annotated[
        str, typer.Argument(metavar="RULE", help="The id of a rule or of one on trial, or the text of a new one.")
    ],
    no_wait: Annotated[bool, typer.Option("--no-wait", help="End when the service has begun.")] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Do held-out tasks with and without a rule, and promote or drop it, keep or prune it: 0 it helps, 1 it is not shown to.

    The text of a new rule is measured only.
    """
    wish = RuleWish(known_agent(agent), rule, trials=True)
    run(lambda: try_rule(Target(load_settings(), server), wish, _screen(as_json), wait=not no_wait))


def _screen(as_json: bool) -> Screen:
    return JsonScreen() if as_json else LineScreen(interactive=False)
