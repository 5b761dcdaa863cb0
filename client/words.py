"""Events in plain lines, for terminals, logs and files alike."""

from client.events import (
    AgentAnswered,
    AgentAsked,
    AgentFinished,
    AgentStarted,
    Artifact,
    BudgetAlert,
    CheckFinished,
    CheckResult,
    ContractAmended,
    CoverageMeasured,
    DemoEnded,
    DemoStarted,
    Finding,
    InterruptDecided,
    InterruptReminded,
    InterruptVoted,
    Notice,
    Published,
    ReviewFinished,
    ReviewScores,
    Routed,
    StoredEvent,
    TaskUpsert,
)

MAX_SHOWN_FINDINGS = 5
MAX_SHOWN_CHANGES = 8
FAILED, NOT_EXECUTED = "failed", "not executed"


def describe(stored: StoredEvent) -> str | None:
    """One line for an event; None for what is only of interest to programs, and for questions, which are shown whole."""
    match stored.event:
        case AgentStarted() as event:
            return f"{event.agent}: {event.step}"
        case AgentFinished() as event:
            outcome = "done" if event.success else "failed"
            return f"{event.agent}: {event.step} {outcome}" + (f", {event.summary}" if event.summary else "")
        case AgentAsked() as event:
            return f"{event.agent} asks {event.asked or 'nobody'}: {_short(event.question)}"
        case AgentAnswered() as event:
            return _describe_answer(event)
        case ContractAmended() as event:
            return _describe_amendment(event)
        case Artifact() as event:
            refused = "".join(f"\n  refused {path}: {reason}" for path, reason in event.refused.items())
            return f"{event.agent}: {count(len(event.paths), 'file')}{refused}"
        case CheckFinished() as event:
            return describe_check(event.result)
        case CoverageMeasured() as event:
            return f"contract: {len(event.coverage.covered)} of {len(event.coverage.promised)} operations covered"
        case ReviewFinished() as event:
            return f"review: {describe_scores(event.scores)}"
        case Routed() as event:
            return _describe_route(event)
        case InterruptDecided() as event:
            by = f" by {event.by}" if event.by else ""
            return f"answer: {event.action}{by}" + (f" via {event.via}" if event.via else "")
        case InterruptVoted() as event:
            return f"{event.have} of {event.needed} approve: {event.by or 'somebody'} via {event.via}"
        case InterruptReminded() as event:
            return f"still waiting for an answer, reminder {event.number}"
        case BudgetAlert() as event:
            return f"warning: ${event.spent_usd:.2f} of ${event.cap_usd:.2f} are spent"
        case DemoStarted() as event:
            return f"live demo: {event.url}"
        case DemoEnded() as event:
            return f"the live demo has ended: {event.reason}"
        case Published() as event:
            return f"published {event.kind.replace('_', ' ')}: {event.reference}"
        case Notice() as event:
            return event.text if event.level == "info" else f"{event.level}: {event.text}"
        case TaskUpsert() as event if event.status.final:
            return f"task {event.status}" + (f": {first_line(event.error)}" if event.error else "")
        case _:
            return None


def describe_check(result: CheckResult) -> str:
    """`pytest: passed, 31 tests`, with the first findings of a failure below."""
    tests = f", {count(result.tests_run, 'test')}" if result.tests_run else ""
    failed = f" ({result.tests_failed} failed)" if result.tests_failed else ""
    why = f" ({result.detail[:160]})" if result.status == NOT_EXECUTED and result.detail else ""
    shown = result.findings[:MAX_SHOWN_FINDINGS] if result.status == FAILED else ()
    return f"{result.name}: {result.status}{tests}{failed}{why}" + "".join(f"\n  {_finding(each)}" for each in shown)


def describe_scores(scores: ReviewScores) -> str:
    return f"security {scores.security:g}, performance {scores.performance:g}, quality {scores.quality:g} of 10"


def first_line(text: str) -> str:
    """Of an error that a notice has told in full."""
    return text.split("\n", 1)[0]


def _describe_answer(event: AgentAnswered) -> str:
    if event.refused:
        return f"{event.asked or 'nobody'} was not asked by {event.agent}: {_short(event.refused)}"
    wanted = f"\n  it wants the contract changed: {_short(event.wanted)}" if event.wanted else ""
    return f"{event.asked} answers {event.agent}: {_short(event.answer)}{wanted}"


def _describe_amendment(event: ContractAmended) -> str:
    who = ", ".join(event.wanted_by) or "a person"
    if event.refused:
        return f"planner leaves the contract as it is, which {who} wanted changed: {_short(event.refused)}"
    lines = "".join(f"\n  {line[:200]}" for line in event.changes[:MAX_SHOWN_CHANGES])
    more = len(event.changes) - MAX_SHOWN_CHANGES
    return f"contract changed for {who}{lines}" + (f"\n  and {count(more, 'line')} more" if more > 0 else "")


def _short(text: str) -> str:
    """Of what models say, on one line."""
    return " ".join(text.split())[:300]


def _describe_route(event: Routed) -> str:
    to = ", ".join(event.to) or "nobody"
    head = f"back to {to}" if event.to else "stopped"
    why = f": {event.reason}" if event.reason else ""
    return head + why + "".join(f"\n  {_finding(each)}" for each in event.findings[:MAX_SHOWN_FINDINGS])


def _finding(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line or 1} " if finding.file else ""
    owner = f" [{finding.owner}]" if finding.owner else ""
    return f"{finding.severity} {place}{finding.message.splitlines()[0][:200] if finding.message else ''}{owner}"


def count(number: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
