"""What a task cost, what it planned, and which files it has."""

import json

import pytest

from core.errors import Damaged, NotFound
from core.events import Artifact
from core.models import CallFigures
from core.plan import Plan
from core.types import AgentName, TaskStatus, Usage
from core.views.costs import task_costs
from core.views.plan import CONTRACT_PATH, PLAN_PATH, task_plan
from core.views.tree import tree, until, versions, whole, writers
from core.workspaces import FileChange
from tests.unit.core.views.events import BACKEND, PLANNER, QA, a_task, began, log


def a_call(call_id: str, ended_at: float, iteration: int = 0, **changes: object) -> CallFigures:
    call = CallFigures(
        call_id=call_id,
        ended_at=ended_at,
        agent=BACKEND,
        iteration=iteration,
        model="m",
        usage=Usage(input_tokens=100, output_tokens=10, cache_read_tokens=40),
        cost_usd=0.5,
        seconds=2.0,
        success=True,
    )
    return call.model_copy(update=changes)


def test_costs_are_shared_out_by_agent_model_and_round_and_grow_over_time() -> None:
    calls = [a_call("c3", 9, 1), a_call("c1", 1), a_call("c2", 5, success=False), a_call("c4", 12, 1, agent=QA)]
    costs = task_costs(a_task(budget_usd=5.0, total_cost_usd=2.0), calls)
    assert [(point.call_id, point.spent_usd) for point in costs.points] == [
        ("c1", 0.5),
        ("c2", 1.0),
        ("c3", 1.5),
        ("c4", 2.0),
    ]
    assert [(share.agent, share.iteration, share.calls, share.failures) for share in costs.shares] == [
        (BACKEND, 0, 2, 1),
        (BACKEND, 1, 1, 0),
        (QA, 1, 1, 0),
    ]
    first = costs.shares[0]
    assert first.usage == Usage(input_tokens=200, output_tokens=20, cache_read_tokens=80)
    assert (first.cost_usd, first.seconds) == (1.0, 4.0)
    assert (costs.budget_usd, costs.spent_usd, costs.retry_usd) == (5.0, 2.0, 1.0)
    assert (costs.input_tokens, costs.cached_tokens) == (400, 160)


def test_what_was_charged_without_a_recorded_call_is_spent_all_the_same() -> None:
    costs = task_costs(a_task(total_cost_usd=0.75), [a_call("c1", 1)])
    assert (costs.spent_usd, costs.points[-1].spent_usd) == (0.75, 0.5)


def test_a_task_without_calls_has_cost_nothing() -> None:
    costs = task_costs(a_task(), [])
    assert (costs.spent_usd, costs.shares, costs.points) == (0.0, (), ())


def a_plan() -> Plan:
    return Plan.model_validate(
        {
            "title": "Todos",
            "slug": "todos",
            "summary": "a list",
            "agents": [{"agent": "backend_agent", "why": "there is an API", "brief": "write it"}],
            "entities": [
                {
                    "name": "Todo",
                    "table": "todos",
                    "path": "todos",
                    "label": "Todo",
                    "label_plural": "Todos",
                    "fields": [{"name": "title", "type": "string"}],
                }
            ],
            "not_covered": ["email"],
        }
    )


def test_the_plan_is_shown_whole_with_a_brief_for_each_agent() -> None:
    text = a_plan().model_dump_json()
    task = a_task(pipeline=(PLANNER, BACKEND, AgentName.REVIEWER))
    shown = task_plan(task, {PLAN_PATH: text, CONTRACT_PATH: '{"openapi": "3.1.0"}'})
    assert (shown.title, shown.not_covered, shown.openapi) == ("Todos", ("email",), {"openapi": "3.1.0"})
    assert shown.plan == json.loads(text)
    briefs = {brief.agent: brief for brief in shown.briefs}
    assert list(briefs) == list(AgentName)
    backend = briefs[BACKEND]
    assert (backend.brief, backend.why, backend.takes_part) == ("write it", "there is an API", True)
    assert backend.owns == a_plan().ownership[BACKEND]
    assert briefs[AgentName.REVIEWER].takes_part
    assert not briefs[AgentName.FRONTEND].takes_part
    assert briefs[AgentName.FRONTEND].why


@pytest.mark.parametrize(("status", "said"), [(TaskStatus.RUNNING, "no plan yet"), (TaskStatus.FAILED, "ended before")])
def test_without_a_plan_it_says_whether_there_will_be_one(status: TaskStatus, said: str) -> None:
    with pytest.raises(NotFound, match=said):
        task_plan(a_task(status), {PLAN_PATH: "{}"})


@pytest.mark.parametrize("text", ["not json", "{}", "[]"])
def test_a_plan_of_another_shape_is_damaged_and_not_a_bug(text: str) -> None:
    with pytest.raises(Damaged, match="plan of task t1"):
        task_plan(a_task(), {PLAN_PATH: text, CONTRACT_PATH: "{}"})


def wrote(agent: AgentName, commit: str, *paths: str) -> Artifact:
    return Artifact(agent=agent, commit=commit, paths=paths)


HISTORY = log(
    (1, began(PLANNER, "plan")),
    (2, wrote(PLANNER, "aaa1", "plan.json", "app.py")),
    (3, began(BACKEND)),
    (4, wrote(BACKEND, "bbb2", "app.py", "old.py")),
    (5, began(BACKEND, "fix", 1)),
    (6, wrote(BACKEND, "bbc3", "old.py")),
)


def test_a_version_is_what_a_round_left() -> None:
    found = [(one.iteration, one.commit, one.ts, one.title) for one in versions(HISTORY)]
    assert found == [(0, "bbb2", 4, "planner, backend_agent"), (1, "bbc3", 6, "backend_agent")]


def test_who_wrote_a_file_is_asked_as_of_a_commit() -> None:
    assert writers(HISTORY, "aaa1") == {"plan.json": PLANNER, "app.py": PLANNER}
    assert writers(HISTORY, "bbc3")["app.py"] is BACKEND
    assert writers(HISTORY, "unknown") == {}


def test_the_past_of_a_fork_ends_where_the_fork_began() -> None:
    assert [stored.seq for stored in until(HISTORY, "bbb2")] == [1, 2, 3, 4]
    assert list(until(HISTORY, "unknown")) == []


def test_a_beginning_of_a_commit_names_it_where_it_is_the_only_one() -> None:
    assert whole(HISTORY, "aaa", "bbc3") == "aaa1"
    assert whole(HISTORY, "bb", "bbc3") == "bb"
    assert whole(HISTORY, "fff", None) == "fff"
    assert whole([], "fff", "fff9") == "fff9"


def test_a_tree_has_what_changed_what_did_not_and_what_is_gone() -> None:
    changed = [
        FileChange(path="app.py", status="modified", additions=3, deletions=1),
        FileChange(path="old.py", status="deleted", deletions=9),
    ]
    shown = tree("bbc3", "aaa1", HISTORY, ["plan.json", "app.py"], changed)
    assert [(one.path, one.status, one.agent, one.additions, one.deletions) for one in shown.files] == [
        ("app.py", "modified", BACKEND, 3, 1),
        ("old.py", "deleted", BACKEND, 0, 9),
        ("plan.json", "unchanged", PLANNER, 0, 0),
    ]
    assert (shown.ref, shown.base, len(shown.versions)) == ("bbc3", "aaa1", 2)
