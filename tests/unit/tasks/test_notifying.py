"""Deliveries: which, in what order, how often, and what becomes of those that fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.access import Actor
from core.effects import Effect, EffectStatus
from core.errors import DeliveryFailed
from core.events import BudgetAlert, Event, Notice, Published
from core.notifications import NOTIFICATION_TYPES, Notification
from core.questions import QuestionPolicy
from core.tasks import Action, Decision
from core.types import JsonObject, TaskStatus
from tasks.notifying import Channel, Dispatcher, Patience
from tests.unit.memory.stores import Stores, a_question, a_task, sqlite_stores

QUICK = Patience(first_delay_s=1.0, max_delay_s=8.0, total_s=60.0, poll_s=0.01)


@dataclass
class Listener:
    """A notifier that keeps what it is given; `troubles` are raised one per call, `gate` holds every call."""

    troubles: list[DeliveryFailed] = field(default_factory=list)
    heard: list[Notification] = field(default_factory=list)
    tried: list[Notification] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, notification: Notification) -> JsonObject:
        self.tried.append(notification)
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.heard.append(notification)
        return {"message": len(self.heard)}

    async def close(self) -> None:
        self.closed = True

    def kinds(self) -> list[str]:
        return [notification.type for notification in self.heard]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in the dispatcher
            await asyncio.sleep(0.005)


@asynccontextmanager
async def dispatching(
    stores: Stores, listener: Listener, types: frozenset[str] = NOTIFICATION_TYPES
) -> AsyncIterator[Dispatcher]:
    channel = Channel("hook", listener, types)
    dispatcher = Dispatcher(channel, stores.events, stores.effects, stores.clock, patience=QUICK, jitter=lambda: 0.0)
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.stop(60.0)  # what was sent is written down, or it is sent again


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with sqlite_stores(tmp_path) as opened:
        await opened.effects.position("hook")
        await opened.tasks.create(a_task())
        yield opened


async def live(stores: Stores, task_id: str = "t1") -> None:
    """What happens to a task from its question to its end."""
    await stores.interrupts.open(a_question(f"i-{task_id}", task_id))
    await stores.interrupts.decide(f"i-{task_id}", Decision(action=Action.APPROVE), Actor(via="cli"))
    await stores.tasks.update(task_id, (Published(kind="branch", reference="autonomy/x"),), status=TaskStatus.COMPLETED)


async def notices(stores: Stores) -> list[str]:
    told: list[Event] = [stored.event for stored in await stores.events.read(task_id="t1")]
    return [event.text for event in told if isinstance(event, Notice)]


async def test_what_is_worth_telling_is_told_once_in_order(stores: Stores) -> None:
    listener = Listener()
    async with dispatching(stores, listener):
        await live(stores)
        await stores.tasks.update("t1", total_cost_usd=0.25)  # its row is shown once more, with a final status
        await until(lambda: len(listener.heard) == 4)
        await asyncio.sleep(0.1)
    assert listener.kinds() == ["interrupt.opened", "interrupt.decided", "published", "task.completed"]
    assert len({notification.id for notification in listener.heard}) == 4
    assert listener.heard[3].text == "Task t1 is completed"
    assert "payload" not in listener.heard[0].data
    assert listener.closed


async def test_only_the_types_that_are_wanted_are_told(stores: Stores) -> None:
    listener = Listener()
    async with dispatching(stores, listener, frozenset({"task.completed"})):
        await live(stores)
        await until(lambda: bool(listener.heard))
    assert listener.kinds() == ["task.completed"]


async def test_a_channel_may_want_what_happens_to_some_tasks_only(stores: Stores) -> None:
    async def wanted(task_id: str, kind: str) -> bool:
        return task_id == "t2" and kind != "published"

    listener = Listener()
    await stores.tasks.create(a_task("t2"))
    channel = Channel("hook", listener, wanted=wanted)
    dispatcher = Dispatcher(channel, stores.events, stores.effects, stores.clock, patience=QUICK)
    dispatcher.start()
    await live(stores)
    await live(stores, "t2")
    await until(lambda: len(listener.heard) == 3)
    await dispatcher.stop(60.0)
    assert listener.kinds() == ["interrupt.opened", "interrupt.decided", "task.completed"]
    assert {notification.task_id for notification in listener.heard} == {"t2"}
    assert all(effect.key.node != "notify" for effect in await stores.effects.list("t1"))


async def test_what_people_are_to_know_has_a_sentence(stores: Stores) -> None:
    listener = Listener()
    ada = Actor(via="telegram", name="@ada")
    policy = QuestionPolicy(quorum=2, remind_s=3600.0)
    async with dispatching(stores, listener):
        await stores.tasks.update("t1", status=TaskStatus.RUNNING)
        question = await stores.interrupts.open(policy.applied(a_question()))
        stores.clock.time += 7_200.0
        await stores.interrupts.remind(question, None)
        await stores.interrupts.decide("i1", Decision(action=Action.APPROVE), ada)
        await stores.interrupts.decide("i1", Decision(action=Action.APPROVE), Actor(via="api", name="bob"))
        await stores.tasks.update("t1", (BudgetAlert(share=0.8, spent_usd=0.4, cap_usd=0.5),))
        await until(lambda: len(listener.heard) == 6)
    assert [notification.text for notification in listener.heard] == [
        "Task t1 has begun",
        "Shall this be published?",
        "Still waiting, for 2 hours: Shall this be published?",
        "1 of 2 said approve: @ada via telegram",
        "Answered with approve by @ada and bob via api",
        "$0.40 of $0.50 are spent (80%)",
    ]


async def test_what_happened_while_nobody_told_is_told_at_the_next_start_and_nothing_twice(stores: Stores) -> None:
    listener = Listener()
    async with dispatching(stores, listener):
        await stores.interrupts.open(a_question())
        await until(lambda: len(listener.heard) == 1)
    await stores.interrupts.decide("i1", Decision(action=Action.APPROVE), Actor(via="cli"))
    async with dispatching(stores, listener):
        await until(lambda: len(listener.heard) == 2)
        await asyncio.sleep(0.1)
    assert listener.kinds() == ["interrupt.opened", "interrupt.decided"]


async def test_a_failure_is_tried_again_with_the_same_id_and_later_ones_of_the_task_wait(stores: Stores) -> None:
    listener = Listener([DeliveryFailed("away"), DeliveryFailed("away")])
    await stores.tasks.create(a_task("t2"))
    async with dispatching(stores, listener):
        await live(stores)
        await until(lambda: len(listener.tried) == 1)
        stores.clock.time += 1.1
        await until(lambda: len(listener.tried) == 2)
        await live(stores, "t2")
        await until(lambda: len(listener.heard) == 4)
        assert {notification.task_id for notification in listener.heard} == {"t2"}
        stores.clock.time += 2.1
        await until(lambda: len(listener.heard) == 8)
    assert len({notification.id for notification in listener.tried}) == 8
    assert [notification.type for notification in listener.heard[4:]] == [
        "interrupt.opened", "interrupt.decided", "published", "task.completed",
    ]  # fmt: skip
    assert await notices(stores) == []


async def test_a_receivers_own_wish_for_a_later_try_is_kept_to(stores: Stores) -> None:
    listener = Listener([DeliveryFailed("busy", retry_after_s=30)])
    async with dispatching(stores, listener):
        await stores.interrupts.open(a_question())
        await until(lambda: len(listener.tried) == 1)
        stores.clock.time += 29
        await asyncio.sleep(0.1)
        assert len(listener.tried) == 1
        stores.clock.time += 2
        await until(lambda: len(listener.heard) == 1)


async def test_what_cannot_be_delivered_is_given_up_told_of_in_the_log_and_makes_way(stores: Stores) -> None:
    listener = Listener([DeliveryFailed("gone", final=True)])
    async with dispatching(stores, listener):
        await live(stores)
        await until(lambda: len(listener.heard) == 3)
    assert listener.kinds() == ["interrupt.decided", "published", "task.completed"]
    assert await notices(stores) == ["hook: interrupt.opened could not be delivered in 1 attempts: gone"]


async def until_put_off(stores: Stores) -> Effect:
    """The one delivery, once it is given up or due later than now."""
    async with asyncio.timeout(60):
        while True:
            for effect in await stores.effects.list("t1"):
                if effect.status is EffectStatus.GIVEN_UP or (effect.due_at or 0) > stores.clock.time:
                    return effect
            await asyncio.sleep(0.005)


async def test_patience_ends_after_its_time(stores: Stores) -> None:
    listener = Listener([DeliveryFailed("away") for _ in range(20)])
    async with dispatching(stores, listener):
        await stores.interrupts.open(a_question())
        while (await until_put_off(stores)).status is not EffectStatus.GIVEN_UP:
            stores.clock.time += 8.1
    assert 8 <= len(listener.tried) <= 11
    assert len(await notices(stores)) == 1


async def test_a_stop_lets_what_is_under_way_end_and_be_recorded(stores: Stores) -> None:
    listener = Listener()
    listener.gate.clear()
    async with dispatching(stores, listener) as dispatcher:
        await stores.interrupts.open(a_question())
        await until(lambda: len(listener.tried) == 1)
        stopping = asyncio.create_task(dispatcher.stop(60.0))
        await asyncio.sleep(0.05)
        listener.gate.set()
        await stopping
    async with dispatching(stores, listener):
        await asyncio.sleep(0.1)
    assert len(listener.tried) == len(listener.heard) == 1
