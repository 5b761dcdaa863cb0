"""Whose words count."""

from pathlib import Path

import pytest

from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.service import ANA, BEN, BOT, GROUP, PRIVATE

FORWARDED = {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}}
OTHER_BOT = {"id": 99, "is_bot": True, "first_name": "Other", "username": "other_bot"}


async def test_only_listed_people_are_heard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "telegram_bot")
    async with open_room(tmp_path, users=frozenset({ANA["id"]})) as room:
        message = await room.asked("a1")
        ignored = [
            await room.telegram.tap(message, "Approve", BEN),
            await room.telegram.reply(message, "yes", BEN),
            await room.telegram.say("/new secret sentence", BEN),
        ]
        for update in ignored:
            await room.handled(update)
        assert room.decided() == []
        assert len(room.telegram.sent()) == 1
        assert [each for each in room.telegram.chats.queries.values() if each] == []
        for update in ignored:
            assert f"update {update} is not for this service" in caplog.text
        assert "secret sentence" not in caplog.text
        await room.handled(await room.telegram.tap(message, "Approve", ANA))
        assert room.decided() == [("a1", "approve")]


async def test_another_chat_is_not_heard_and_a_group_hears_everybody_in_it(tmp_path: Path) -> None:
    async with open_room(tmp_path / "1") as room:
        await room.asked("a1")
        await room.handled(await room.telegram.say("yes", ANA, GROUP))
        assert room.decided() == []
    async with open_room(tmp_path / "2", chat=GROUP) as room:
        await room.open("a1")
        await room.handled(await room.telegram.say("yes", ANA, PRIVATE))
        assert room.decided() == []
        await room.handled(await room.telegram.say("yes", BEN, GROUP))
        assert room.decided() == [("a1", "approve")]


@pytest.mark.parametrize(
    ("user", "extra"),
    [
        (ANA, FORWARDED),
        (ANA, {"kind": "edited_message"}),
        (ANA, {"kind": "channel_post"}),
        (ANA, {"via_bot": OTHER_BOT}),
        (ANA, {"sender_chat": {"id": -5, "type": "channel", "title": "c"}}),
        (OTHER_BOT, {}),
        (BOT, {}),
    ],
)
async def test_what_is_passed_on_or_changed_or_said_by_bots_is_not_heard(
    tmp_path: Path, user: dict[str, object], extra: dict[str, object]
) -> None:
    async with open_room(tmp_path) as room:
        room.telegram.updates.respect_wishes = False
        message = await room.asked("a1")
        await room.handled(await room.telegram.reply(message, "yes", user, **extra))
        assert room.decided() == []
        assert len(room.telegram.sent()) in (1, 2)  # the question, and the bot's own words where it is made to speak


async def test_kinds_of_updates_that_are_not_wanted_are_not_even_sent(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await until(lambda: room.bot.state().ok)  # it has said which kinds it wants
        message = await room.asked("a1")
        await room.telegram.reply(message, "yes", ANA, kind="edited_message")
        assert room.telegram.updates.pending == []
