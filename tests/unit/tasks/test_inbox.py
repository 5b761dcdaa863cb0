"""Questions that wait, over the real stores: told of again, and answered by default when their deadline has come."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.access import Actor
from core.errors import Conflict
from core.events import InterruptDecided, InterruptReminded
from core.ports import TaskCommands
from core.questions import QuestionPolicy
from core.tasks import Action, Decision, Interrupt, InterruptFilter
from tasks.inbox import Inbox
from tests.unit.memory.stores import Stores, a_question, a_task, sqlite_stores


class Commands:
    """What the inbox needs of TaskCommands, straight over the store."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.refuses = False

    async def decide(self, task_id: str, interrupt_id: str, decision: Decision, actor: Actor) -> Interrupt:
        if self.refuses:
            raise Conflict("somebody was faster")
        return await self._stores.interrupts.decide(interrupt_id, decision, actor)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with sqlite_stores(tmp_path) as opened:
        await opened.tasks.create(a_task())
        yield opened


def inbox(stores: Stores, policy: QuestionPolicy, commands: Commands | None = None) -> Inbox:
    driven: TaskCommands = commands or Commands(stores)  # type: ignore[assignment]  # decide is all that an inbox calls
    return Inbox(stores.interrupts, driven, policy, stores.clock)


async def told(stores: Stores, kind: type[InterruptReminded] | type[InterruptDecided]) -> list[float]:
    return [each.ts for each in await stores.events.read(task_id="t1") if isinstance(each.event, kind)]


async def test_a_question_is_told_of_again_after_longer_and_longer_waits(stores: Stores) -> None:
    policy = QuestionPolicy(remind_s=100.0)
    await stores.interrupts.open(policy.applied(a_question()))
    for now in range(1_000, 3_000, 20):
        stores.clock.time = float(now)
        await inbox(stores, policy).look()
    assert await told(stores, InterruptReminded) == [1_100.0, 1_300.0, 1_700.0, 2_500.0]


async def test_reminders_end_when_it_is_answered(stores: Stores) -> None:
    policy = QuestionPolicy(remind_s=100.0)
    await stores.interrupts.open(policy.applied(a_question()))
    await stores.interrupts.decide("i1", Decision(action=Action.APPROVE), Actor(via="api"))
    stores.clock.time = 9_000.0
    await inbox(stores, policy).look()
    assert await told(stores, InterruptReminded) == []


async def test_what_was_missed_while_the_service_was_down_is_told_once(stores: Stores) -> None:
    policy = QuestionPolicy(remind_s=100.0)
    await stores.interrupts.open(policy.applied(a_question()))
    stores.clock.time = 1_750.0
    for _ in range(3):
        await inbox(stores, policy).look()
    assert await told(stores, InterruptReminded) == [1_750.0]
    assert (await stores.interrupts.list(InterruptFilter()))[0].due_at == 2_500.0


async def test_a_deadline_is_never_reached_without_a_last_call(stores: Stores) -> None:
    policy = QuestionPolicy(remind_s=None, deadline_s=1_000.0)
    await stores.interrupts.open(policy.applied(a_question()))
    for now in range(1_000, 2_100, 50):
        stores.clock.time = float(now)
        await inbox(stores, policy).look()
    assert await told(stores, InterruptReminded) == [1_900.0]
    assert await told(stores, InterruptDecided) == [2_000.0]
    (question,) = await stores.interrupts.list(InterruptFilter())
    assert question.decision is not None
    assert (question.decision.action, question.decided_via) == (Action.ABORT, "deadline")


async def test_without_a_deadline_nothing_is_ever_decided(stores: Stores) -> None:
    policy = QuestionPolicy()
    await stores.interrupts.open(policy.applied(a_question()))
    stores.clock.time = 1e9
    await inbox(stores, policy).look()
    assert await told(stores, InterruptDecided) == []


async def test_somebody_who_was_faster_than_the_deadline_wins(stores: Stores) -> None:
    policy = QuestionPolicy(deadline_s=10.0)
    await stores.interrupts.open(policy.applied(a_question()))
    stores.clock.time = 2_000.0
    commands = Commands(stores)
    commands.refuses = True
    await inbox(stores, policy, commands).look()
    assert await told(stores, InterruptDecided) == []
