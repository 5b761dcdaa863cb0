"""What came back over several tasks, gathered."""

from core.episodes import Episode
from core.findings import Finding, Severity
from core.observing import MAX_OBSERVED, named_experiment, named_reflection, observe, reflection_id
from core.types import AgentName, TaskStatus

BACKEND = AgentName.BACKEND


def found(message: str, severity: Severity = "high", file: str | None = "backend/app/api/todos.py") -> Finding:
    return Finding(check="contract", severity=severity, message=message, file=file, line=7)


def episode(number: int, *findings: Finding) -> Episode:
    return Episode(
        task_id=f"t{number}",
        agent=BACKEND,
        ended_at=float(number),
        sentence="A todo list",
        status=TaskStatus.COMPLETED,
        rounds=1,
        findings=findings,
        interactions=(f"c{number}",),
    )


def test_what_differs_in_names_and_counts_is_one_finding_and_statuses_tell_apart() -> None:
    observed = observe(
        [
            episode(1, found("GET /api/todos/{id}: `todo_id` 12 is unknown, expected 404, got 500", "medium")),
            episode(2, found("GET /api/songs/{id}: `song_id` 7 is unknown, expected 404, got 500", "critical")),
            episode(3, found("GET /api/songs/{id}: `song_id` 7 is unknown, expected 403, got 500")),
        ]
    )
    first, second = observed
    assert (first.tasks, first.interactions, first.finding.severity) == (("t1", "t2"), ("c1", "c2"), "critical")
    assert (first.finding.finding_id, first.finding.tasks) == ("f1", 2)
    assert first.finding.example == "backend/app/api/todos.py:7"
    assert (second.finding.finding_id, second.tasks) == ("f2", ("t3",))


def test_what_came_in_more_tasks_is_first_then_what_is_more_severe_and_there_is_a_most() -> None:
    rare = [found(f"rare {'x' * number}", "low") for number in range(MAX_OBSERVED + 5)]
    observed = observe([episode(1, *rare, found("bad", "critical", None), found("often")), episode(2, found("often"))])
    assert [each.finding.message for each in observed[:2]] == ["often", "bad"]
    assert (len(observed), observed[1].finding.example) == (MAX_OBSERVED, "")
    assert observe([episode(1)]) == ()


def test_a_reflection_is_called_by_its_tasks_and_found_in_what_a_version_says() -> None:
    name = reflection_id(BACKEND, ["t2", "t1"])
    assert name == reflection_id(BACKEND, ["t1", "t2"]) != reflection_id(BACKEND, ["t1"])
    assert named_reflection(f"{name} on 3 tasks: nothing changes") == name
    assert named_reflection("rolled back to version 3") is None
    assert (named_experiment("experiment x-1: dropped: A rule"), named_experiment("by hand")) == ("x-1", "")
