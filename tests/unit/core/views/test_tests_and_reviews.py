"""What was checked and reviewed, by round."""

from core.events import AgentStarted, Artifact, CoverageMeasured, ReviewFinished
from core.findings import MINIMUM_SCORE, CheckStatus, Coverage, Finding, ReviewScores
from core.views.reviews import task_reviews
from core.views.tests import task_tests
from tests.unit.core.views.events import BACKEND, a_finding, checked, log

PASSED, FAILED, SKIPPED = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.NOT_EXECUTED
GOOD = ReviewScores(security=9, performance=8, quality=8)


def reviewed(iteration: int, *findings: Finding) -> ReviewFinished:
    return ReviewFinished(iteration=iteration, scores=GOOD, findings=findings, summary=f"round {iteration}")


def test_each_round_has_its_checks_with_sums_over_them() -> None:
    coverage = Coverage(covered=("a",), promised=("a", "b"))
    first, second = task_tests(
        log(
            (1, checked("pytest", FAILED, tests_run=5, tests_failed=2)),
            (2, checked("vitest", PASSED, tests_run=3)),
            (3, CoverageMeasured(iteration=0, coverage=coverage)),
            (9, checked("pytest", PASSED, 1, tests_run=5)),
            (10, checked("browser", SKIPPED, 1)),
        )
    ).iterations
    assert (first.tests_run, first.tests_failed, first.seconds, first.passed) == (8, 2, 4.0, False)
    assert [check.name for check in first.checks] == ["pytest", "vitest"]
    assert (first.coverage, second.coverage) == (coverage, None)
    assert (second.iteration, second.passed, second.tests_failed) == (1, True, 0)


def test_of_a_check_that_ran_twice_the_newest_result_counts_and_it_is_flaky_when_they_differ() -> None:
    (one,) = task_tests(
        log(
            (1, checked("pytest", FAILED, tests_run=5, tests_failed=1)),
            (2, checked("ruff", PASSED)),
            (5, checked("pytest", PASSED, tests_run=5)),
            (6, checked("ruff", PASSED)),
        )
    ).iterations
    assert (one.tests_run, one.tests_failed, one.passed) == (5, 0, True)
    assert one.flaky == ("pytest",)


def test_a_check_that_ran_on_other_files_or_did_not_run_is_not_flaky() -> None:
    (one,) = task_tests(
        log(
            (1, checked("pytest", FAILED)),
            (2, Artifact(agent=BACKEND, commit="c", paths=("a",))),
            (3, checked("pytest", PASSED)),
            (4, checked("pytest", SKIPPED)),
        )
    ).iterations
    assert one.flaky == ()


def test_a_task_that_was_not_checked_has_no_rounds() -> None:
    assert task_tests(log((1, AgentStarted(agent=BACKEND, step="build")))).iterations == ()


def test_a_finding_is_resolved_when_the_newest_review_no_longer_has_it() -> None:
    gone, stays, comes = a_finding("gone"), a_finding("stays"), a_finding("comes")
    moved = stays.model_copy(update={"line": 99})
    view = task_reviews(log((1, reviewed(0, gone, stays)), (2, reviewed(2, moved, comes))))
    assert view.minimum_score == MINIMUM_SCORE
    first, second = view.iterations
    assert [(one.finding.message, one.resolved, one.since) for one in first.findings] == [
        ("gone", True, 0),
        ("stays", False, 0),
    ]
    assert [(one.finding.message, one.resolved, one.since) for one in second.findings] == [
        ("stays", False, 0),
        ("comes", False, 2),
    ]
    assert (second.iteration, second.scores, second.summary) == (2, GOOD, "round 2")


def test_a_review_that_was_made_again_in_its_round_counts_once() -> None:
    view = task_reviews(log((1, reviewed(0, a_finding("old"))), (2, reviewed(0))))
    assert [one.findings for one in view.iterations] == [()]


def test_a_task_without_reviews_has_the_minimum_all_the_same() -> None:
    assert (task_reviews([]).minimum_score, task_reviews([]).iterations) == (MINIMUM_SCORE, ())
