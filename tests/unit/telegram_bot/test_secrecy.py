"""The token is in every address, and in no log and no error."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import DeliveryFailed, InvalidInput
from telegram_bot.client import Account, TelegramClient
from telegram_bot.text import compose, plain
from tests.unit.telegram_bot.room import open_room, until
from tests.wire.telegram.service import PRIVATE, TOKEN, Fault, running_telegram, status

SECRET = TOKEN.partition(":")[2]


@pytest.fixture
def everything() -> Iterator[io.StringIO]:
    """All that any logger says at any level, with tracebacks, as it would be written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    before = {logger: (logger.level, logger.disabled, logger.propagate) for logger in (root, *named)}
    root.addHandler(handler)
    for logger in before:  # others may have quietened some
        logger.setLevel(logging.DEBUG)
        logger.disabled, logger.propagate = False, True
    yield written
    root.removeHandler(handler)
    for logger, (level, disabled, propagate) in before.items():
        logger.setLevel(level)
        logger.disabled, logger.propagate = disabled, propagate


async def test_no_log_at_any_level_has_the_token(tmp_path: Path, everything: io.StringIO) -> None:
    async with open_room(tmp_path) as room:
        message = await room.asked("a1")
        for method in ("getUpdates", "sendMessage", "answerCallbackQuery"):
            room.telegram.fail(
                method, status(502, "x"), Fault("garbage"), Fault("cut_before"), status(401, "Unauthorized")
            )
        await room.telegram.tap(message, "Approve")
        await until(lambda: room.decided())
        await until(lambda: room.bot.state().ok)
    said = everything.getvalue()
    assert "getUpdates" in said
    assert "httpcore" in said or "send_request_headers" in said
    assert SECRET not in said


async def test_no_error_has_the_token_or_a_cause_that_could_have_it() -> None:
    client = TelegramClient(Account(TOKEN, PRIVATE, f"http://127.0.0.1:9/{TOKEN}", timeout_s=1))
    async with running_telegram():
        with pytest.raises(DeliveryFailed) as failed:
            await client.send(compose([], plain("x")))
    await client.close()
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
    assert SECRET not in repr(Account(TOKEN, PRIVATE))


async def test_what_is_said_by_others_is_left_alone_once_the_client_is_closed() -> None:
    before = list(logging.getLogger("httpx").filters)
    client = TelegramClient(Account(TOKEN, PRIVATE))
    filters = logging.getLogger("httpx").filters
    assert len(filters) == len(before) + 1
    await client.close()
    assert filters == before


@pytest.mark.parametrize(
    ("account", "field"),
    [
        (Account(" ", 1), "TELEGRAM_BOT_TOKEN"),
        (Account(TOKEN, 1, "ftp://x"), "TELEGRAM_API_BASE"),
        (Account(TOKEN, 1, proxy="gopher://user:pass@x:1"), "TELEGRAM_PROXY"),
        (Account(TOKEN, 1, proxy="127.0.0.1:1080"), "TELEGRAM_PROXY"),
    ],
)
def test_settings_that_cannot_be_are_refused_without_being_repeated(account: Account, field: str) -> None:
    before = list(logging.getLogger("httpx").filters)
    with pytest.raises(InvalidInput, match=field) as refused:
        TelegramClient(account)
    assert "pass" not in str(refused.value)
    assert logging.getLogger("httpx").filters == before
