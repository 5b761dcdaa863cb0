"""What is told of a task on its way: its beginning, its state, its end."""

import asyncio
from pathlib import Path

from core.events import AgentFinished, AgentStarted, LlmDelta
from core.types import AgentName, TaskStatus
from telegram_bot.notifier import deliveries
from tests.unit.telegram_bot.room import Room, begin, open_room, until
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import Fault, status


async def started(room: Room, task_id: str) -> Message:
    """The task's status message, once it is written down which one that is: before, what happens is not shown there."""
    await room.task(task_id, f"A shop called {task_id}")
    await begin(room, task_id)
    async with asyncio.timeout(60):
        while not await deliveries(room.stores.effects, task_id, "task.started"):  # noqa: ASYNC110  # it happens in the bot
            await asyncio.sleep(0.005)
    return room.telegram.sent(f"#t_{task_id}")[0]


async def work(room: Room, task_id: str, agent: AgentName, summary: str = "") -> None:
    await room.stores.events.append(task_id, AgentStarted(agent=agent, step="build"))
    if summary:
        done = AgentFinished(agent=agent, step="build", summary=summary, files=("a.py", "b.py"))
        await room.stores.events.append(task_id, done)


async def test_a_task_has_one_status_message_that_is_edited(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await started(room, "a1")
        assert message.silent
        assert "A shop called a1 is at work" in message.text
        await work(room, "a1", AgentName.BACKEND, "twelve *routes*")
        await until(lambda: "backend_agent: done" in message.text)
        await work(room, "a1", AgentName.QA)
        await until(lambda: "qa_agent: running" in message.text)
        await room.stores.tasks.update("a1", status=TaskStatus.COMPLETED, pr_url="https://example.org/pr/1")
        await until(lambda: "A shop called a1 is completed" in message.text)
        await until(lambda: len(room.telegram.sent()) == 2)
        assert room.telegram.sent()[1].text == (
            "A shop called a1 is completed\npull request: https://example.org/pr/1\n$0.0000 of $0.50 spent\n#t_a1"
        )
        assert room.telegram.sent()[1].entities[1].url == "https://example.org/pr/1"


async def test_many_events_are_few_edits_and_the_last_one_shows(tmp_path: Path) -> None:
    async with open_room(tmp_path, progress_every_s=0.2) as room:
        message = await started(room, "a1")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number in range(100):
            await work(room, "a1", AgentName.BACKEND, f"step {number}")
        await until(lambda: "step 99" in message.text)
        assert message.edits <= 2 + (loop.time() - begun) / 0.2


async def test_deltas_change_nothing(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await started(room, "a1")
        await work(room, "a1", AgentName.BACKEND, "done")
        await until(lambda: "backend_agent: done" in message.text)
        edits = room.telegram.count("editMessageText")
        for _ in range(50):
            room.stores.events.publish("a1", LlmDelta(agent=AgentName.BACKEND, call_id="c", text="x"))
        await started(room, "a2")
        await work(room, "a2", AgentName.BACKEND, "done")
        await until(lambda: room.telegram.count("editMessageText") > edits)
        assert message.edits == edits


async def test_progress_that_cannot_be_shown_is_health_and_is_shown_later(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await started(room, "a1")
        room.telegram.fail("editMessageText", status(502, "Bad Gateway"), Fault("cut_before"))
        await work(room, "a1", AgentName.BACKEND, "all done")
        await until(lambda: "progress" in room.bot.state().reason)
        await until(lambda: "all done" in message.text)
        await until(lambda: room.bot.state().ok)


async def test_progress_of_a_task_whose_message_was_deleted_ends(tmp_path: Path) -> None:
    async with open_room(tmp_path) as room:
        message = await started(room, "a1")
        room.telegram.chats.messages[room.telegram.chats.messages.index(message)] = Message(999, 1, {}, "")
        await work(room, "a1", AgentName.BACKEND, "done")
        await until(lambda: ("editmessagetext", 400) in room.telegram.refusals())
        await room.asked("a1")
        assert room.bot.state().ok


async def test_budgets_failures_and_what_needs_no_message(tmp_path: Path) -> None:
    async with open_room(tmp_path, started=False) as room:
        await room.task("a1", "A shop")
        sent = await room.tell("budget.alert", "a1", {"share": 0.8, "spent_usd": 0.4, "cap_usd": 0.5})
        assert sent == {"chat_id": 7, "message_id": 1}
        assert room.telegram.sent()[0].text == "A shop 80% of its budget is spent\n$0.4000 of $0.50 spent\n#t_a1"
        assert await room.tell("published", "a1") == {}
        await room.stores.tasks.update("a1", status=TaskStatus.FAILED, error="no_model. (see `log`)\nline two")
        await room.tell("task.failed", "a1")
        assert "has failed\nno_model. (see `log`)\nline two\n" in room.telegram.sent()[1].text
