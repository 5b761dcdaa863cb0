"""One question in two places: answered in the chat, it closes in the dashboard."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.people import People
from tests.browser.service import FAULTY, Api
from tests.browser.test_streams import until
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import PRIVATE, TOKEN
from tests.wire.telegram.threaded import Threaded, telegram_in_thread


@pytest.fixture(scope="module")
def chat() -> Iterator[Threaded]:
    with telegram_in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def settings(chat: Threaded) -> dict[str, str]:
    return {
        "MODEL_BACKEND": FAULTY,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_CHAT_ID": str(PRIVATE),
        "TELEGRAM_API_BASE": chat.telegram.url,
        "TELEGRAM_PROGRESS_SECONDS": "1",
    }


def asking(chat: Threaded) -> list[Message]:
    return [message for message in chat.telegram.sent() if "Approve" in str(message.buttons)]


async def test_a_question_that_is_answered_in_the_chat_closes_in_the_dashboard(
    people: People, api: Api, chat: Threaded
) -> None:
    task_id, question = await api.asking()
    page = await people.open(f"/ui/tasks/{task_id}")
    inbox = await people.open("/ui/inbox")
    card = inbox.locator(f'[data-question="{question["interrupt_id"]}"]')
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await expect(card).to_be_visible()
    await until(lambda: bool(asking(chat)))
    chat.do(chat.telegram.tap(asking(chat)[0], "Approve"))
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    await expect(card).to_have_count(0)
    await inbox.get_by_text("Decided", exact=True).click()
    await expect(inbox.get_by_text("via Telegram").first).to_be_visible()
    assert (await api.settled(task_id, after=question))["status"] == "completed"
