"""What every Notifier promises."""

import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.receiver import SECRET, Answer, Receiver, receiving
from core.errors import DeliveryFailed, InvalidInput
from core.notifications import Notification
from core.ports import Notifier
from notifiers.log import LogNotifier
from notifiers.webhook import WebhookNotifier, always
from tests.unit.telegram_bot.room import open_room
from wiring import SystemClock

HOSTILE = 'ship "it"\n\x1b[31m</b> \N{SNOWMAN} ' + "x" * 5000
NOTIFICATION = Notification(
    id="a1b2",
    type="interrupt.opened",
    task_id="t1",
    ts=1_800_000_000.5,
    text=HOSTILE,
    data={"seq": 7, "kind": "approval", "interrupt_id": "t1-q1"},
)


@asynccontextmanager
async def log_notifier(folder: Path) -> AsyncIterator[Notifier]:
    yield LogNotifier()


@asynccontextmanager
async def webhook_notifier(folder: Path) -> AsyncIterator[Notifier]:
    with receiving() as receiver:
        yield WebhookNotifier(always(receiver.url), SECRET, SystemClock(), timeout_s=60.0)
        assert receiver.refused == []


@asynccontextmanager
async def telegram_notifier(folder: Path) -> AsyncIterator[Notifier]:
    async with open_room(folder, started=False) as room:
        await room.open("t1", prompt=HOSTILE, payload={"title": HOSTILE, "summary": HOSTILE, "checks": [HOSTILE] * 30})
        yield room.notifier
        assert room.telegram.refusals() == []
        assert len(room.telegram.sent(" asks for approval")) == 2


@pytest.fixture(params=[log_notifier, webhook_notifier, telegram_notifier])
async def notifier(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Notifier]:
    async with request.param(tmp_path) as made:
        yield made
        await made.close()


async def test_a_notification_is_taken_and_may_be_repeated(notifier: Notifier) -> None:
    for _ in range(2):
        known_by = await notifier.send(NOTIFICATION)
        assert json.loads(json.dumps(known_by)) == known_by


async def test_the_log_has_one_short_line_of_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await LogNotifier().send(NOTIFICATION)
    (record,) = caplog.records
    assert record.getMessage().startswith('task t1: interrupt.opened: ship "it" ')
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 400


async def sent(receiver: Receiver, url: str | None = None, timeout_s: float = 60.0) -> None:
    webhook = WebhookNotifier(always(url or receiver.url), SECRET, SystemClock(), timeout_s=timeout_s)
    try:
        await webhook.send(NOTIFICATION)
    finally:
        await webhook.close()


async def test_a_receiver_gets_it_signed_whole_and_with_its_id() -> None:
    with receiving() as receiver:
        await sent(receiver)
    (message,) = receiver.messages
    assert receiver.refused == []
    assert (message.id, message.type) == ("a1b2", "interrupt.opened")
    assert message.data == {"task_id": "t1", "text": HOSTILE, "seq": 7, "kind": "approval", "interrupt_id": "t1-q1"}


@pytest.mark.parametrize(
    ("answer", "fields"),
    [
        (Answer(500), {"final": False}),
        (Answer(302, (("location", "http://127.0.0.1:9/"),)), {"final": False}),
        (Answer(404), {"final": False}),
        (Answer(410), {"final": True}),
        (Answer(429, (("retry-after", "17"),)), {"final": False, "retry_after_s": 17.0}),
        (Answer(503, (("retry-after", "999999999"),)), {"final": False, "retry_after_s": 3600.0}),
        (Answer(503, (("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),)), {"final": False, "retry_after_s": 0.0}),
        (Answer(503, (("retry-after", "soon"),)), {"final": False}),
    ],
)
async def test_any_answer_but_success_is_a_failure(answer: Answer, fields: dict[str, object]) -> None:
    with receiving(answer) as receiver, pytest.raises(DeliveryFailed, match=f"answered {answer.status}") as failed:
        await sent(receiver)
    assert failed.value.fields == fields
    assert len(receiver.messages) == 1


async def test_a_receiver_that_says_nothing_or_is_not_there_is_a_failure() -> None:
    with receiving(Answer(delay_s=600)) as receiver:
        with pytest.raises(DeliveryFailed, match="could not be reached"):
            await sent(receiver, timeout_s=0.5)
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            with pytest.raises(DeliveryFailed, match="could not be reached"):
                await sent(receiver, f"http://127.0.0.1:{nobody.getsockname()[1]}/")


def test_a_message_whose_sender_was_killed_in_the_middle_was_not_received() -> None:
    with receiving() as receiver:
        address = receiver.url.removeprefix("http://").partition("/")[0].split(":")
        with socket.create_connection((address[0], int(address[1]))) as sender:
            sender.sendall(b'POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"type": "task.comp')
            sender.shutdown(socket.SHUT_WR)
            assert sender.recv(100) == b""
        assert (receiver.messages, receiver.refused) == ([], [])


@pytest.mark.parametrize(
    "secret", ["", "geheim", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", SECRET.removeprefix("whsec_")]
)
def test_a_secret_that_is_none_is_refused_without_being_repeated(secret: str) -> None:
    with pytest.raises(InvalidInput, match="WEBHOOK_SECRET must be whsec_") as refused:
        WebhookNotifier(always("http://127.0.0.1/"), secret, SystemClock())
    assert len(secret) < 8 or secret not in str(refused.value)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="WEBHOOK_URL"):
        always("ftp://127.0.0.1/")
