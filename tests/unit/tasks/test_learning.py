"""What is learned from the end of a task: episodes, counters, reflections; each once, however often it is begun."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.episodes import EpisodeFilter
from core.errors import DeliveryFailed, ModelError, NoRoom, NotFound
from core.events import AgentFinished, AgentStarted, Event, LlmEnd, Notice, Routed
from core.findings import Finding
from core.models import Interaction, Message
from core.notifications import Notification
from core.ports import IdentityStore
from core.types import AgentName, TaskStatus
from memory.identities import SqliteIdentityStore
from tasks.learning import LEARNED_FROM, REST_S, Learner
from tasks.notifying import Channel, Dispatcher, Patience
from tasks.reflection import ReflectionPolicy, Reflector
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.memory.stores import a_task
from tests.unit.tasks.learned import BACKEND, MODEL, RULE, School, answer, school, stats

QA = AgentName.QA
FOUND = Finding(check="contract", message="expected 404, got 500", owner=BACKEND)
EVERY = ReflectionPolicy(interval=1)


@pytest.fixture
async def learning(tmp_path: Path) -> AsyncIterator[School]:
    async with school(tmp_path, ScriptedClient(answer(RULE))) as opened:
        await opened.change(learned_rules=("Told in both",))
        yield opened


def learner(learning: School, reflector: Reflector | None = None, identities: IdentityStore | None = None) -> Learner:
    stores = learning.stores
    return Learner(
        stores.tasks,
        stores.events,
        stores.episodes,
        identities or stores.identities,
        learning.calls,
        stores.clock,
        reflector,
    )


async def end(
    learning: School, task_id: str, status: TaskStatus, *findings: Finding, told: tuple[int, ...] = (2,)
) -> Notification:
    """A task in which two agents worked; the backend's calls were told the versions `told`."""
    await learning.stores.tasks.create(a_task(task_id))
    happened: list[Event] = [AgentStarted(agent=BACKEND, step="build"), AgentFinished(agent=BACKEND, step="build")]
    happened += [AgentFinished(agent=QA, step="checks", success=not findings)]
    for version in told:
        call = f"{task_id}-call-{version}"
        await learning.interactions.record(an_interaction(call, task_id, version))
        happened += [LlmEnd(agent=BACKEND, model=MODEL, prompt_name="p", call_id=call)]
    if findings:
        happened += [Routed(iteration=0, to=(BACKEND,), findings=findings)]
    await learning.stores.events.append(task_id, *happened)
    await learning.stores.tasks.update(task_id, status=status)
    return notified(task_id, status)


def notified(task_id: str, status: TaskStatus = TaskStatus.COMPLETED) -> Notification:
    return Notification(id=task_id, type=f"task.{status}", task_id=task_id, ts=1.0, text="", data={})


def an_interaction(call: str, task_id: str, version: int) -> Interaction:
    return Interaction(
        interaction_id=call,
        ts=1.0,
        task_id=task_id,
        agent=BACKEND,
        iteration=0,
        model=MODEL,
        prompt_name="p",
        prompt_hash="h",
        identity_version=version,
        messages=(Message(role="user", content="build"),),
    )


async def test_episodes_are_kept_and_the_rules_that_were_told_are_counted_once(learning: School) -> None:
    clean = await end(learning, "t1", TaskStatus.COMPLETED)
    blamed = await end(learning, "t2", TaskStatus.COMPLETED, FOUND)
    failed = await end(learning, "t3", TaskStatus.FAILED)
    for notification in (clean, clean, blamed, failed, blamed):
        await learner(learning).send(notification)
    identity = await learning.identity()
    assert (identity.rule_stats["Told in both"], identity.version) == (stats(3, 1), 2)
    episodes = await learning.stores.episodes.list(EpisodeFilter(agent=BACKEND))
    assert [(each.task_id, each.succeeded, len(each.findings)) for each in episodes] == [
        ("t3", False, 0),
        ("t2", False, 1),
        ("t1", True, 0),
    ]
    assert len(await learning.stores.episodes.list(EpisodeFilter(agent=QA))) == 3
    unasked = await learning.stores.identities.load(QA)
    assert {each.use_count for each in unasked.rule_stats.values()} == {0}


async def test_rules_count_that_stood_in_every_version_that_was_told(learning: School) -> None:
    await learning.change(learned_rules=("Told in both", "Came later"))
    await learner(learning).send(await end(learning, "t1", TaskStatus.COMPLETED, told=(2, 3)))
    await learner(learning).send(await end(learning, "t2", TaskStatus.COMPLETED, told=(3,)))
    await learning.change(disabled=("Told in both",))
    await learner(learning).send(await end(learning, "t3", TaskStatus.COMPLETED, told=(4,)))
    counted = (await learning.identity()).rule_stats
    assert (counted["Told in both"], counted["Came later"]) == (stats(2, 2), stats(2, 2))


async def test_counting_needs_no_text_of_a_call_and_no_call_that_failed(learning: School) -> None:
    notification = await end(learning, "t1", TaskStatus.COMPLETED)
    failed = an_interaction("failed", "t1", 1).model_copy(update={"success": False})
    for call in (failed, an_interaction("untold", "t1", 0)):
        await learning.interactions.record(call)
    await learning.log.run(lambda connection: connection.execute("DELETE FROM interaction_texts"))
    await learner(learning).send(notification)
    assert (await learning.identity()).rule_stats["Told in both"] == stats(1, 1)


async def test_a_task_that_was_cancelled_teaches_nothing(learning: School) -> None:
    assert await learner(learning).send(await end(learning, "t1", TaskStatus.CANCELLED)) == {}
    assert "task.cancelled" not in LEARNED_FROM
    assert (await learning.open_episodes(), (await learning.identity()).rule_stats["Told in both"]) == ([], stats(0, 0))


async def test_agents_look_back_when_it_is_time_and_not_where_that_is_switched_off(learning: School) -> None:
    notification = await end(learning, "t1", TaskStatus.COMPLETED, FOUND)
    assert (await learner(learning).send(notification))["reflections"] == []
    assert len(await learning.open_episodes()) == 1
    known = await learner(learning, learning.reflector(EVERY)).send(notification)
    assert len(list(known["reflections"])) == 2  # type: ignore[arg-type]  # a list, by what is sent
    assert (await learning.identity()).trials[0].text == RULE


async def test_what_goes_wrong_is_to_be_done_again_and_no_agent_is_asked_too_often(tmp_path: Path) -> None:
    model = ScriptedClient(ModelError("down"), answer(RULE))
    async with school(tmp_path, model) as learning:
        notification = await end(learning, "t1", TaskStatus.COMPLETED, FOUND)
        one = learner(learning, learning.reflector(EVERY))
        for _ in range(3):
            with pytest.raises(DeliveryFailed, match="backend_agent has not looked back on its tasks: down") as failed:
                await one.send(notification)
            assert failed.value.fields["retry_after_s"] == REST_S
        assert len(model.requests) == 1
        assert await learning.stores.episodes.list(EpisodeFilter(agent=QA, reflected=True))
        learning.stores.clock.time += REST_S
        await one.send(notification)
        assert (await learning.identity()).trials[0].text == RULE


async def test_a_task_that_is_not_there_is_a_delivery_that_failed(learning: School) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        await learner(learning).send(notified("gone"))
    assert isinstance(failed.value.__cause__, NotFound)


class FullStore(SqliteIdentityStore):
    async def count_use(self, agent: AgentName, rules: object, success: bool, task_id: str) -> None:
        raise NoRoom("the machine stops here")


async def test_a_crash_before_the_counting_counts_afterwards_once(learning: School) -> None:
    notification = await end(learning, "t1", TaskStatus.COMPLETED)
    full = FullStore(learning.stores.database, {}, learning.stores.clock)
    with pytest.raises(DeliveryFailed):
        await learner(learning, identities=full).send(notification)
    assert len(await learning.open_episodes()) == 1
    for _ in range(2):
        await learner(learning).send(notification)
    assert (await learning.identity()).rule_stats["Told in both"] == stats(1, 1)


async def test_over_the_outbox_eight_ends_at_once_are_one_reflection_and_a_failing_model_is_given_up(
    tmp_path: Path,
) -> None:
    model = ScriptedClient(ModelError("down"), pieces=1)
    async with school(tmp_path, model) as learning:
        channel = Channel("learning", learner(learning, learning.reflector(EVERY)), LEARNED_FROM)
        stores = learning.stores
        patience = Patience(first_delay_s=1.0, total_s=2.0, poll_s=0.01)
        dispatcher = Dispatcher(channel, stores.events, stores.effects, stores.clock, patience=patience)
        await stores.effects.position("learning")
        dispatcher.start()
        for number in range(8):
            await end(learning, f"t{number}", TaskStatus.COMPLETED, FOUND)
        await said(learning, 8)
        await dispatcher.stop(60.0)
        assert len(model.requests) == 1
        assert len(await stores.episodes.list(EpisodeFilter(agent=BACKEND))) == 8


async def said(learning: School, count: int) -> None:
    """Until so many tasks were told that nothing was learned from them."""
    async with asyncio.timeout(120):
        notices = 0
        while notices < count:
            await asyncio.sleep(0.02)
            events = await learning.stores.events.read(limit=1_000)
            found = [each.event for each in events if isinstance(each.event, Notice)]
            notices = sum("learning: task.completed could not be delivered" in notice.text for notice in found)
