"""What messages about tasks say: a task as it stands, its end, its budget, who answered what."""

from collections.abc import Iterator
from typing import TypeGuard

from core.notifications import Notification
from core.tasks import Action, Interrupt, InterruptKind, Task
from core.types import Json, TaskStatus
from telegram_bot.addressing import Address, address_of
from telegram_bot.text import Line, Piece, Style, Text, bold, compose, cut, one_line, plain

SENTENCE_UNITS = 300
ERROR_UNITS = 1500
_STATUS = {
    TaskStatus.QUEUED: "waits for its turn",
    TaskStatus.RUNNING: "is at work",
    TaskStatus.WAITING: "waits for an answer",
    TaskStatus.COMPLETED: "is completed",
    TaskStatus.FAILED: "has failed",
    TaskStatus.CANCELLED: "is cancelled",
}


def status_words(task: Task) -> str:
    return _STATUS[task.status]


def title_of(task: Task) -> str:
    """The plan's title where there is one, else the beginning of the sentence."""
    plan = task.summary.get("plan")
    title = plan.get("title") if isinstance(plan, dict) else None
    return one_line(str(title) if title else task.request.task_description, 60)


def standing(task: Task) -> Text:
    """A task as it stands: sent when it begins, edited while it goes on, and the answer to /status."""
    return compose(_standing(task), Address(task.task_id).foot())


def _standing(task: Task) -> Iterator[Line]:
    yield bold(title_of(task), f" {status_words(task)}")
    yield plain(one_line(task.request.task_description, SENTENCE_UNITS))
    now = task.timeline[-1] if task.timeline and not task.status.final else None
    if now is not None:
        summary = f": {now.summary}" if now.summary else ""
        yield plain(one_line(f"now: {now.agent} {now.event.removeprefix('agent.')}{summary}", SENTENCE_UNITS))
    for agent, stats in task.agent_stats.items():
        if stats.status not in ("pending", "skipped"):
            yield plain(f"{agent}: {stats.status}, {_count(stats.files, 'file')}, ${stats.cost_usd:.4f}")
    yield plain(f"round {task.iteration + 1}, {_money(task.total_cost_usd, task.budget_usd)}")
    if task.demo_url:
        yield (Piece("demo: "), Piece(task.demo_url, url=task.demo_url))
    yield from _result(task)


def _result(task: Task) -> Iterator[Line]:
    if task.pr_url:
        yield (Piece("pull request: "), _linked(task.pr_url))
    if task.output_path:
        yield (Piece("files: "), Piece(one_line(task.output_path), Style.CODE))
    if task.error:
        yield plain(cut(task.error, ERROR_UNITS))


def _linked(address: str) -> Piece:
    """A link when it leads somewhere; the local code host has addresses of its own."""
    short = one_line(address, 500)
    return Piece(short, url=address) if address.startswith(("http://", "https://")) else Piece(short, Style.CODE)


def ended(task: Task) -> Text:
    """Completed, failed or cancelled."""
    lines = [
        bold(title_of(task), f" {status_words(task)}"),
        *_result(task),
        plain(_money(task.total_cost_usd, task.budget_usd)),
    ]
    return compose(lines, Address(task.task_id).foot())


def budget_alert(task: Task, notification: Notification) -> Text:
    spent, cap = notification.data.get("spent_usd"), notification.data.get("cap_usd")
    figures = _money(float(spent), float(cap)) if _is_number(spent) and _is_number(cap) else notification.text
    share = notification.data.get("share")
    percent = f" {float(share):.0%} of its budget is spent" if _is_number(share) else " nears the end of its budget"
    return compose([bold(title_of(task), percent), plain(one_line(figures))], Address(task.task_id).foot())


def reminder(interrupt: Interrupt, task: Task, waiting_s: float) -> Text:
    lines = [
        bold(title_of(task), f" has waited {_duration(waiting_s)} for an answer"),
        plain(one_line(interrupt.prompt, SENTENCE_UNITS)),
    ]
    return compose(lines, address_of(interrupt).foot())


def vote(interrupt: Interrupt, task: Task, notification: Notification) -> Text:
    data = notification.data
    who = f"{data.get('by') or 'somebody'} via {data.get('via')}"
    said = f"{who} says {data.get('action')}: {data.get('have')} of {data.get('needed')} people agree"
    return compose([bold(title_of(task)), plain(one_line(said))], address_of(interrupt).foot())


def answer_line(interrupt: Interrupt) -> str:
    """`Approved by ana via dashboard`; that it is closed where nobody answered."""
    if interrupt.decision is None:
        return "No longer asked: the task is over" if interrupt.status == "cancelled" else "Waits for an answer"
    by = f" by {interrupt.decided_by}" if interrupt.decided_by else ""
    said = one_line(interrupt.decision.message, SENTENCE_UNITS)
    quoted = f": {said}" if said and interrupt.decision.action in (Action.CHANGES, Action.RETRY) else ""
    return f"{_answer(interrupt)}{by} via {interrupt.decided_via}{quoted}"


def _answer(interrupt: Interrupt) -> str:
    decision = interrupt.decision
    assert decision is not None, "only of questions that were answered"
    match decision.action:
        case Action.APPROVE:
            return "Accepted as it is" if interrupt.kind is InterruptKind.ESCALATION else "Approved"
        case Action.CHANGES:
            return "Changes asked for"
        case Action.RAISE_BUDGET:
            return f"Budget raised to ${decision.budget_usd or 0:.2f}"
        case Action.RETRY:
            return "Told to go on" if interrupt.kind is InterruptKind.BUDGET else "Told to try again"
        case Action.ABORT:
            return "Aborted"


def _money(spent_usd: float, cap_usd: float) -> str:
    return f"${spent_usd:.4f} of ${cap_usd:.2f} spent"


def _duration(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} min"
    return f"{round(seconds / 3600)} h" if seconds < 48 * 3600 else f"{round(seconds / 86400)} days"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
