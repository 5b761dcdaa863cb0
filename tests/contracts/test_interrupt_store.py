"""What every InterruptStore promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.access import Actor
from core.errors import Conflict, InvalidInput, NotFound
from core.events import Event, InterruptDecided, InterruptOpened, InterruptReminded, InterruptVoted, TaskUpsert
from core.ports import EventLog, InterruptStore, TaskStore
from core.questions import DEADLINE, QuestionPolicy
from core.tasks import Action, Decision, Interrupt, InterruptFilter, InterruptKind
from core.types import TaskStatus
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


async def test_opening_a_question_sets_the_task_waiting_and_shows_it(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    assert (await store.tasks.get("t1")).status is TaskStatus.WAITING
    opened, upsert = (await store.told())[1:]
    assert isinstance(opened, InterruptOpened)
    assert (opened.interrupt_id, opened.payload, opened.digest) == ("i1", {"diff": "+1"}, "d1")
    assert isinstance(upsert, TaskUpsert)
    assert upsert.status is TaskStatus.WAITING


async def test_opening_a_question_again_returns_the_stored_one_and_does_nothing(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    decided = await store.interrupts.decide("i1", APPROVE, Actor(via="api"))
    await store.tasks.update("t1", status=TaskStatus.RUNNING)
    before = await store.told()
    assert await store.interrupts.open(a_question()) == decided
    assert (await store.tasks.get("t1")).status is TaskStatus.RUNNING
    assert await store.told() == before


async def test_a_task_that_is_over_can_ask_nothing(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.tasks.update("t1", status=TaskStatus.CANCELLED)
    with pytest.raises(Conflict):
        await store.interrupts.open(a_question())
    assert (await store.tasks.get("t1")).status is TaskStatus.CANCELLED


async def test_a_decision_is_stored_with_who_and_when_and_is_shown(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    store.clock.time = 3_000.0
    decided = await store.interrupts.decide(
        "i1", Decision(action=Action.CHANGES, message="more tests"), Actor(via="telegram")
    )
    assert (decided.status, decided.decided_at, decided.decided_via) == ("decided", 3_000.0, "telegram")
    event = (await store.told())[-1]
    assert isinstance(event, InterruptDecided)
    assert (event.action, event.message, event.via) == (Action.CHANGES, "more tests", "telegram")


async def test_of_many_answers_at_once_one_wins_and_the_others_learn_who(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    answers = [
        store.interrupts.decide("i1", APPROVE if n % 2 else ABORT, Actor(via="api", name=f"person {n}"))
        for n in range(20)
    ]
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    winners = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(winners), len(losers)) == (1, 19)
    won = winners[0]
    assert won.decision is not None
    expected = {
        "via": won.decided_via,
        "by": won.decided_by,
        "decided_at": won.decided_at,
        "action": won.decision.action.value,
    }
    assert all(loser.fields["winner"] == expected for loser in losers)
    assert sum(isinstance(event, InterruptDecided) for event in await store.told()) == 1


async def test_the_winning_call_repeated_with_its_key_returns_the_same(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    first = await store.interrupts.decide("i1", APPROVE, Actor(via="api"), idempotency_key="k")
    assert await store.interrupts.decide("i1", APPROVE, Actor(via="api"), idempotency_key="k") == first
    with pytest.raises(Conflict):
        await store.interrupts.decide("i1", ABORT, Actor(via="api"), idempotency_key="k")
    with pytest.raises(Conflict):
        await store.interrupts.decide("i1", APPROVE, Actor(via="api"), idempotency_key="another")
    assert sum(isinstance(event, InterruptDecided) for event in await store.told()) == 1


async def test_a_decision_about_something_else_than_what_is_asked_is_refused(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    with pytest.raises(Conflict, match="differs"):
        await store.interrupts.decide("i1", Decision(action=Action.APPROVE, expected_digest="stale"), Actor(via="api"))
    decided = await store.interrupts.decide(
        "i1", Decision(action=Action.APPROVE, expected_digest="d1"), Actor(via="api")
    )
    assert decided.status == "decided"


async def test_an_unknown_question_is_not_found(store: Opened) -> None:
    with pytest.raises(NotFound):
        await store.interrupts.decide("nothing", APPROVE, Actor(via="api"))


async def listed(store: Opened, **query: Any) -> list[str]:
    return [each.interrupt_id for each in await store.interrupts.list(InterruptFilter(**query))]


async def test_questions_are_listed_by_task_and_by_status(store: Opened) -> None:
    for task_id in ("t1", "t2", "t3"):
        await store.tasks.create(a_task(task_id))
    for number, task_id in enumerate(("t1", "t2", "t1", "t3")):
        await store.interrupts.open(a_question(f"i{number}", task_id))
    await store.interrupts.decide("i0", APPROVE, Actor(via="api"))
    assert await listed(store) == ["i0", "i1", "i2", "i3"]
    assert await listed(store, status="pending") == ["i1", "i2", "i3"]
    assert await listed(store, task_ids=("t1",)) == ["i0", "i2"]
    assert await listed(store, task_ids=("t1",), status="decided") == ["i0"]
    assert await listed(store, task_ids=("t3", "t1"), status="pending") == ["i2", "i3"]
    assert await listed(store, task_ids=()) == []


async def test_questions_are_listed_by_kind(store: Opened) -> None:
    await store.tasks.create(a_task())
    for number, kind in enumerate((InterruptKind.APPROVAL, InterruptKind.BUDGET, InterruptKind.BUDGET)):
        await store.interrupts.open(a_question(f"i{number}").model_copy(update={"kind": kind}))
    await store.interrupts.decide("i1", ABORT, Actor(via="api"))
    assert await listed(store, kind=InterruptKind.BUDGET) == ["i1", "i2"]
    assert await listed(store, kind=InterruptKind.BUDGET, status="pending", newest_first=True) == ["i2"]
    assert await listed(store, kind=InterruptKind.ESCALATION) == []


async def test_questions_come_in_pages_from_either_end(store: Opened) -> None:
    await store.tasks.create(a_task())
    for number in range(5):
        await store.interrupts.open(a_question(f"i{number}"))
    await store.interrupts.decide("i2", APPROVE, Actor(via="api"))
    assert await listed(store, limit=2) == ["i0", "i1"]
    assert await listed(store, limit=2, after="i1", status="pending") == ["i3", "i4"]
    assert await listed(store, newest_first=True, limit=2) == ["i4", "i3"]
    assert await listed(store, newest_first=True, limit=2, after="i3") == ["i2", "i1"]
    assert await listed(store, after="i4") == []
    with pytest.raises(InvalidInput, match="after"):
        await listed(store, after="i9")


async def test_a_list_of_questions_may_leave_their_payloads_out(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.interrupts.open(a_question())
    decided = await store.interrupts.decide("i1", Decision(action=Action.CHANGES, message="more"), Actor(via="api"))
    assert await store.interrupts.list(InterruptFilter()) == (decided,)
    light = decided.model_copy(update={"payload": {}})
    assert await store.interrupts.list(InterruptFilter(payload=False)) == (light,)


async def asked(store: Opened, **rules: Any) -> Interrupt:
    """A question under these rules."""
    await store.tasks.create(a_task())
    return await store.interrupts.open(QuestionPolicy(**rules).applied(a_question()))


async def test_two_different_people_have_to_approve_where_the_rules_say_so(store: Opened) -> None:
    await asked(store, quorum=2)
    first = await store.interrupts.decide("i1", APPROVE, Actor(via="telegram", name="@ada"))
    assert (first.status, [vote.name for vote in first.votes]) == ("pending", ["@ada"])
    with pytest.raises(Conflict, match="@ada has approved this already"):
        await store.interrupts.decide("i1", APPROVE, Actor(via="dashboard", name="@ada"))
    won = await store.interrupts.decide("i1", APPROVE, Actor(via="api", name="bob"))
    assert (won.status, won.decided_by, won.decided_via) == ("decided", "@ada and bob", "api")
    assert await store.interrupts.list(InterruptFilter()) == (won,)
    voted, decided = (await store.told())[-2:]
    assert isinstance(voted, InterruptVoted)
    assert (voted.by, voted.have, voted.needed) == ("@ada", 1, 2)
    assert isinstance(decided, InterruptDecided)
    assert decided.by == "@ada and bob"


async def test_people_without_names_count_as_one(store: Opened) -> None:
    await asked(store, quorum=2)
    await store.interrupts.decide("i1", APPROVE, Actor(via="cli"))
    with pytest.raises(Conflict, match="API keys of their own"):
        await store.interrupts.decide("i1", APPROVE, Actor(via="dashboard"))


async def test_one_person_is_enough_to_say_no(store: Opened) -> None:
    await asked(store, quorum=2)
    await store.interrupts.decide("i1", APPROVE, Actor(via="api", name="ada"))
    won = await store.interrupts.decide("i1", ABORT, Actor(via="api", name="bob"))
    assert (won.status, won.decided_by) == ("decided", "bob")


async def test_of_many_votes_at_once_each_person_counts_once(store: Opened) -> None:
    await asked(store, quorum=2)
    votes = [store.interrupts.decide("i1", APPROVE, Actor(via="api", name=f"p{n % 3}")) for n in range(12)]
    outcomes = await asyncio.gather(*votes, return_exceptions=True)
    taken = [outcome for outcome in outcomes if isinstance(outcome, Interrupt)]
    assert [each.status for each in taken] == ["pending", "decided"]
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome not in taken)
    assert len({vote.name for vote in taken[-1].votes}) == 2


async def test_a_vote_repeated_with_its_key_counts_once_and_is_no_conflict(store: Opened) -> None:
    await asked(store, quorum=2)
    ada = Actor(via="api", name="ada")
    first = await store.interrupts.decide("i1", APPROVE, ada, idempotency_key="k")
    assert await store.interrupts.decide("i1", APPROVE, ada, idempotency_key="k") == first
    assert len([event for event in await store.told() if isinstance(event, InterruptVoted)]) == 1


async def test_a_question_is_due_when_it_is_to_be_told_of_again_and_then_waits_longer(store: Opened) -> None:
    policy = QuestionPolicy(remind_s=100.0)
    await asked(store, remind_s=100.0)
    assert await store.interrupts.due(10) == ()
    store.clock.time = 1_100.0
    (due,) = await store.interrupts.due(10)
    assert (due.interrupt_id, due.payload) == ("i1", {})
    assert await store.interrupts.remind(due, policy.due_at(due, 1_100.0))
    assert await store.interrupts.due(10) == ()
    assert not await store.interrupts.remind(due, None)
    (seen,) = await store.interrupts.list(InterruptFilter())
    assert (seen.reminders, seen.due_at) == (1, 1_300.0)
    reminded = (await store.told())[-1]
    assert isinstance(reminded, InterruptReminded)
    assert (reminded.number, reminded.waiting_s) == (1, 100.0)


async def test_an_answered_or_cancelled_question_is_never_due(store: Opened) -> None:
    await asked(store, remind_s=100.0)
    await store.tasks.create(a_task("t2"))
    await store.interrupts.open(QuestionPolicy(remind_s=100.0).applied(a_question("i2", "t2")))
    store.clock.time = 5_000.0
    (first, second) = await store.interrupts.due(10)
    await store.interrupts.decide("i1", APPROVE, Actor(via="api"))
    await store.tasks.update("t2", status=TaskStatus.CANCELLED)
    assert await store.interrupts.due(10) == ()
    assert not await store.interrupts.remind(first, None)
    assert not await store.interrupts.remind(second, None)


async def test_a_deadline_needs_nobody_else(store: Opened) -> None:
    question = await asked(store, quorum=2, deadline_s=50.0, default_action="approve")
    assert (question.deadline_at, question.default_action) == (1_050.0, Action.APPROVE)
    won = await store.interrupts.decide("i1", APPROVE, DEADLINE)
    assert (won.status, won.decided_via) == ("decided", "deadline")


async def test_who_changes_a_name_is_still_the_same_person(store: Opened) -> None:
    await asked(store, quorum=2)
    await store.interrupts.decide("i1", APPROVE, Actor(via="telegram", name="@ada", identity="telegram:7"))
    with pytest.raises(Conflict, match="approved this already"):
        await store.interrupts.decide("i1", APPROVE, Actor(via="telegram", name="@eve", identity="telegram:7"))
