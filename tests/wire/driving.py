"""Starts the counterpart and our client as processes, and speaks with both."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.processes import environment

ROOT = Path(__file__).parents[2]
KEY = "sk-wire-0123456789abcdefghij"


@dataclass(frozen=True)
class Counterpart:
    """A running one. `log` has a dictionary per request: path, headers, body, status, disconnected, ..."""

    url: str
    http: httpx.Client

    def script(self, model: str, *steps: dict[str, Any]) -> None:
        """What the next requests for `model` (as the provider names it) are answered with."""
        self.http.post("/_script", json={"model": model, "steps": steps})

    def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/_log").json()
        return found

    def finished(self, seconds: float = 60) -> dict[str, Any]:
        """The last request, once nothing more happens to it."""
        until = time.monotonic() + seconds
        while not (entry := self.log()[-1])["finished"]:
            assert time.monotonic() < until, entry
            time.sleep(0.01)
        return entry

    def reset(self) -> None:
        self.http.post("/_reset")


@contextmanager
def running_counterpart(*keys: str, brain: str = "echo") -> Iterator[Counterpart]:
    """A counterpart that takes these keys, on a free port, until the block ends."""
    named = [argument for key in keys or (KEY,) for argument in ("--key", key)]
    command = [sys.executable, "-m", "tests.wire.provider", "--brain", brain, *named]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
                yield Counterpart(url, http)
        finally:
            process.kill()


@dataclass(frozen=True)
class Outcome:
    """What came of a call: `response` or `error`."""

    response: dict[str, Any]
    error: str
    text: str
    fields: dict[str, Any]
    deltas: list[str]
    seconds: float
    cancelling_s: float

    @property
    def usage(self) -> dict[str, int]:
        found: dict[str, int] = self.response["usage"]
        return found


class Client:
    """Our client's process, pointed at a counterpart."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self._url = url

    def ask(self, model: str, *texts: str, **call: Any) -> Outcome:
        """Ask with the system message and the turns of `texts`, or with a short question."""
        system, *turns = texts or ("You plan.", "Plan a todo list.")
        roles = ("user", "assistant")
        messages = [("system", system), *((roles[number % 2], text) for number, text in enumerate(turns))]
        keys = dict.fromkeys(("openai", "anthropic", "groq", "deepseek", "gemini", "openrouter"), KEY)
        bases = {"openai": f"{self._url}/v1", "anthropic": self._url}
        call = {"model": model, "messages": messages, "keys": keys, "bases": bases, **call}
        told = self.send(call)
        return Outcome(
            response=told.get("response", {}),
            error=told.get("error", ""),
            text=told.get("text", ""),
            fields=told.get("fields", {}),
            deltas=told["deltas"],
            seconds=told["seconds"],
            cancelling_s=told["cancelling_s"],
        )

    def about(self) -> dict[str, Any]:
        return self.send("about")

    def send(self, line: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "crash" not in told, told["crash"]
        return told


@contextmanager
def running_client(url: str, folder: Path) -> Iterator[Client]:
    """A client process for the counterpart at `url`, until the block ends."""
    command = [sys.executable, "-m", "tests.wire.client"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Client(process, url)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=60)
