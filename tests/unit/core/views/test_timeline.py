"""A timeline says who did what when, also of runs that were cut off."""

from core.events import Published, Routed
from core.findings import CheckStatus
from core.task_views import MAX_SPANS, Span, TaskTimeline
from core.tasks import Action, InterruptKind
from core.types import AgentName, TaskStatus
from core.views.timeline import timeline
from tests.unit.core.views.events import (
    BACKEND,
    PLANNER,
    QA,
    REVIEWER,
    a_finding,
    a_task,
    answered,
    asked,
    asked_model,
    began,
    checked,
    decided,
    ended,
    log,
    turned,
)

RUNNING, FAILED, CANCELLED, WAITING = TaskStatus.RUNNING, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.WAITING


def by_id(shown: TaskTimeline) -> dict[str, Span]:
    return {span.span_id: span for span in shown.spans}


def test_a_step_has_its_calls_and_what_they_cost() -> None:
    events = log(
        (10, began(PLANNER, "plan")),
        (11, asked_model(PLANNER, "c1")),
        (13, answered(PLANNER, "c1", 0.25)),
        (14, asked_model(BACKEND, "c2")),
        (15, answered(BACKEND, "c2", 9.0)),
        (16, ended(PLANNER, "plan")),
    )
    (span,) = timeline(a_task(), events, now=20).spans
    assert span == Span(
        span_id="planner-1",
        lane="planner",
        kind="agent",
        title="plan",
        iteration=0,
        started_at=10,
        ended_at=16,
        status="done",
        summary="plan is done",
        cost_usd=0.25,
        tokens=120,
        calls=1,
        first_seq=1,
        last_seq=6,
    )


def test_what_goes_on_has_no_end_and_what_has_not_begun_is_to_come() -> None:
    task = a_task(pipeline=(PLANNER, BACKEND, QA))
    shown = timeline(task, log((10, began(PLANNER)), (12, asked_model(PLANNER, "c1"))), now=20)
    assert [(span.status, span.ended_at, span.last_seq) for span in shown.spans] == [("running", None, 2)]
    assert shown.future == (BACKEND, QA)
    assert shown.now == 20


def test_a_check_begins_its_seconds_before_it_was_told_of() -> None:
    events = log(
        (30, checked("pytest", CheckStatus.FAILED, 1, detail="2 failed")),
        (31, checked("browser", CheckStatus.NOT_EXECUTED, 1, detail="no browser")),
    )
    pytest, browser = timeline(a_task(), events, now=40).spans
    assert (pytest.lane, pytest.title, pytest.iteration) == ("checks", "pytest", 1)
    assert (pytest.started_at, pytest.ended_at, pytest.status, pytest.summary) == (28, 30, "failed", "2 failed")
    assert browser.status == "not_executed"


def test_two_questions_are_two_waits_of_which_the_open_one_goes_on() -> None:
    events = log(
        (10, began(QA, "checks")),
        (12, ended(QA, "checks")),
        (20, asked("i1", InterruptKind.BUDGET)),
        (50, decided("i1", Action.RAISE_BUDGET, InterruptKind.BUDGET, "to 2 dollars")),
        (60, asked("i2")),
    )
    _, first, second = timeline(a_task(WAITING), events, now=99).spans
    assert (first.lane, first.kind, first.title, first.started_at, first.ended_at) == (
        "person",
        "wait",
        "budget",
        20,
        50,
    )
    assert (first.status, first.summary) == ("done", "raise_budget by ada: to 2 dollars")
    assert (second.title, second.status, second.ended_at, second.summary) == (
        "approval",
        "waiting",
        None,
        "Publish it?",
    )


def test_what_was_published_is_a_moment_outside() -> None:
    events = log((70, Published(kind="pull_request", reference="http://host.invalid/1")))
    (span,) = timeline(a_task(TaskStatus.COMPLETED), events, now=99).spans
    assert (span.lane, span.kind, span.title, span.started_at, span.ended_at) == (
        "outside",
        "effect",
        "pull_request",
        70,
        70,
    )


def test_findings_of_checks_of_reviews_and_of_people_lead_to_the_next_steps_of_their_owners() -> None:
    events = log(
        (1, began(BACKEND)),
        (2, ended(BACKEND)),
        (9, checked("pytest", CheckStatus.FAILED)),
        (10, checked("ruff", CheckStatus.PASSED)),
        (11, Routed(iteration=0, to=(BACKEND, QA), findings=(a_finding(), a_finding("x", QA)))),
        (12, began(BACKEND, "fix", 1)),
        (13, began(QA, "fix", 1)),
        (14, ended(BACKEND, "fix", 1)),
        (15, ended(QA, "fix", 1)),
        (16, began(REVIEWER, "review", 1)),
        (17, ended(REVIEWER, "review", 1)),
        (18, Routed(iteration=1, to=(BACKEND,), findings=(a_finding("slow", check="review"),) * 2)),
        (19, began(BACKEND, "fix", 2)),
        (20, ended(BACKEND, "fix", 2)),
        (21, asked("i1")),
        (30, decided("i1", Action.CHANGES)),
        (31, began(AgentName.ORCHESTRATOR, "feedback", 2)),
        (32, ended(AgentName.ORCHESTRATOR, "feedback", 2)),
        (33, Routed(iteration=3, to=(PLANNER,), reason="a person asked")),
        (34, began(PLANNER, "amend", 3)),
    )
    shown = timeline(a_task(), events, now=40)
    assert [(each.from_span, each.to_span, each.iteration, each.reason) for each in shown.retries] == [
        ("checks-3", "backend_agent-6", 1, "1 finding, pytest: no such route"),
        ("checks-3", "qa_agent-7", 1, "1 finding, pytest: x"),
        ("code_reviewer-10", "backend_agent-13", 2, "2 findings, review: slow"),
        ("person-15", "planner-20", 3, "a person asked"),
    ]
    assert {each.from_span for each in shown.retries} | {each.to_span for each in shown.retries} <= by_id(shown).keys()


def test_findings_that_a_person_has_tried_again_come_from_that_person() -> None:
    escalation = InterruptKind.ESCALATION
    events = log(
        (1, checked("pytest", CheckStatus.FAILED)),
        (2, Routed(iteration=0, to=(), findings=(a_finding(),), reason="the only round is used")),
        (3, asked("i1", escalation)),
        (9, decided("i1", Action.RETRY, escalation)),
        (10, began(BACKEND, "fix", 1)),
    )
    (retry,) = timeline(a_task(), events, now=20).retries
    assert (retry.from_span, retry.to_span, retry.reason[:11]) == ("person-3", "backend_agent-5", "tried again")


def test_an_accepted_work_tries_nothing_again() -> None:
    escalation = InterruptKind.ESCALATION
    events = log(
        (2, Routed(iteration=0, to=(), findings=(a_finding(),), reason="the only round is used")),
        (3, asked("i1", escalation)),
        (9, decided("i1", Action.APPROVE, escalation)),
        (10, asked("i2", escalation)),
        (11, decided("i2", Action.RETRY, escalation)),
        (12, began(BACKEND, "fix", 1)),
    )
    assert timeline(a_task(), events, now=20).retries == ()


def test_a_step_that_was_cut_off_by_a_kill_ends_at_the_last_sign_of_life() -> None:
    events = log(
        (10, began(BACKEND)),
        (10, began(QA, "tests")),
        (12, asked_model(BACKEND, "c1")),
        (13, asked_model(QA, "c2")),
        (500, answered(QA, "c2", 0.0).model_copy(update={"success": False, "seconds": 0.0})),
        (501, began(BACKEND)),
        (502, answered(BACKEND, "c1", 0.3)),
        (503, began(QA, "tests")),
        (505, ended(BACKEND)),
    )
    shown = timeline(a_task(), events, now=510)
    spans = by_id(shown)
    assert [(span.lane, span.started_at, span.ended_at, span.status) for span in shown.spans] == [
        ("backend_agent", 10, 13, "failed"),
        ("qa_agent", 10, 13, "failed"),
        ("backend_agent", 501, 505, "done"),
        ("qa_agent", 503, None, "running"),
    ]
    assert (spans["backend_agent-1"].cost_usd, spans["backend_agent-6"].calls) == (0.3, 0), "it was paid in the first"


def test_nothing_of_a_cancelled_task_goes_on() -> None:
    events = log(
        (10, began(BACKEND)),
        (11, asked_model(BACKEND, "c1")),
        (20, turned(CANCELLED, "cancelled by ada")),
        (21, answered(BACKEND, "c1")),
    )
    shown = timeline(a_task(CANCELLED, pipeline=(PLANNER, BACKEND)), events, now=99)
    (span,) = shown.spans
    assert (span.status, span.ended_at, span.calls, span.last_seq) == ("failed", 20, 1, 4)
    assert "cancelled by ada" in span.summary
    assert shown.future == ()


def test_a_question_of_a_task_that_was_cancelled_was_never_answered() -> None:
    events = log((10, asked("i1")), (30, turned(CANCELLED)))
    (span,) = timeline(a_task(CANCELLED), events, now=99).spans
    assert (span.status, span.ended_at) == ("not_executed", 30)
    assert span.summary.startswith("never answered")


def test_a_final_task_has_nothing_under_way_even_when_no_event_says_that_it_ended() -> None:
    (span,) = timeline(a_task(FAILED), log((10, began(BACKEND))), now=2_000).spans
    assert (span.status, span.ended_at) == ("failed", 1_000)


def test_a_step_that_came_to_no_end_before_a_question_has_failed() -> None:
    events = log((10, began(AgentName.DEVOPS, "deliver")), (12, asked("i1", InterruptKind.ESCALATION)))
    step, wait = timeline(a_task(WAITING), events, now=99).spans
    assert (step.status, step.ended_at) == ("failed", 10)
    assert wait.status == "waiting"


def test_of_very_many_spans_the_newest_are_shown() -> None:
    many = log(*((float(n), checked(f"check {n}", CheckStatus.FAILED)) for n in range(MAX_SPANS + 7)))
    shown = timeline(a_task(), many, now=9_999)
    assert (len(shown.spans), shown.left_out) == (MAX_SPANS, 7)
    assert shown.spans[0].title == "check 7"


def test_a_task_without_events_has_an_empty_timeline() -> None:
    assert timeline(a_task(), [], now=1) == TaskTimeline(now=1)
