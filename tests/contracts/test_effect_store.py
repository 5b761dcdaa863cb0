"""What every EffectStore promises."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.effects import Effect, EffectKey, EffectStatus
from core.errors import Conflict, NotFound
from core.events import Event, Notice, Published, TaskUpsert
from core.ports import EffectStore, EventLog, TaskStore
from core.types import TaskStatus
from tests.unit.memory.clock import HandClock
from tests.unit.memory.stores import a_task, sqlite_stores

BRANCH = EffectKey(task_id="t1", node="publish_branch", iteration=0, kind="branch")
TOLD = Published(kind="branch", reference="autonomy/x", commit="c1")


@dataclass(frozen=True)
class Opened:
    effects: EffectStore
    tasks: TaskStore
    events: EventLog
    clock: HandClock

    async def told(self, task_id: str = "t1") -> list[Event]:
        return [stored.event for stored in await self.events.read(task_id=task_id)]

    async def due(self) -> list[str]:
        return [f"{effect.key.task_id}/{effect.key.iteration}" for effect in await self.effects.due("webhook", 10)]


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Opened]:
    async with sqlite_stores(folder) as stores:
        yield Opened(stores.effects, stores.tasks, stores.events, stores.clock)


@pytest.fixture(params=[sqlite])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    async with request.param(tmp_path) as opened:
        yield opened


def delivery(task_id: str, seq: int) -> EffectKey:
    return EffectKey(task_id=task_id, node="notify", iteration=seq, kind="webhook:notice")


async def send(store: Opened, task_id: str, seq: int) -> Effect:
    await store.effects.begin(delivery(task_id, seq), {"seq": seq})
    return await store.effects.finish(delivery(task_id, seq), {})


def test_the_id_of_a_key_is_its_own_and_always_the_same() -> None:
    keys = [BRANCH, BRANCH.model_copy(update={"iteration": 1}), BRANCH.model_copy(update={"node": "publish"})]
    assert len({key.id for key in keys}) == 3
    assert BRANCH.id == BRANCH.model_copy().id


async def test_an_effect_is_intended_then_done_with_its_result(store: Opened) -> None:
    begun = await store.effects.begin(BRANCH, {"branch": "x"})
    assert (begun.status, begun.attempts, begun.result) == (EffectStatus.INTENDED, 1, None)
    store.clock.time += 5
    done = await store.effects.finish(BRANCH, {"commit": "c1"})
    assert (done.status, done.result) == (EffectStatus.DONE, {"commit": "c1"})
    assert done.ended_at == begun.begun_at + 5
    assert await store.effects.list("t1") == (done,)


async def test_beginning_again_counts_attempts_until_it_is_done(store: Opened) -> None:
    attempts = [(await store.effects.begin(BRANCH, {})).attempts for _ in range(3)]
    await store.effects.finish(BRANCH, {"commit": "c1"})
    again = await store.effects.begin(BRANCH, {})
    assert attempts == [1, 2, 3]
    assert (again.status, again.attempts, again.result) == (EffectStatus.DONE, 3, {"commit": "c1"})


async def test_what_was_begun_with_another_intent_is_refused(store: Opened) -> None:
    await store.effects.begin(BRANCH, {"branch": "x"})
    with pytest.raises(Conflict, match="something else in mind"):
        await store.effects.begin(BRANCH, {"branch": "y"})
    (kept,) = await store.effects.list("t1")
    assert (kept.intent, kept.attempts) == ({"branch": "x"}, 1)


async def test_an_end_without_a_beginning_is_refused(store: Opened) -> None:
    with pytest.raises(NotFound):
        await store.effects.finish(BRANCH, {})
    with pytest.raises(NotFound):
        await store.effects.postpone(BRANCH, "no", None)


async def test_an_end_is_told_of_once_together_with_the_change_of_the_task(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.effects.begin(BRANCH, {})
    for _ in range(2):
        await store.effects.finish(BRANCH, {"commit": "c1"}, (TOLD,), pr_url="https://host.test/1")
    told = await store.told()
    assert told.count(TOLD) == 1
    assert sum(isinstance(event, TaskUpsert) for event in told) == 2
    assert (await store.tasks.get("t1")).pr_url == "https://host.test/1"


async def test_a_change_that_is_refused_leaves_the_effect_intended_and_tells_nothing(store: Opened) -> None:
    await store.tasks.create(a_task())
    await store.tasks.update("t1", status=TaskStatus.CANCELLED)
    await store.effects.begin(BRANCH, {})
    with pytest.raises(Conflict):
        await store.effects.finish(BRANCH, {"commit": "c1"}, (TOLD,), status=TaskStatus.COMPLETED)
    (kept,) = await store.effects.list("t1")
    assert (kept.status, kept.result) == (EffectStatus.INTENDED, None)
    assert TOLD not in await store.told()


async def test_subscribers_are_shown_what_an_end_tells(store: Opened) -> None:
    await store.tasks.create(a_task())
    stream = store.events.subscribe(task_id="t1")
    await store.effects.begin(BRANCH, {})
    await store.effects.finish(BRANCH, {}, (TOLD,))
    assert (await anext(stream)).event == TOLD


async def test_a_new_channel_begins_at_the_end_of_the_log_and_remembers_where_it_is(store: Opened) -> None:
    stored = await store.events.append("t1", Notice(text="long ago"))
    assert await store.effects.position("webhook") == stored[-1].position
    later = await store.events.append("t1", Notice(text="now"))
    assert await store.effects.position("webhook") == stored[-1].position
    await store.effects.feed("webhook", later[-1].position, [])
    assert await store.effects.position("webhook") == later[-1].position
    assert await store.effects.position("telegram") == later[-1].position


async def test_deliveries_are_added_once_and_belong_to_their_channel(store: Opened) -> None:
    await store.effects.position("webhook")
    for _ in range(2):
        await store.effects.feed("webhook", 7, [(delivery("t1", 1), {"seq": 1})])
    (effect,) = await store.effects.due("webhook", 10)
    assert (effect.key, effect.intent, effect.attempts) == (delivery("t1", 1), {"seq": 1}, 0)
    assert await store.effects.due("telegram", 10) == ()


async def test_of_each_task_the_oldest_delivery_comes_first_and_none_overtakes_it(store: Opened) -> None:
    keys = [delivery("t1", 1), delivery("t1", 2), delivery("t2", 3), delivery("t2", 4)]
    await store.effects.feed("webhook", 7, [(key, {"seq": key.iteration}) for key in keys])
    assert await store.due() == ["t1/1", "t2/3"]
    await send(store, "t1", 1)
    await store.effects.begin(delivery("t2", 3), {"seq": 3})
    await store.effects.postpone(delivery("t2", 3), "busy", store.clock.now() + 60)
    assert await store.due() == ["t1/2"]
    store.clock.time += 61
    assert await store.due() == ["t1/2", "t2/3"]


async def test_what_is_given_up_makes_way_for_the_next(store: Opened) -> None:
    await store.effects.feed("webhook", 7, [(delivery("t1", seq), {"seq": seq}) for seq in (1, 2)])
    given_up = await store.effects.postpone(delivery("t1", 1), "gone", None)
    assert (given_up.status, given_up.error) == (EffectStatus.GIVEN_UP, "gone")
    assert await store.due() == ["t1/2"]


async def test_a_delivery_put_off_under_a_clock_that_has_gone_back_since_is_due(store: Opened) -> None:
    await store.effects.feed("webhook", 7, [(delivery("t1", 1), {"seq": 1})])
    await store.effects.postpone(delivery("t1", 1), "busy", store.clock.now() + 60)
    assert await store.due() == []
    store.clock.time -= 40 * 24 * 3600.0
    assert await store.due() == ["t1/1"]
