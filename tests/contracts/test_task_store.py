"""What every TaskStore promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.access import Actor
from core.errors import Conflict, InvalidInput, NotFound
from core.events import (
    AgentFinished,
    AgentStarted,
    Artifact,
    Event,
    Forked,
    LlmEnd,
    Notice,
    TaskUpsert,
)
from core.ports import EventLog, InterruptStore, TaskStore
from core.tasks import Action, Decision, ForkOrigin, InterruptFilter, TaskFilter
from core.types import AgentName, TaskStatus, Usage
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import a_question, a_task, sqlite_stores

APPROVE = Decision(action=Action.APPROVE)
ABORT = Decision(action=Action.ABORT)


@dataclass(frozen=True)
class Opened:
    tasks: TaskStore
    interrupts: InterruptStore
    events: EventLog
    clock: HandClock

    async def told(self, task_id: str = "t1") -> list[Event]:
        return [stored.event for stored in await self.events.read(task_id=task_id)]


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Opened]:
    async with sqlite_stores(folder) as stores:
        yield Opened(stores.tasks, stores.interrupts, stores.events, stores.clock)


@pytest.fixture(params=[sqlite])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    async with request.param(tmp_path) as opened:
        yield opened


def llm_end(agent: AgentName, *, cost_usd: float, tokens: int) -> LlmEnd:
    usage = Usage(input_tokens=tokens - 10, output_tokens=10)
    return LlmEnd(agent=agent, model="m", prompt_name="p", call_id="c", usage=usage, cost_usd=cost_usd)


async def test_a_created_task_can_be_read_and_is_announced(store: Opened) -> None:
    created = await store.tasks.create(a_task())
    assert created == await store.tasks.get("t1") == a_task()
    assert await store.told() == [TaskUpsert(status=TaskStatus.QUEUED)]


async def test_an_unknown_task_is_not_found(store: Opened) -> None:
    with pytest.raises(NotFound):
        await store.tasks.get("nobody")
    with pytest.raises(NotFound):
        await store.tasks.update("nobody", status=TaskStatus.RUNNING)


async def test_a_second_task_of_the_same_id_is_a_conflict(store: Opened) -> None:
    await store.tasks.create(a_task())
    with pytest.raises(Conflict):
        await store.tasks.create(a_task())


async def test_the_same_key_and_request_return_the_first_task_and_tell_nothing_new(store: Opened) -> None:
    await store.tasks.create(a_task("t1"), idempotency_key="k")
    again = await store.tasks.create(a_task("t2"), idempotency_key="k")
    assert again.task_id == "t1"
    assert len(await store.tasks.list(TaskFilter())) == 1
    assert len(await store.events.read()) == 1


async def test_the_same_key_with_another_request_is_a_conflict(store: Opened) -> None:
    await store.tasks.create(a_task("t1"), idempotency_key="k")
    with pytest.raises(Conflict):
        await store.tasks.create(a_task("t2", description="A shop"), idempotency_key="k")
    with pytest.raises(NotFound):
        await store.tasks.get("t2")


async def test_the_task_of_a_key_is_found_for_what_was_asked_alone(store: Opened) -> None:
    assert await store.tasks.submitted(a_task("t1"), "k") is None
    await store.tasks.create(a_task("t1"), idempotency_key="k")
    known = await store.tasks.submitted(a_task("t9"), "k")
    assert known is not None
    assert known.task_id == "t1"
    with pytest.raises(Conflict, match="t1"):
        await store.tasks.submitted(a_task("t2", description="A shop"), "k")
    forked = a_task("t2").model_copy(update={"forked_from": ForkOrigin(task_id="t1", checkpoint_id="c")})
    with pytest.raises(Conflict, match="t1"):
        await store.tasks.submitted(forked, "k")


async def test_a_forked_task_says_first_where_it_comes_from(store: Opened) -> None:
    origin = ForkOrigin(task_id="t1", checkpoint_id="c", feedback="add search")
    await store.tasks.create(a_task("t2").model_copy(update={"forked_from": origin}))
    assert (await store.tasks.get("t2")).forked_from == origin
    first, second = await store.told("t2")
    assert (first, second.type) == (Forked(origin=origin), "task.upsert")


async def test_twenty_submissions_with_one_key_make_one_task(store: Opened) -> None:
    made = await asyncio.gather(*(store.tasks.create(a_task(f"t{n}"), idempotency_key="k") for n in range(20)))
    assert len({task.task_id for task in made}) == 1
    assert len(await store.tasks.list(TaskFilter())) == 1


async def test_tasks_are_listed_newest_first_with_cursor_and_filters(store: Opened) -> None:
    for number in range(5):
        await store.tasks.create(a_task(f"t{number}", workflow="change" if number == 3 else "build"))
    await store.tasks.update("t1", status=TaskStatus.FAILED)
    page = await store.tasks.list(TaskFilter(limit=2))
    rest = await store.tasks.list(TaskFilter(before=page[-1].task_id))
    assert [task.task_id for task in (*page, *rest)] == ["t4", "t3", "t2", "t1", "t0"]
    assert [task.task_id for task in await store.tasks.list(TaskFilter(status=TaskStatus.FAILED))] == ["t1"]
    assert [task.task_id for task in await store.tasks.list(TaskFilter(workflow="change"))] == ["t3"]


async def test_tasks_of_several_statuses_are_listed_together(store: Opened) -> None:
    for number in range(6):
        await store.tasks.create(a_task(f"t{number}"))
    for number, status in enumerate((TaskStatus.FAILED, TaskStatus.RUNNING, TaskStatus.COMPLETED, TaskStatus.FAILED)):
        await store.tasks.update(f"t{number}", status=status)
    both = (TaskStatus.FAILED, TaskStatus.RUNNING)
    assert [task.task_id for task in await store.tasks.list(TaskFilter(statuses=both))] == ["t3", "t1", "t0"]
    assert [task.task_id for task in await store.tasks.list(TaskFilter(statuses=both, limit=1))] == ["t3"]
    assert [task.task_id for task in await store.tasks.list(TaskFilter(statuses=both, before="t3"))] == ["t1", "t0"]
    assert await store.tasks.list(TaskFilter(statuses=both, status=TaskStatus.COMPLETED)) == ()


async def test_tasks_are_found_by_their_sentence_and_their_id_without_wildcards(store: Opened) -> None:
    sentences = ("A Todo list", "100% of_all \\ shops", "A blog with todos")
    for number, sentence in enumerate(sentences):
        await store.tasks.create(a_task(f"Ab{number}", description=sentence))

    async def found(text: str, **query: object) -> list[str]:
        filled = TaskFilter.model_validate({"text": text, **query})
        return [task.task_id for task in await store.tasks.list(filled)]

    assert await found("TODO") == ["Ab2", "Ab0"]
    assert await found("todo", limit=1) == ["Ab2"]
    assert await found("todo", before="Ab2") == ["Ab0"]
    assert await found("aB1") == ["Ab1"]
    assert await found("0% of_") == await found("\\ s") == ["Ab1"]
    assert await found("a%list") == await found("T_do") == []
    assert await found("todo", statuses=(TaskStatus.FAILED,)) == []


async def test_a_cursor_that_names_no_task_is_refused(store: Opened) -> None:
    with pytest.raises(InvalidInput, match="before"):
        await store.tasks.list(TaskFilter(before="nobody"))


async def test_an_update_changes_the_row_and_appends_its_events_then_what_is_shown(store: Opened) -> None:
    await store.tasks.create(a_task())
    store.clock.time = 2_000.0
    await store.tasks.update("t1", [Notice(text="going")], status=TaskStatus.RUNNING, current_agent=AgentName.PLANNER)
    updated = await store.tasks.get("t1")
    assert (updated.status, updated.updated_at, updated.created_at) == (TaskStatus.RUNNING, 2_000.0, 1_000.0)
    shown = TaskUpsert(status=TaskStatus.RUNNING, current_agent=AgentName.PLANNER)
    assert (await store.told())[1:] == [Notice(text="going"), shown]


async def test_an_update_of_what_is_not_shown_appends_no_upsert(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.tasks.update("t1", segment=2, head="abc", summary={"plan": 1})
    task = await store.tasks.get("t1")
    assert (task.segment, task.head, task.summary) == (2, "abc", {"plan": 1})
    assert len(await store.told()) == 1


@pytest.mark.parametrize("field", ["task_id", "request", "created_at", "agent_stats", "timeline", "colour"])
async def test_an_update_refuses_fields_that_are_not_to_be_changed(store: Opened, field: str) -> None:
    await store.tasks.create(a_task())
    changes: dict[str, Any] = {field: None}
    with pytest.raises(TypeError, match=field):
        await store.tasks.update("t1", **changes)


async def test_statistics_and_timeline_follow_from_the_events(store: Opened) -> None:
    await store.tasks.create(a_task())
    planner, qa = AgentName.PLANNER, AgentName.QA
    await store.events.append("t1", AgentStarted(agent=planner, step="plan"))
    assert (await store.tasks.get("t1")).agent_stats[planner].status == "running"
    await store.events.append(
        "t1",
        llm_end(planner, cost_usd=0.01, tokens=100),
        llm_end(planner, cost_usd=0.02, tokens=50),
        Artifact(agent=planner, commit="abc", paths=("a.py", "b.py")),
        Artifact(agent=planner, commit="def", paths=("b.py",)),
        AgentFinished(agent=planner, step="plan", summary="Planned two entities"),
    )
    await store.tasks.update("t1", pipeline=(planner, qa))
    task = await store.tasks.get("t1")
    stats = task.agent_stats[planner]
    assert (stats.status, stats.tokens, stats.calls, stats.files) == ("done", 150, 2, 2)
    assert stats.cost_usd == pytest.approx(0.03)
    assert task.total_cost_usd == pytest.approx(0.03)
    assert task.agent_stats[qa].status == "pending"
    timeline = task.timeline
    assert [entry.event for entry in timeline] == ["agent.started", "artifact", "artifact", "agent.finished"]
    assert timeline[-1].summary == "Planned two entities"


async def test_the_total_is_never_below_what_the_ledger_said(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.tasks.update("t1", total_cost_usd=0.25)
    await store.events.append("t1", llm_end(AgentName.QA, cost_usd=0.1, tokens=20))
    assert (await store.tasks.get("t1")).total_cost_usd == 0.25


async def test_when_a_task_is_over_agents_that_never_began_read_as_skipped(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.events.append("t1", AgentStarted(agent=AgentName.PLANNER, step="plan"))
    await store.tasks.update("t1", pipeline=(AgentName.PLANNER, AgentName.QA), status=TaskStatus.CANCELLED)
    stats = (await store.tasks.get("t1")).agent_stats
    assert {agent: stat.status for agent, stat in stats.items()} == {"planner": "failed", "qa_agent": "skipped"}


async def test_a_timeline_holds_the_newest_five_hundred_entries(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.events.append("t1", *(AgentStarted(agent=AgentName.QA, step=f"s{n}") for n in range(510)))
    timeline = (await store.tasks.get("t1")).timeline
    assert len(timeline) == 500
    assert (timeline[0].summary, timeline[-1].summary) == ("s10", "s509")


async def test_tasks_at_work_are_those_that_go_on_by_themselves(store: Opened) -> None:
    for number in range(7):
        await store.tasks.create(a_task(f"t{number}"))
    await store.tasks.update("t1", status=TaskStatus.RUNNING)
    await store.tasks.update("t2", status=TaskStatus.FAILED)
    for task_id in ("t3", "t4", "t5", "t6"):
        await store.interrupts.open(a_question(f"{task_id}-1", task_id))
    for task_id in ("t4", "t5"):
        await store.interrupts.decide(f"{task_id}-1", APPROVE, Actor(via="api"))
    await store.interrupts.open(a_question("t5-2", "t5"))
    await store.tasks.update("t6", status=TaskStatus.CANCELLED)
    query = TaskFilter(at_work=True)
    assert [task.task_id for task in await store.tasks.list(query)] == ["t4", "t1", "t0"]
    page = await store.tasks.list(TaskFilter(at_work=True, before="t4", limit=1))
    assert [task.task_id for task in page] == ["t1"]


async def test_tasks_are_listed_by_caller(store: Opened) -> None:
    for number, caller in enumerate(("ada", "bob", "ada")):
        await store.tasks.create(a_task(f"t{number}", caller=caller))
    await store.tasks.update("t2", status=TaskStatus.RUNNING)
    assert [task.task_id for task in await store.tasks.list(TaskFilter(caller="ada"))] == ["t2", "t0"]
    assert await store.tasks.list(TaskFilter(caller="eve")) == ()
    assert [task.caller for task in await store.tasks.list(TaskFilter(caller="ada", status=TaskStatus.QUEUED))] == [
        "ada"
    ]


async def turns(store: Opened, *callers: str) -> list[int]:
    """Submit a task of each of these callers; their turns."""
    known = len(await store.tasks.list(TaskFilter(limit=500)))
    made = [await store.tasks.create(a_task(f"n{known + number}", caller=who)) for number, who in enumerate(callers)]
    return [task.turn for task in made]


async def test_each_caller_has_one_turn_in_each_round(store: Opened) -> None:
    assert await turns(store, "ada", "ada", "ada", "bob", "ada", "bob", "eve") == [0, 1, 2, 0, 3, 1, 0]
    assert [task.turn for task in await store.tasks.list(TaskFilter(caller="bob"))] == [1, 0]


async def test_nobody_is_put_into_a_round_that_is_over(store: Opened) -> None:
    assert await turns(store, "ada", "ada", "ada", "ada") == [0, 1, 2, 3]
    for number in range(3):
        await store.tasks.update(f"n{number}", status=TaskStatus.RUNNING)
    assert await turns(store, "bob", "bob", "eve", "ada") == [2, 3, 2, 4]
    await store.tasks.update("n0", status=TaskStatus.COMPLETED)
    assert await turns(store, "kim") == [2]


async def test_a_task_that_ends_before_it_began_gives_its_turn_back(store: Opened) -> None:
    assert await turns(store, "ada", "ada", "ada") == [0, 1, 2]
    await store.tasks.update("n2", status=TaskStatus.CANCELLED)
    assert await turns(store, "bob", "ada") == [0, 2]


async def test_a_turn_is_the_stores_to_give(store: Opened) -> None:
    task = await store.tasks.create(a_task().model_copy(update={"turn": 77}))
    assert task.turn == 0
    with pytest.raises(TypeError, match="turn"):
        await store.tasks.update("t1", turn=3)


async def test_a_task_that_ends_takes_its_open_questions_with_it(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question("i1"))
    await store.tasks.update("t1", status=TaskStatus.CANCELLED)
    questions = await store.interrupts.list(InterruptFilter(task_ids=("t1",)))
    assert [each.status for each in questions] == ["cancelled"]
    with pytest.raises(Conflict, match="over"):
        await store.interrupts.decide("i1", APPROVE, Actor(via="api"))


async def test_tasks_with_a_live_demo_are_those_that_show_its_address(store: Opened) -> None:
    for number in range(3):
        await store.tasks.create(a_task(f"t{number}"))
    await store.tasks.update("t0", demo_url="http://127.0.0.1:1")
    await store.tasks.update("t2", demo_url="http://127.0.0.1:2")
    await store.tasks.update("t0", status=TaskStatus.RUNNING)
    assert [task.task_id for task in await store.tasks.list(TaskFilter(has_demo=True))] == ["t2", "t0"]
    await store.tasks.update("t2", demo_url=None)
    assert [task.task_id for task in await store.tasks.list(TaskFilter(has_demo=True))] == ["t0"]
