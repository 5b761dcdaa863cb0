"""Questions, tasks and results in plain lines."""

from collections.abc import Iterator, Mapping

from cli.progress import Progress
from client.base import Json
from client.events import InterruptOpened
from client.models import Forecast, PullRequest, Task, TaskStatus
from client.words import count, describe_check, describe_scores, first_line


def describe_money(spent_usd: float, cap_usd: float) -> str:
    return f"${spent_usd:.4f} of ${cap_usd:.2f}"


def describe_forecast(forecast: Forecast, budget_usd: float) -> Iterator[str]:
    """What a task is expected to take, before it is begun."""
    usd, tokens = forecast.usd, forecast.tokens
    money = f"${usd.low:.2f} to ${usd.high:.2f}, about ${usd.expected:.2f}" if usd.high else "no cost"
    yield f"forecast: {money}; {tokens.low:,.0f} to {tokens.high:,.0f} tokens ({_basis(forecast)})"
    if forecast.unknown_prices:
        yield f"the price of {', '.join(forecast.unknown_prices)} is unknown and taken as the dearest known"
    if usd.high > budget_usd:
        yield f"the budget of ${budget_usd:.2f} may not do; you are asked before more is spent"


def _basis(forecast: Forecast) -> str:
    """Where it comes from."""
    tasks = forecast.tasks
    return {
        "same_models": f"from the last {tasks} finished tasks with these models",
        "other_models": f"from the tokens of {tasks} finished tasks with other models",
        "shipped": f"a guess from {tasks} builds measured with the offline model; none has finished here yet",
    }.get(forecast.source, f"from {tasks} tasks, {forecast.source}")


def _foreseen(task: Task) -> str:
    """The forecast, beside what it came to."""
    if task.forecast is None or not task.forecast.usd.high:
        return ""
    return f", foreseen ${task.forecast.usd.low:.2f} to ${task.forecast.usd.high:.2f}"


def describe_question(event: InterruptOpened) -> Iterator[str]:
    """The question and the evidence it is to be decided on."""
    shown = event.payload
    yield event.prompt
    for key, title in (("covered", "covered"), ("not_covered", "not covered"), ("checks", "checks")):
        yield from _list(title, shown.get(key))
    review = shown.get("review")
    if isinstance(review, Mapping):
        yield "review: " + ", ".join(f"{name} {value}" for name, value in review.items())
    yield from _list("what repeats", [_repetition(each) for each in _entries(shown.get("loops"))])
    yield from _list("open findings", [_open_finding(each) for each in _entries(shown.get("findings"))])
    yield from _list("what agents say against it", [_objection(each) for each in _entries(shown.get("objections"))])
    if "files" in shown:
        yield f"{shown['files']} files, {shown.get('additions', 0)} lines on branch {shown.get('branch', '')}"
    demo = shown.get("demo")
    if isinstance(demo, Mapping):
        yield f"try it: {demo['url']}" if demo.get("url") else f"no live demo: {demo.get('problem')}"
    spent, cap = shown.get("cost_usd", shown.get("spent_usd")), shown.get("cap_usd")
    if isinstance(spent, int | float) and isinstance(cap, int | float):
        yield f"cost: {describe_money(spent, cap)}"


def _open_finding(entry: Json) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    return f"{entry.get('severity')} {entry.get('file') or ''} {entry.get('message')} [{entry.get('owner')}]"


def _objection(entry: Json) -> str:
    return f"{entry.get('agent')}: {entry.get('says')}" if isinstance(entry, dict) else str(entry)


def _repetition(entry: Json) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    rounds = ", ".join(str(each) for each in _entries(entry.get("iterations")))
    return f"{entry.get('says')} ({entry.get('times')} times, in rounds {rounds})"


def _entries(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _list(title: str, value: Json) -> Iterator[str]:
    entries = _entries(value)
    if entries:
        yield f"{title}:"
        yield from (f"  {entry}" for entry in entries)


def describe_task(task: Task, progress: Progress, published: PullRequest | None) -> Iterator[str]:
    """Everything that `autonomy show` prints."""
    yield f"task {task.task_id}: {task.status}" + (f", iteration {task.iteration}" if task.iteration else "")
    yield f"sentence: {task.task_description}"
    if task.forked_from:
        wish = f": {task.forked_from.feedback}" if task.forked_from.feedback else ""
        yield f"fork of task {task.forked_from.task_id}, from checkpoint {task.forked_from.checkpoint_id}{wish}"
    if task.error:
        yield f"error: {task.error}"
    plan = (task.summary or {}).get("plan")
    if isinstance(plan, dict):
        yield f"plan: {plan.get('title', '')}"
        yield from _list("covered", plan.get("covered"))
        yield from _list("not covered", plan.get("not_covered"))
    for name, agent in progress.agents.items():
        yield f"{name}: {agent.status}, {count(len(agent.files), 'file')}, {agent.elapsed_s(progress.latest):.1f} s"
    if progress.checks:
        yield f"tests: {progress.tests_run} run, {progress.tests_failed} failed"
        yield from (f"  {describe_check(check)}" for check in progress.checks.values())
        yield f"contract: {len(progress.coverage.covered)} of {len(progress.coverage.promised)} operations covered"
    if progress.review:
        yield f"review: {describe_scores(progress.review)}"
    yield f"cost: {describe_money(task.total_cost_usd, task.budget_usd)}{_foreseen(task)}; {task.total_tokens:,} tokens"
    if task.output_path:
        yield f"files: {task.output_path}"
    if published:
        yield from _describe_published(published)
    if task.human_input_prompt:
        yield f"question: {task.human_input_prompt}"


def _describe_published(published: PullRequest) -> Iterator[str]:
    yield f"pull request {published.number}: {published.title}"
    yield f"  {published.url}"
    yield f"  {published.branch} into {published.base}, commit {published.commit}"
    yield from (f"  {line}" for line in published.body.splitlines())
    yield "diff stat:"
    yield from (f"  {line}" for line in published.diff_stat.splitlines())
    yield clone_command(published)


def clone_command(published: PullRequest) -> str:
    return f"git clone --branch {published.branch} {published.clone_url}"


def describe_end(task: Task, progress: Progress, published: PullRequest | None) -> Iterator[str]:
    """The last lines of a build: the result, and what to do with it."""
    elapsed = progress.elapsed_s(progress.latest)
    tests = f"{progress.tests_run} tests run" if progress.checks else "no test run"
    covered = f"{len(progress.coverage.covered)} of {len(progress.coverage.promised)} operations covered"
    yield (
        f"task {task.task_id} {task.status} after {elapsed:.0f} s: {count(progress.files, 'file')}, {tests}, {covered}, "
        f"cost {describe_money(task.total_cost_usd, task.budget_usd)}{_foreseen(task)}"
    )
    if task.status is not TaskStatus.COMPLETED:
        yield f"reason: {first_line(task.error or progress.error or 'none was given')}"
    if task.output_path:
        yield f"files: {task.output_path}"
    if published:
        yield f"pull request {published.number}: {published.title}"
        yield clone_command(published)
