"""Texts that name no question, and commands."""

from pathlib import Path

import pytest

from core.tasks import TaskFilter
from core.types import TaskStatus
from telegram_bot.orders import read_order
from telegram_bot.replies import MAX_KEPT, Kept
from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.service import BEN, running_telegram


async def test_an_unaddressed_text_answers_the_only_question_that_waits(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.handled(await room.telegram.say("yes"))
        assert room.decided() == [("a1", "approve")]
        await until(lambda: not message.buttons)


async def test_an_unaddressed_text_with_nothing_waiting_says_so(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.handled(await room.telegram.say("yes"))
        assert room.telegram.sent("Nothing waits for an answer")


async def test_with_several_waiting_it_is_asked_which_and_the_text_is_used_once(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.task("a1", "A shop for bread")
        await room.task("a2", "A list of birds")
        await room.asked("a1")
        await room.asked("a2")
        await room.handled(await room.telegram.say("yes"))
        (choice,) = room.telegram.sent("Which one")
        assert choice.labels == ["A shop for bread (approval)", "A list of birds (approval)"]
        shop, _ = choice.buttons
        await room.handled(await room.telegram.tap(choice, "A list of birds (approval)"))
        assert room.decided() == [("a2", "approve")]
        assert choice.buttons == []
        await room.handled(await room.telegram.tap_data(choice, shop[0][1]))
        assert room.decided() == [("a2", "approve")]
        assert "no longer have that text" in room.telegram.chats.alerts[-1]


async def test_after_a_restart_a_kept_text_is_asked_for_again(tmp_path: Path) -> None:
    async with running_telegram() as telegram:
        async with open_room(tmp_path, telegram=telegram) as room:
            await room.asked("a1")
            await room.asked("a2")
            await room.handled(await telegram.say("yes"))
            (choice,) = telegram.sent("Which one")
        async with open_room(tmp_path, telegram=telegram) as room:
            await room.handled(await telegram.tap(choice, choice.labels[0]))
            assert room.decided() == []
            assert "write it again" in telegram.chats.alerts[-1]


def test_texts_that_are_kept_are_bounded_and_taken_once() -> None:
    kept = Kept()
    for number in range(MAX_KEPT + 1):
        kept.keep(number, str(number))
    assert (kept.take(0), kept.take(1), kept.take(1)) == (None, "1", None)


async def test_tasks_are_listed_with_what_they_do(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.handled(await room.telegram.say("/tasks"))
        await room.task("a1", "A [shop](http://x) for *bread*")
        await room.asked("a2")
        await room.handled(await room.telegram.say("/tasks@autonomy_test_bot"))
        await room.handled(await room.telegram.say("/tasks@other_bot"))
        empty, listed = room.telegram.sent("tasks yet")[0], room.telegram.sent("wait for an answer")[-1]
        assert empty.text == "There are no tasks yet"
        assert listed.text.splitlines() == [
            "a2 waits for an answer: A todo list",
            "a1 waits for its turn: A [shop](http://x) for *bread*",
            "1 of these 2 wait for an answer",
        ]
        assert len(room.telegram.sent()) == 3


async def test_the_status_of_a_task_is_shown(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.task("a1", "A shop")
        await room.stores.tasks.update("a1", status=TaskStatus.FAILED, error="it broke. (badly)")
        await until(lambda: bool(room.telegram.sent("has failed")))
        await room.handled(await room.telegram.say("/status a1"))
        assert "it broke. (badly)" in room.telegram.sent()[-1].text
        ended = room.telegram.sent("has failed")[0]
        await room.handled(await room.telegram.reply(ended, "/status"))
        assert "it broke. (badly)" in room.telegram.sent()[-1].text
        for said, answer in (
            ("/status #t_a1 please", "it broke"),
            ("/status nope", "nope"),
            ("/status", "needs the id"),
            ("/x", "/help shows"),
            ("/help", "/new"),
        ):
            await room.handled(await room.telegram.say(said))
            assert answer in room.telegram.sent()[-1].text


async def test_a_task_is_cancelled_only_after_asking_once_more(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.task("a1", "A shop")
        await room.handled(await room.telegram.say("/cancel a1"))
        (asks,) = room.telegram.sent("Cancel it?")
        await room.handled(await room.telegram.tap(asks, "Keep it"))
        assert (await room.commands.get("a1")).status is TaskStatus.QUEUED
        assert asks.buttons == []
        await room.handled(await room.telegram.say("/cancel a1"))
        asks = room.telegram.sent("Cancel it?")[-1]
        await room.handled(await room.telegram.tap(asks, "Cancel it", BEN))
        task = await room.commands.get("a1")
        assert (task.status, task.error) == (TaskStatus.CANCELLED, "cancelled via telegram (8)")
        await room.handled(await room.telegram.tap_data(asks, "ca:a1"))
        assert "already cancelled" in room.telegram.chats.alerts[-1]
        await until(lambda: bool(room.telegram.sent("is cancelled")))  # the notification, which comes by itself
        await room.handled(await room.telegram.say("/cancel a1"))
        assert "is cancelled already" in room.telegram.sent()[-1].text


async def test_a_sentence_becomes_one_task_however_often_its_update_comes(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.handled(await room.telegram.say("/new Build a shop\nfor bread"))
        await until(lambda: bool(room.telegram.sent("Taken.")))
        message = room.telegram.chats.messages[0]
        await room.handled(await room.telegram.updates.push(message=room.telegram.chats.json(message)))
        await until(lambda: len(room.telegram.sent("Taken.")) == 2)
        (task,) = await room.commands.list(TaskFilter())
        assert task.request.task_description == "Build a shop\nfor bread"
        assert task.caller == "@ana"
        assert {each.text for each in room.telegram.sent("Taken.")} == {
            f"Taken. The task waits for its turn.\n#t_{task.task_id}"
        }
        await room.handled(await room.telegram.say("/new"))
        assert "needs a sentence" in room.telegram.sent()[-1].text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/new A shop", ("new", "", "A shop")),
        ("/NEW@Bot  A shop\nfor bread ", ("new", "Bot", "A shop\nfor bread")),
        ("/new\nA shop for bread", ("new", "", "A shop for bread")),
        ("/tasks", ("tasks", "", "")),
        ("/", ("", "", "")),
    ],
)
def test_commands_are_read(text: str, read: tuple[str, str, str]) -> None:
    assert read_order(text) == read


async def test_people_talking_to_each_other_and_what_is_no_text_decide_nothing(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.handled(await room.telegram.say("/help"))
        theirs = room.telegram.chats.messages[1]
        await room.handled(await room.telegram.reply(theirs, "yes", BEN))
        await room.handled(await room.telegram.reply(message, "", BEN, photo=[]))
        assert room.decided() == []
        assert room.telegram.sent("Only text can be read")
