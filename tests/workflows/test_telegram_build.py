"""A whole build, from a sentence in the chat to the pull request there, answered by a tap."""

from pathlib import Path

from core.tasks import TaskRequest
from core.workspaces import Diff
from tasks.notifying import Channel, Dispatcher
from telegram_bot.bot import TelegramBot
from telegram_bot.desk import Desk
from telegram_bot.notifier import CHANNEL, WANTED, TelegramNotifier
from tests.unit.telegram_bot.room import GRACE_S, QUICK, SOON, make_client, until
from tests.wire.telegram.service import running_telegram
from tests.workflows.house import LIMIT_S, open_house
from wiring import SystemClock

SENTENCE = "Build a REST API for a reading list with books"


async def test_a_sentence_in_the_chat_becomes_a_pull_request_by_one_tap(tmp_path: Path) -> None:
    async with running_telegram() as telegram, open_house(tmp_path) as house:
        services = house.application.api

        async def read_diff(task_id: str) -> Diff:
            return await (await services.workspaces.open(task_id)).diff(None, None)

        client = make_client(telegram)
        desk = Desk(client, services.commands, lambda sentence: TaskRequest(task_description=sentence, budget_usd=1))
        bot = TelegramBot(desk, services.events, services.effects, patience=QUICK, progress_every_s=0.2)
        notifier = TelegramNotifier(client, services.commands, services.effects, read_diff)
        channel = Channel(CHANNEL, notifier, WANTED)
        dispatcher = Dispatcher(channel, services.events, services.effects, SystemClock(), patience=SOON)
        await services.effects.position(CHANNEL)
        dispatcher.start()
        bot.start()
        try:
            await telegram.say(f"/new {SENTENCE}")
            await until(lambda: telegram.sent("asks for approval"), LIMIT_S)
            (question,) = telegram.sent("asks for approval")
            (document,) = [each for each in telegram.sent() if each.document]
            (status,) = telegram.sent("waits for an answer") or telegram.sent("is at work")
            await until(lambda: status.edits > 3 and "backend_agent: done" in status.text)
            assert document.document is not None
            assert b"+++ b/backend/app" in document.document[1]
            for part in ("tests:", "review: security", "publishes: branch autonomy/", "cost: $", "agents:"):
                assert part in question.text
            await telegram.tap(question, "Approve")
            await until(lambda: telegram.sent("is completed"), LIMIT_S)
            assert "pull request: " in telegram.sent("is completed")[-1].text
            await until(lambda: "Approved by @ana via telegram" in question.text)
            assert question.buttons == []
            assert telegram.refusals() == []
            assert bot.state().ok
        finally:
            await dispatcher.stop(GRACE_S)
            await bot.stop(GRACE_S)
            await client.close()
