"""The chat as it is switched on by settings: a real service process beside the counterpart of Telegram."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.processes import Server, running_server
from tests.wire.telegram.chats import Message
from tests.wire.telegram.service import PRIVATE, TOKEN
from tests.wire.telegram.threaded import Threaded, telegram_in_thread

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def until(reached: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def asking(chat: Threaded) -> list[Message]:
    return [message for message in chat.telegram.sent() if "Abort" in str(message.buttons)]


def is_written_down(data: Path) -> bool:
    """Whether the service knows that its question arrived: a kill before that repeats the message, as is documented."""
    with closing(sqlite3.connect(f"file:{data / 'autonomy.db'}?mode=ro", uri=True)) as connection:
        wanted = "SELECT 1 FROM effects WHERE kind = 'telegram:interrupt.opened' AND result IS NOT NULL"
        return connection.execute(wanted).fetchone() is not None


def state_of(server: Server) -> str:
    return str(server.http.get("/health").json()["telegram"])


def test_a_task_is_told_of_and_ended_from_the_chat_also_after_a_kill(tmp_path: Path) -> None:
    with telegram_in_thread() as chat:
        changes = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_CHAT_ID": str(PRIVATE),
            "TELEGRAM_API_BASE": chat.telegram.url,
            "TELEGRAM_PROGRESS_SECONDS": "1",
            "ANTHROPIC_API_KEY": "none",  # nobody answers there, so that the task has a question at once
            "ANTHROPIC_API_BASE": "http://127.0.0.1:9",
            "LLM_MAX_RETRIES": "0",
            "AUTONOMY_OFFLINE": "false",
            "MODEL_ORCHESTRATOR": "offline/scaffold",
        }
        data = tmp_path / "data"
        with running_server(data, **changes) as server:
            until(lambda: state_of(server) == "ok")
            chat.do(chat.telegram.say("/new A REST API for notes with a title"))
            until(lambda: is_written_down(data))
            server.kill()
        with running_server(data, **changes) as server:
            (question,) = asking(chat)
            chat.do(chat.telegram.tap(question, "Abort"))
            until(lambda: bool(chat.telegram.sent("is cancelled")))
            (task,) = server.http.get("/tasks").json()["items"]
            assert (task["status"], task["caller"]) == ("cancelled", "@ana")
            until(lambda: question.buttons == [])
            assert TOKEN not in server.http.get("/health").text


def test_a_bot_that_cannot_work_never_stops_the_service(tmp_path: Path) -> None:
    with telegram_in_thread() as chat:
        changes = {
            "TELEGRAM_BOT_TOKEN": "42:WRONG",
            "TELEGRAM_CHAT_ID": str(PRIVATE),
            "TELEGRAM_API_BASE": chat.telegram.url,
        }
        with running_server(tmp_path / "data", **changes) as server:
            until(lambda: "TELEGRAM_BOT_TOKEN" in state_of(server))
            assert server.http.get("/tasks").status_code == 200


def test_a_token_without_a_chat_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="did not start"), running_server(tmp_path, TELEGRAM_BOT_TOKEN="42:X"):
        pass
