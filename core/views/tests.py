"""What was checked in each round, from the events of a task."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.events import Artifact, CheckFinished, CoverageMeasured, StoredEvent
from core.findings import CheckResult, CheckStatus, Coverage
from core.task_views import IterationTests, TaskTests

TYPES = ("test", "coverage", "artifact")
"""The events that `task_tests` is made of."""


@dataclass
class _Round:
    checks: dict[str, CheckResult] = field(default_factory=dict)
    coverage: Coverage | None = None
    said: dict[str, set[CheckStatus]] = field(default_factory=dict)
    flaky: set[str] = field(default_factory=set)

    def add(self, result: CheckResult) -> None:
        """The newest result of a check counts. One that passed and failed on the same files is flaky."""
        self.checks[result.name] = result
        said = self.said.setdefault(result.name, set())
        said.add(result.status)
        if {CheckStatus.PASSED, CheckStatus.FAILED} <= said:
            self.flaky.add(result.name)


def task_tests(events: Iterable[StoredEvent]) -> TaskTests:
    """From all events of the task that are of `TYPES`, oldest first."""
    rounds: dict[int, _Round] = {}
    for stored in events:
        match stored.event:
            case CheckFinished() as event:
                rounds.setdefault(event.iteration, _Round()).add(event.result)
            case CoverageMeasured() as event:
                rounds.setdefault(event.iteration, _Round()).coverage = event.coverage
            case Artifact():  # other files from here on
                for one in rounds.values():
                    one.said.clear()
            case _:
                pass
    return TaskTests(iterations=tuple(_view(iteration, rounds[iteration]) for iteration in sorted(rounds)))


def _view(iteration: int, one: _Round) -> IterationTests:
    checks = tuple(one.checks.values())
    return IterationTests(
        iteration=iteration,
        checks=checks,
        coverage=one.coverage,
        tests_run=sum(check.tests_run for check in checks),
        tests_failed=sum(check.tests_failed for check in checks),
        seconds=sum(check.seconds for check in checks),
        passed=all(check.status is not CheckStatus.FAILED for check in checks),
        flaky=tuple(name for name in one.checks if name in one.flaky),
    )
