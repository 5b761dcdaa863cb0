"""Events and tasks in plain lines, for terminals, logs and files alike."""

from collections.abc import Iterator, Mapping

from cli.progress import Progress
from cli.views import Published, TaskState
from core.events import (
    AgentFinished,
    AgentStarted,
    Artifact,
    CheckFinished,
    CoverageMeasured,
    InterruptDecided,
    InterruptOpened,
    Notice,
    ReviewFinished,
    Routed,
    StoredEvent,
    TaskUpsert,
)
from core.events import Published as PublishedEvent
from core.findings import CheckResult, CheckStatus, Finding, ReviewScores
from core.forecast import Forecast
from core.types import Json, TaskStatus

MAX_SHOWN_FINDINGS = 5


def describe(stored: StoredEvent) -> str | None:
    """One line for an event; None for what is only of interest to programs, and for questions, which are shown whole."""
    match stored.event:
        case AgentStarted() as event:
            return f"{event.agent}: {event.step}"
        case AgentFinished() as event:
            outcome = "done" if event.success else "failed"
            return f"{event.agent}: {event.step} {outcome}" + (f", {event.summary}" if event.summary else "")
        case Artifact() as event:
            refused = "".join(f"\n  refused {path}: {reason}" for path, reason in event.refused.items())
            return f"{event.agent}: {_count(len(event.paths), 'file')}{refused}"
        case CheckFinished() as event:
            return describe_check(event.result)
        case CoverageMeasured() as event:
            return f"contract: {len(event.coverage.covered)} of {len(event.coverage.promised)} operations covered"
        case ReviewFinished() as event:
            return f"review: {describe_scores(event.scores)}"
        case Routed() as event:
            return _describe_route(event)
        case InterruptDecided() as event:
            return f"answer: {event.action}" + (f" via {event.via}" if event.via else "")
        case PublishedEvent() as event:
            return f"published {event.kind.replace('_', ' ')}: {event.reference}"
        case Notice() as event:
            return event.text if event.level == "info" else f"{event.level}: {event.text}"
        case TaskUpsert() as event if event.status.final:
            return f"task {event.status}" + (f": {first_line(event.error)}" if event.error else "")
        case _:
            return None


def describe_check(result: CheckResult) -> str:
    """`pytest: passed, 31 tests`, with the first findings of a failure below."""
    tests = f", {_count(result.tests_run, 'test')}" if result.tests_run else ""
    failed = f" ({result.tests_failed} failed)" if result.tests_failed else ""
    why = f" ({result.detail[:160]})" if result.status is CheckStatus.NOT_EXECUTED and result.detail else ""
    shown = result.findings[:MAX_SHOWN_FINDINGS] if result.status is CheckStatus.FAILED else ()
    return f"{result.name}: {result.status}{tests}{failed}{why}" + "".join(f"\n  {_finding(each)}" for each in shown)


def describe_scores(scores: ReviewScores) -> str:
    return f"security {scores.security:g}, performance {scores.performance:g}, quality {scores.quality:g} of 10"


def describe_money(spent_usd: float, cap_usd: float) -> str:
    return f"${spent_usd:.4f} of ${cap_usd:.2f}"


def first_line(text: str) -> str:
    """Of an error that a notice has told in full."""
    return text.split("\n", 1)[0]


def describe_forecast(forecast: Forecast, budget_usd: float) -> Iterator[str]:
    """What a task is expected to take, before it is begun."""
    usd, tokens = forecast.usd, forecast.tokens
    money = f"${usd.low:.2f} to ${usd.high:.2f}, about ${usd.expected:.2f}" if usd.high else "no cost"
    yield f"forecast: {money}; {tokens.low:,.0f} to {tokens.high:,.0f} tokens ({forecast.basis})"
    if forecast.unknown_prices:
        yield f"the price of {', '.join(forecast.unknown_prices)} is unknown and taken as the dearest known"
    if usd.high > budget_usd:
        yield f"the budget of ${budget_usd:.2f} may not do; you are asked before more is spent"


def _foreseen(task: TaskState) -> str:
    """The forecast, beside what it came to."""
    if task.forecast is None or not task.forecast.usd.high:
        return ""
    return f", foreseen ${task.forecast.usd.low:.2f} to ${task.forecast.usd.high:.2f}"


def _describe_route(event: Routed) -> str:
    to = ", ".join(event.to) or "nobody"
    head = f"back to {to}" if event.to else "stopped"
    why = f": {event.reason}" if event.reason else ""
    return head + why + "".join(f"\n  {_finding(each)}" for each in event.findings[:MAX_SHOWN_FINDINGS])


def _finding(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line or 1} " if finding.file else ""
    owner = f" [{finding.owner}]" if finding.owner else ""
    return f"{finding.severity} {place}{finding.message.splitlines()[0][:200] if finding.message else ''}{owner}"


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
    if shown.get("demo_url"):
        yield f"demo: {shown['demo_url']}"
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


def describe_task(task: TaskState, progress: Progress, published: Published | None) -> Iterator[str]:
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
        yield f"{name}: {agent.status}, {_count(len(agent.files), 'file')}, {agent.elapsed_s(progress.latest):.1f} s"
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


def _describe_published(published: Published) -> Iterator[str]:
    yield f"pull request {published.number}: {published.title}"
    yield f"  {published.url}"
    yield f"  {published.branch} into {published.base}, commit {published.commit}"
    yield from (f"  {line}" for line in published.body.splitlines())
    yield "diff stat:"
    yield from (f"  {line}" for line in published.diff_stat.splitlines())
    yield clone_command(published)


def clone_command(published: Published) -> str:
    return f"git clone --branch {published.branch} {published.clone_url}"


def describe_end(task: TaskState, progress: Progress, published: Published | None) -> Iterator[str]:
    """The last lines of a build: the result, and what to do with it."""
    elapsed = progress.elapsed_s(progress.latest)
    tests = f"{progress.tests_run} tests run" if progress.checks else "no test run"
    covered = f"{len(progress.coverage.covered)} of {len(progress.coverage.promised)} operations covered"
    yield (
        f"task {task.task_id} {task.status} after {elapsed:.0f} s: {_count(progress.files, 'file')}, {tests}, {covered}, "
        f"cost {describe_money(task.total_cost_usd, task.budget_usd)}{_foreseen(task)}"
    )
    if task.status is not TaskStatus.COMPLETED:
        yield f"reason: {first_line(task.error or progress.error or 'none was given')}"
    if task.output_path:
        yield f"files: {task.output_path}"
    if published:
        yield f"pull request {published.number}: {published.title}"
        yield clone_command(published)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
