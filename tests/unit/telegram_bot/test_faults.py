"""The network, Telegram and the store fail: nothing is lost, nothing counts twice, and the service is left alone."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from core.access import Actor
from core.errors import DeliveryFailed
from core.tasks import Action, Decision
from telegram_bot import polling
from telegram_bot.text import compose, plain
from tests.unit.telegram_bot.commands import Gate, at_once
from tests.unit.telegram_bot.room import GRACE_S, TRIES, UNPACED, Room, make_client, open_room, until
from tests.wire.telegram.forms import Refused
from tests.wire.telegram.service import PRIVATE, TOKEN, Fault, running_telegram, status, too_many

GATEWAY = status(502, "Bad Gateway")
HELLO = compose([], plain("hello"))


async def failing(what: Fault) -> DeliveryFailed:
    """What a notifier's message ends in."""
    async with running_telegram() as telegram:
        client = make_client(telegram, **({"timeout_s": 0.3} if what.what == "silence" else {}))
        telegram.fail("sendMessage", what)
        try:
            with pytest.raises(DeliveryFailed) as failed:
                await client.send(HELLO)
        finally:
            await client.close()
        assert TOKEN not in str(failed.value)
        assert failed.value.__suppress_context__
        return failed.value


@pytest.mark.parametrize(
    ("what", "kind", "final", "says"),
    [
        (status(401, "Unauthorized"), "token", None, "TELEGRAM_BOT_TOKEN"),
        (status(404, "Not Found"), "token", None, "TELEGRAM_BOT_TOKEN"),
        (status(400, "Bad Request: chat not found"), "chat", None, "TELEGRAM_CHAT_ID"),
        (status(403, "Forbidden: bot was blocked by the user"), "chat", None, "unblock"),
        (status(400, "Bad Request: message is too long"), "refused", True, "too long"),
        (
            Fault("refuse", Refused(400, "Bad Request: x", migrate_to_chat_id=-1005)),
            "chat",
            None,
            "TELEGRAM_CHAT_ID=-1005",
        ),
        (too_many(7), "flood", None, "7 s"),
        (Fault("refuse", Refused(429, "Too Many Requests")), "flood", None, "1 s"),
        (GATEWAY, "network", None, "Bad Gateway"),
        (status(500, "Internal Server Error"), "network", None, "Internal"),
        (Fault("cut_before"), "network", None, "could not be reached"),
        (Fault("cut_after"), "network", None, "could not be reached"),
        (Fault("garbage"), "network", None, "cannot be read"),
        (Fault("silence"), "network", None, "Timed out"),
    ],
)
async def test_each_failure_says_whether_trying_again_helps_and_how_to_mend_it(
    what: Fault, kind: str, final: bool | None, says: str
) -> None:
    error = await failing(what)
    assert (error.fields.get("kind"), error.fields.get("final")) == (kind, final)
    assert says in str(error)
    if kind == "flood":
        assert error.fields["retry_after_s"] in (1.0, 7.0)


async def test_a_chat_that_is_none_and_a_token_that_is_none_are_told_apart() -> None:
    async with running_telegram() as telegram:
        for account, kind in (({"chat": 12345}, "chat"), ({"token": "1:wrong"}, "token"), ({"token": "none"}, "token")):
            client = make_client(telegram, **account)
            with pytest.raises(DeliveryFailed) as failed:
                await client.send(HELLO)
            await client.close()
            assert failed.value.fields["kind"] == kind


async def test_a_question_that_could_not_be_sent_is_sent_when_that_is_over(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        room.telegram.fail("sendMessage", GATEWAY, Fault("cut_before"), too_many(0), Fault("garbage"))
        moving = asyncio.create_task(pass_time(room))
        message = await room.asked("a1")
        await room.handled(await room.telegram.tap(message, "Approve"))
        moving.cancel()
        assert room.decided() == [("a1", "approve")]
        assert len(room.questions("a1")) == 1


async def pass_time(room: Room) -> None:
    """The store's clock stands still by itself, and redeliveries wait by it."""
    while True:
        room.stores.clock.time += 1
        await asyncio.sleep(0.01)


async def test_a_message_that_was_taken_and_not_confirmed_comes_twice_and_both_copies_lead_to_one_decision(
    tmp_path: Path,
) -> None:
    async with open_room(tmp_path) as room:
        room.telegram.fail("sendMessage", Fault("cut_after"))
        moving = asyncio.create_task(pass_time(room))
        await room.open("a1")
        await until(lambda: len(room.questions("a1")) == 2)
        moving.cancel()
        first, second = room.questions("a1")
        assert first.text == second.text
        await room.handled(await room.telegram.tap(first, "Approve"))
        await until(lambda: not second.buttons)
        await room.handled(await room.telegram.tap(first, "Approve"))
        assert first.buttons == []
        assert room.decided() == [("a1", "approve")]


@pytest.mark.parametrize(
    "what",
    [GATEWAY, Fault("cut_before"), Fault("cut_after"), Fault("garbage"), too_many(0), status(409, "Conflict: x")],
)
async def test_polling_goes_on_after_a_failure(tmp_path: Path, what: Fault) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        room.telegram.fail("getUpdates", *[what] * 3)
        await room.telegram.updates.disturb()
        await room.handled(await room.telegram.tap(message, "Approve"))
        assert room.decided() == [("a1", "approve")]
        await until(lambda: room.bot.state().ok)


async def test_the_state_says_what_is_wrong_and_the_log_says_it_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_room(tmp_path) as room:
        await until(lambda: room.bot.state().ok)
        room.telegram.fail("getUpdates", *[GATEWAY] * 5)
        room.telegram.fail("getMe", *[GATEWAY] * 2)
        await room.telegram.say("/x")
        await until(lambda: "Bad Gateway" in room.bot.state().reason)
        await until(lambda: room.bot.state().ok)
    assert caplog.text.count("Telegram, receiving: Telegram could not be reached: Bad Gateway") == 1


async def test_a_chat_that_cannot_be_written_to_is_shown_until_it_can(tmp_path: Path) -> None:
    async with open_room(tmp_path, started=False) as room:
        await room.task("a1")
        room.telegram.chats.blocked[PRIVATE] = "bot was blocked by the user"
        with pytest.raises(DeliveryFailed, match="unblock"):
            await room.tell("task.started", "a1")
        assert "sending: the bot may not write to chat 7" in room.bot.state().reason
        room.telegram.chats.blocked.clear()
        await room.tell("task.started", "a1")
        assert "sending" not in room.bot.state().reason


async def test_a_bad_token_is_health_and_no_failure_of_the_service(tmp_path: Path) -> None:
    async with open_room(tmp_path, token="1:wrong") as room:
        await until(lambda: "TELEGRAM_BOT_TOKEN" in room.bot.state().reason)
        assert not room.bot.state().ok
        await room.open("a1")
        decided = await room.commands.decide("a1", "a1-q1", Decision(action=Action.APPROVE), Actor(via="api"))
        assert decided.status == "decided"


async def test_a_second_poller_is_shown_until_it_is_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running_telegram() as telegram, open_room(tmp_path / "1", telegram=telegram) as first:
        await until(lambda: first.bot.state().ok)
        async with open_room(tmp_path / "2", telegram=telegram):
            await until(lambda: "another process reads" in first.bot.state().reason)
        telegram.updates.webhook = ""
        message = await first.asked("a1")
        await first.handled(await telegram.tap(message, "Approve"))
        assert first.decided() == [("a1", "approve")]


async def test_a_webhook_that_is_set_is_taken_away(tmp_path: Path) -> None:
    async with running_telegram() as telegram:
        telegram.updates.webhook = "https://example.org/"
        async with open_room(tmp_path, telegram=telegram) as room:
            await until(lambda: room.bot.state().ok)
            assert telegram.updates.webhook == ""


async def test_an_update_is_confirmed_only_once_it_was_handled_so_that_a_kill_repeats_it(tmp_path: Path) -> None:
    async with running_telegram() as telegram:
        async with open_room(tmp_path, telegram=telegram) as room:
            message = await room.asked("a1")
            room.commands.before_decide = Gate()
            update = await telegram.tap(message, "Approve")
            await until(lambda: room.commands.asked)
            polls = telegram.updates.polls
            await until(lambda: telegram.updates.polls > polls + 2)
            assert telegram.updates.confirmed == []
            await room.dispatcher.stop(GRACE_S)
            await room.bot.stop(0.0)  # it is cut off in the middle
            assert telegram.updates.confirmed == []
        async with open_room(tmp_path, telegram=telegram) as room:
            await room.handled(update)
            assert room.decided() == [("a1", "approve")]


async def test_an_update_that_was_handled_and_not_confirmed_changes_nothing_the_second_time(tmp_path: Path) -> None:
    async with running_telegram() as telegram:
        async with open_room(tmp_path, telegram=telegram) as room:
            message = await room.asked("a1")
            room.commands.after_decide = Gate()
            update = await telegram.tap(message, "Approve")
            await until(lambda: room.commands.taken)
            await room.dispatcher.stop(GRACE_S)
            await room.bot.stop(0.0)
        async with open_room(tmp_path, telegram=telegram) as room:
            await room.handled(update)
            assert room.decided() == []
            assert room.commands.asked == 1
            assert telegram.chats.alerts == []


async def test_a_clean_stop_lets_what_is_handled_end_and_confirms_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "CONFIRM_S", 60.0)
    async with running_telegram() as telegram, open_room(tmp_path, telegram=telegram) as room:
        message = await room.asked("a1")
        gate = Gate()
        room.commands.before_decide = gate
        update = await telegram.tap(message, "Approve")
        await until(lambda: gate.waiting)
        stopping = asyncio.create_task(room.bot.stop(60.0))
        await asyncio.sleep(0)
        gate.opened.set()
        await stopping
        assert room.decided() == [("a1", "approve")]
        assert telegram.updates.confirmed == [update]


async def test_slow_words_for_one_task_hold_up_no_other(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        slow, quick = await room.asked("a1"), await room.asked("a2")
        gate = Gate()
        room.commands.thinking = gate
        held = await room.telegram.reply(slow, "yes")
        await until(lambda: gate.waiting)
        behind = await room.telegram.tap(slow, "Approve")
        await room.telegram.tap(quick, "Approve")
        await until(lambda: ("a2", "approve") in room.decided())
        assert room.decided() == [("a2", "approve")]
        assert held not in room.telegram.updates.confirmed
        gate.opened.set()
        await room.handled(behind)
        assert room.decided() == [("a2", "approve"), ("a1", "approve")]
        assert room.commands.taken[1].decision.message == "yes"


async def test_a_trouble_of_the_store_passes_and_the_tap_counts(tmp_path: Path) -> None:
    troubles = [sqlite3.OperationalError("database is locked"), OSError("disk")]

    async def trouble() -> None:
        if troubles:
            raise troubles.pop()

    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        room.commands.before_decide = trouble
        await room.handled(await room.telegram.tap(message, "Approve"))
        assert room.decided() == [("a1", "approve")]
        assert room.bot.state().ok


async def test_an_update_that_cannot_be_handled_is_given_up_and_shown_and_the_next_one_is_handled(
    tmp_path: Path,
) -> None:
    async def bug() -> None:
        raise ZeroDivisionError("a bug")

    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        room.commands.before_decide = bug
        await room.handled(await room.telegram.tap(message, "Approve"))
        assert "ZeroDivisionError" in room.bot.state().reason
        assert room.commands.asked == TRIES.tries
        room.commands.before_decide = at_once
        await room.handled(await room.telegram.tap(message, "Approve"))
        assert room.decided() == [("a1", "approve")]
        assert room.bot.state().ok


async def test_an_update_that_cannot_be_read_keeps_no_other_one_back(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        unreadable = await room.telegram.updates.push(message={"of": "another time"})
        await room.handled(await room.telegram.tap(message, "Approve"))
        assert unreadable in room.telegram.updates.confirmed
        assert room.decided() == [("a1", "approve")]


async def test_a_choice_that_could_not_be_offered_is_offered_again(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.asked("a1")
        await room.asked("a2")
        room.telegram.fail("sendMessage", GATEWAY, GATEWAY)
        await room.handled(await room.telegram.say("yes"))
        assert len(room.telegram.sent("Which one")) == 1


async def test_floods_are_waited_out_and_later_messages_wait_with_them(tmp_path: Path) -> None:
    async with running_telegram() as telegram:
        client = make_client(telegram, rate=UNPACED)
        telegram.fail("sendMessage", too_many(1))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        with pytest.raises(DeliveryFailed):
            await client.send(HELLO)
        await client.send(HELLO)
        await client.close()
        assert loop.time() - begun > 0.9
