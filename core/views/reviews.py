"""Scores and findings of each round's review, from the events of a task."""

from collections.abc import Iterable

from core.events import ReviewFinished, StoredEvent
from core.findings import MINIMUM_SCORE
from core.task_views import IterationReview, ReviewedFinding, TaskReviews

TYPES = ("review",)
"""The events that `task_reviews` is made of."""


def task_reviews(events: Iterable[StoredEvent]) -> TaskReviews:
    """From all events of the task that are of `TYPES`, oldest first. The newest review of a round counts."""
    rounds = {stored.event.iteration: stored.event for stored in events if isinstance(stored.event, ReviewFinished)}
    since: dict[str, int] = {}
    for iteration in sorted(rounds):
        for finding in rounds[iteration].findings:
            since.setdefault(finding.fingerprint, iteration)
    newest = rounds[max(rounds)].findings if rounds else ()
    still = {finding.fingerprint for finding in newest}
    return TaskReviews(
        minimum_score=MINIMUM_SCORE,
        iterations=tuple(_view(rounds[iteration], since, still) for iteration in sorted(rounds)),
    )


def _view(review: ReviewFinished, since: dict[str, int], still: set[str]) -> IterationReview:
    return IterationReview(
        iteration=review.iteration,
        scores=review.scores,
        summary=review.summary,
        findings=tuple(
            ReviewedFinding(
                finding=finding,
                resolved=finding.fingerprint not in still,
                since=since[finding.fingerprint],
            )
            for finding in review.findings
        ),
    )
