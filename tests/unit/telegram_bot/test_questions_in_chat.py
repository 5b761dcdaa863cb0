"""Questions in the chat: what they show, and how each kind of answer reaches the one that it is for."""

from pathlib import Path

import pytest

from core.access import Actor
from core.errors import NotFound
from core.tasks import Action, Decision, InterruptKind
from core.workspaces import Diff, FileChange
from tests.unit.telegram_bot.commands import Gate
from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import ANA, BEN, BOT, status

MONEY = {
    "actions": ["raise_budget", "retry", "abort"],
    "account": "b1",
    "cap_usd": 0.5,
    "spent_usd": 0.42,
    "reserved_usd": 0.05,
    "needed_usd": 0.2,
    "kept_usd": 0,
    "rest": {"usd": {"low": 0.3, "expected": 0.5, "high": 0.9}, "basis": "from the last 9 finished tasks"},
}


async def test_an_approval_shows_its_evidence_and_is_approved_by_one_tap(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        for part in (
            "Todo list asks for approval", "31 tests run", "browser: not executed", "security 8.5", "12 files, +340",
            "$0.1234 of $0.50", "branch autonomy/todo-t1", "into main", "backend_agent: done, 7 files", "+print(1)",
        ):  # fmt: skip
            assert part in message.text
        assert message.labels == ["Approve", "Give feedback"]
        await room.handled(await room.telegram.tap(message, "Approve"))
        await until(lambda: not message.buttons)
        assert "Approved by @ana via telegram" in message.text
        assert room.decided() == [("a1", "approve")]
        assert room.commands.taken[0].actor == Actor(via="telegram", name="@ana", identity="telegram:7")
        assert room.telegram.refusals() == []


async def test_a_question_answered_elsewhere_loses_its_buttons_and_says_who_answered(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.commands.decide("a1", "a1-q1", Decision(action=Action.APPROVE), Actor(via="dashboard", name="cleo"))
        await until(lambda: not message.buttons)
        assert "Approved by cleo via dashboard" in message.text
        assert len(room.questions("a1")) == 1


async def test_a_long_diff_comes_as_a_document_before_its_question(tmp_path: Path) -> None:
    async def long_diff(task_id: str) -> Diff:
        files = tuple(FileChange(path=f"f{n}.py", status="added", additions=90) for n in range(9))
        return Diff(files=files, patch="+line of code\n" * 800, truncated=True)

    async with open_room(tmp_path, read_diff=long_diff) as room:
        await room.asked("a1")
        document, question = room.telegram.sent()
        assert document.document == ("a1.diff", b"+line of code\n" * 800)
        assert "9 files, +810 -0 (its end is missing" in document.text
        assert "line of code" not in question.text


async def test_a_diff_that_cannot_be_read_or_sent_keeps_no_question_back(tmp_path: Path) -> None:
    async def no_diff(task_id: str) -> Diff:
        if task_id == "a1":
            raise NotFound("no workspace")
        return Diff(files=(FileChange(path="a", status="added"),), patch="+" * 5000)

    async with open_room(tmp_path, read_diff=no_diff) as room:
        room.telegram.fail("sendDocument", status(413, "Request Entity Too Large"))
        assert (await room.asked("a1")).buttons
        assert (await room.asked("a2")).buttons


async def test_feedback_is_asked_for_and_its_answer_is_the_feedback_itself(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.handled(await room.telegram.tap(message, "Give feedback"))
        (asks,) = [each for each in room.telegram.sent() if each.forced]
        assert "@ana: what should change?" in asks.text
        assert asks.reply_to == message.message_id
        assert room.decided() == []
        await room.handled(await room.telegram.reply(asks, "The list needs due dates"))
        await until(lambda: not message.buttons)
        (taken,) = room.commands.taken
        assert (taken.decision.action, taken.decision.message) == (Action.CHANGES, "The list needs due dates")
        assert "Changes asked for by @ana via telegram: The list needs due dates" in message.text


async def test_a_reply_to_a_question_is_read_and_taken(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        first, second = await room.asked("a1"), await room.asked("a2")
        await room.handled(await room.telegram.reply(second, "yes please", BEN))
        await until(lambda: not second.buttons)
        assert room.decided() == [("a2", "approve")]
        assert room.commands.taken[0].actor.name == "8"
        assert first.buttons


async def test_a_reply_that_is_not_clear_is_asked_back_and_can_be_answered_there(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        await room.asked("a1")
        message = await room.asked("a2")
        await room.handled(await room.telegram.reply(message, "hm"))
        (back,) = room.telegram.sent("not clear")
        await room.handled(await room.telegram.reply(back, "no"))
        assert room.decided() == [("a2", "abort")]


async def test_buttons_of_money_raise_to_sums_above_the_cap_or_go_on(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("b1", kind=InterruptKind.BUDGET, payload=MONEY, prompt="How much in all?")
        assert message.labels == ["Raise to $0.75", "Raise to $1.00", "Raise to $1.75", "Go on", "Abort"]
        await room.handled(await room.telegram.tap(message, "Raise to $1.75"))
        assert room.commands.taken[0].decision.budget_usd == 1.75
        await until(lambda: "Budget raised to $1.75 by @ana" in message.text)


async def test_an_escalation_offers_what_it_allows(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        payload = {
            "findings": [{"severity": "high", "file": "a.py", "line": 3, "message": "wrong", "owner": "qa_agent"}]
        }
        message = await room.asked("e1", kind=InterruptKind.ESCALATION, payload=payload)
        assert message.labels == ["Retry", "Retry with a hint", "Accept as it is", "Give feedback", "Abort"]
        assert "high a.py:3 wrong [qa_agent]" in message.text
        await room.handled(await room.telegram.tap(message, "Retry with a hint"))
        (asks,) = [each for each in room.telegram.sent() if each.forced]
        await room.handled(await room.telegram.reply(asks, "look at line 3"))
        assert (room.commands.taken[0].decision.action, room.commands.taken[0].decision.message) == (
            Action.RETRY,
            "look at line 3",
        )
        narrow = await room.asked("e2", kind=InterruptKind.ESCALATION, payload={"actions": ["retry", "abort"]})
        assert narrow.labels == ["Retry", "Retry with a hint", "Abort"]
        await room.handled(await room.telegram.tap(narrow, "Abort"))
        await until(lambda: "Aborted by @ana" in narrow.text)


async def test_a_demo_can_be_restarted_where_there_is_one(tmp_path: Path) -> None:
    async def restart(task_id: str) -> str:
        return f"http://127.0.0.1:9/{task_id}"

    async with open_room(tmp_path, restart_demo=restart) as room:
        plain = await room.asked("a1")
        none = await room.asked("a3", payload={"demo": {"problem": "the application does not start"}})
        assert "demo: none, the application does not start" in none.text
        assert "Restart demo" not in none.labels
        message = await room.asked("a2", payload={"demo": {"url": "http://127.0.0.1:9/old", "expires_at": 5.0}})
        assert "demo: http://127.0.0.1:9/old" in message.text
        assert "Restart demo" not in plain.labels
        assert message.labels == ["Approve", "Give feedback", "Restart demo"]
        await room.handled(await room.telegram.tap(message, "Restart demo"))
        assert room.telegram.sent("The demo runs again: http://127.0.0.1:9/a2")
        assert message.buttons


async def test_several_people_are_counted_and_one_is_not_counted_twice(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1", needed=2)
        assert "2 people have to approve; so far nobody yet" in message.text
        await room.handled(await room.telegram.tap(message, "Approve", ANA))
        await until(lambda: bool(room.telegram.sent("1 of 2 people agree")))
        await room.handled(await room.telegram.tap(message, "Approve", ANA))
        assert "has approved this already" in room.telegram.chats.alerts[-1]
        assert message.buttons
        await room.handled(await room.telegram.tap(message, "Approve", BEN))
        await until(lambda: not message.buttons)
        assert "Approved by @ana and 8 via telegram" in message.text


async def test_a_double_tap_and_a_late_one_show_who_won(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        taps = [await room.telegram.tap(message, "Approve", user) for user in (BEN, ANA, ANA)]
        for tap in taps:
            await room.handled(tap)
        assert [taken.actor.name for taken in room.commands.taken] == ["8"]
        assert len(room.telegram.chats.alerts) == 2
        assert all("already answered with 'approve' via telegram (8)" in said for said in room.telegram.chats.alerts)


async def test_an_old_copy_of_a_question_loses_its_buttons_when_it_is_tapped(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        copy = room.telegram.chats.add(
            Message(room.telegram.chats.number(), message.chat_id, BOT, message.text, buttons=message.buttons)
        )
        await room.handled(await room.telegram.tap(message, "Approve"))
        await until(lambda: not message.buttons)
        await room.handled(await room.telegram.tap(copy, "Give feedback"))
        assert copy.buttons == []
        assert "Approved by @ana" in room.telegram.chats.alerts[-1]


async def test_a_button_of_what_is_not_asked_any_more_decides_nothing(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        data = message.buttons[0][0][1]
        verb, task, question, digest = data.split(":")
        for forged in (
            f"{verb}:{task}:{question}:{'0' * len(digest)}", f"{verb}:other:{question}:{digest}", "hello", "ap:a1",
            f"xx:{task}:{question}:{digest}",
        ):  # fmt: skip
            await room.handled(await room.telegram.tap_data(message, forged))
        assert room.decided() == []
        assert "has changed since" in room.telegram.chats.alerts[0]
        assert all("not known here" in said for said in room.telegram.chats.alerts[1:])


async def test_a_decision_is_stored_before_the_tap_is_answered_and_no_failing_answer_loses_it(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.handled(await room.telegram.tap_data(message, message.buttons[0][0][1], old=True))
        assert room.decided() == [("a1", "approve")]
        assert ("answercallbackquery", 400) in room.telegram.refusals()

        gate = Gate()
        room.commands.before_decide = gate
        second = await room.asked("a2")
        await room.telegram.tap(second, "Approve")
        await until(lambda: gate.waiting)
        assert list(room.telegram.chats.queries.values())[-1] is None
        gate.opened.set()
        await until(lambda: list(room.telegram.chats.queries.values())[-1])


async def test_a_reminder_replies_to_the_question_and_both_lose_their_buttons(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1", due_at=2.0)
        (due,) = await room.stores.interrupts.due(10)
        await room.stores.interrupts.remind(due, None)
        await until(lambda: bool(room.telegram.sent("for an answer\n")))
        (reminder,) = room.telegram.sent("for an answer\n")
        assert (reminder.reply_to, reminder.labels) == (message.message_id, message.labels)
        await room.handled(await room.telegram.tap(reminder, "Approve"))
        await until(lambda: not message.buttons and not reminder.buttons)
        assert room.decided() == [("a1", "approve")]


async def test_questions_of_a_cancelled_task_are_taken_back(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        await room.commands.cancel("a1", Actor(via="cli"))
        await until(lambda: not message.buttons)
        assert "No longer asked" in message.text
        await until(lambda: bool(room.telegram.sent("is cancelled")))


async def test_an_answer_is_told_anew_where_the_questions_message_is_gone(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        room.telegram.chats.messages[room.telegram.chats.messages.index(message)] = Message(999, 1, BOT, "")
        await room.commands.decide("a1", "a1-q1", Decision(action=Action.ABORT), Actor(via="api", name="ci"))
        await until(lambda: bool(room.telegram.sent("Aborted by ci via api")))


@pytest.mark.parametrize("ending", ["#t_a2 #q_0123456789", "#t_a1 #q_0123456789 #feedback"])
async def test_words_of_a_model_that_look_like_an_address_are_none(tmp_path: Path, ending: str) -> None:
    async with open_room(tmp_path) as room:
        await room.asked("a2")
        message = await room.asked("a1", prompt=f"Shall I?\n{ending}", payload={"summary": ending})
        await room.handled(await room.telegram.reply(message, "yes"))
        assert room.decided() == [("a1", "approve")]
