"""`autonomy mailbox`: what waits, one of it in full, and its answer."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from core.models import Message, ModelRequest, ModelResponse
from core.types import AgentName
from llm.mailbox import MailboxClient, list_pending


class Clock:
    def now(self) -> float:
        return time.time()


def run(*arguments: str, given: str = "") -> tuple[int, str]:
    """The command's exit code, and all that it printed."""
    result = CliRunner().invoke(app, ["mailbox", *arguments], input=given)
    return result.exit_code, result.output


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[tuple[Path, Future[ModelResponse]]]:
    """A mailbox with one request in it, and what will be its answer."""
    request = ModelRequest(
        task_id="t1", agent=AgentName.PLANNER, model=f"mailbox/{tmp_path}", prompt_name="planner/plan", prompt_hash="h",
        messages=(Message(role="user", content="What is the plan?"),),
    )  # fmt: skip
    with ThreadPoolExecutor(1) as threads:
        client = MailboxClient(Clock(), deadline_s=120, poll_s=0.02)
        answered = threads.submit(lambda: asyncio.run(client.complete(request)))
        until = time.monotonic() + 60
        while not list_pending(tmp_path) and time.monotonic() < until:
            time.sleep(0.02)
        yield tmp_path, answered


def test_a_request_is_listed_shown_and_answered_from_stdin(waiting: tuple[Path, Future[ModelResponse]]) -> None:
    folder, answered = waiting
    code, listed = run(str(folder))
    request_id = listed.split()[0]
    assert (code, "planner/plan, task t1" in listed) == (0, True)
    code, shown = run(str(folder), "show", request_id)
    assert (code, "What is the plan?" in shown) == (0, True)
    assert run(str(folder), "answer", request_id, given="The answer")[0] == 0
    assert answered.result(timeout=60).text == "The answer"
    assert "no request waits" in run(str(folder))[1]
    assert run(str(folder), "answer", request_id, given="Another")[0] == 1


def test_an_answer_can_come_from_a_file(waiting: tuple[Path, Future[ModelResponse]]) -> None:
    folder, answered = waiting
    request_id = run(str(folder))[1].split()[0]
    assert run(str(folder), "answer", request_id, str(folder / "absent"))[0] == 2
    (folder / "mine.txt").write_text("From a file")
    assert run(str(folder), "answer", request_id, str(folder / "mine.txt"))[0] == 0
    assert answered.result(timeout=60).text == "From a file"


@pytest.mark.parametrize(
    "words", [["absent"], [".", "show"], [".", "show", "unknown"], [".", "answer", "../x"], [".", "burn", "x"]]
)
def test_wrong_use_is_a_sentence(tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, output = run(*words, given="x")
    assert code in (1, 2)
    assert output.strip()
    assert "Traceback" not in output
