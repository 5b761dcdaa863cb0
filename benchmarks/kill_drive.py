"""Takes one task through a server that may be killed on the way, as a client would: over HTTP, with the events as they come."""

import json
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.receiver import SECRET, Receiver
from config import PROJECT

SENTENCE = "Backend only: a blog with posts and comments; comments belong to a post"
Point = tuple[str, int]
"""A point's name, and how often it is passed before it is meant. They are not counted all together: what runs side by side
passes its points in another order each time."""
READY = re.compile(r"Autonomy is ready on (http://\S+)")
START_S = 180.0
LIMIT_S = 300.0
KILLED = -9
FINAL = ("completed", "failed", "cancelled")


class Driver:
    """One task under one Idempotency-Key. A server that dies by SIGKILL is started again, and the call made once more."""

    def __init__(self, data: Path, receiver: Receiver, kill_at: Point | None) -> None:
        self._data = data
        self._receiver = receiver
        self._process, self.url = self._start(kill_at)
        self.killed = False
        self._until = time.monotonic() + LIMIT_S

    def _start(self, kill_at: Point | None) -> tuple[subprocess.Popen[str], str]:
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        given = {
            "DATA_DIR": str(self._data / "data"),
            "LOCAL_OUTPUT_DIR": str(self._data / "output"),
            "AUTONOMY_OFFLINE": "true",
            "LIVE_DEMO": "false",
            "MODEL_BACKEND": "offline/scaffold?fault=sql_by_string",
            "WEBHOOK_URL": self._receiver.url,
            "WEBHOOK_SECRET": SECRET,
            "LOG_LEVEL": "ERROR",
        }
        point = [str(kill_at[1]), kill_at[0]] if kill_at else []
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.kill_server", str(self._data), *point],
            cwd=PROJECT, env={**keep, **given}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_S)
        found = READY.match(process.stdout.readline() if ready else "")
        if found is None:
            process.kill()
            process.wait()
            raise RuntimeError(f"the server did not start (exit code {process.returncode})")
        return process, found[1]

    def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of an answer with success. Raises RuntimeError for any other, and when it takes too long."""
        while time.monotonic() < self._until:
            try:
                answer = httpx.request(method, f"{self.url}{path}", timeout=120, trust_env=False, **options)
            except httpx.TransportError:
                self._start_again()
                continue
            if answer.is_error:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            return answer.json()
        raise RuntimeError(f"{method} {path}: the task took too long")

    def _start_again(self) -> None:
        try:
            code = self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            raise RuntimeError("the server does not answer, and lives") from None
        if code != KILLED or self.killed:
            raise RuntimeError(f"the server ended with {code}")
        self.killed = True
        self._close_output()
        self._process, self.url = self._start(None)

    def until_killed(self, seconds: float) -> None:
        """Where the server has not died yet, let it die within that time, and start it again."""
        if self.killed:
            return
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return
        self._start_again()

    def finish(self) -> dict[str, Any]:
        """Submit (or find) the task, approve what asks for approval, and wait for the end; the task."""
        body, key = {"task_description": SENTENCE, "use_sandbox": False}, {"Idempotency-Key": "the one"}
        task = self.call("POST", "/tasks", json=body, headers=key)
        with reading(self, str(task["task_id"])) as events:
            while task["status"] not in FINAL:
                task = self.call("GET", f"/tasks/{task['task_id']}", params={"wait": 20, "include": ""})
                if task["needs_human_input"]:
                    self._approve(task)
            events.until_final(self._until)
            task["events"] = events.seen
        return dict(task)

    def _approve(self, task: dict[str, Any]) -> None:
        question = task["interrupt_id"]
        key = {"Idempotency-Key": f"answer to {question}"}
        self.call(
            "POST", f"/tasks/{task['task_id']}/interrupts/{question}/decision", json={"action": "approve"}, headers=key
        )

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=60)
        self._close_output()

    def _close_output(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()


class Events:
    """What one client is shown over one stream, which it resumes by Last-Event-ID wherever it breaks off."""

    def __init__(self, driver: Driver, task_id: str) -> None:
        self.seen: list[dict[str, Any]] = []
        self._driver = driver
        self._task_id = task_id
        self._last = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def until_final(self, deadline: float) -> None:
        """Wait until the stream has shown the task's end. Raises RuntimeError."""
        while not any(_is_end(event) for event in self.seen):
            if time.monotonic() > deadline:
                raise RuntimeError("the stream never showed the end of the task")
            time.sleep(0.02)

    def close(self) -> None:
        self._over.set()
        self._thread.join(timeout=30)

    def _read(self) -> None:
        while not self._over.is_set():
            headers = {"Last-Event-ID": self._last} if self._last else {}
            url = f"{self._driver.url}/tasks/{self._task_id}/events"
            try:
                with httpx.stream("GET", url, headers=headers, timeout=20, trust_env=False) as response:
                    self._take(response)
            except httpx.HTTPError:
                time.sleep(0.05)

    def _take(self, response: httpx.Response) -> None:
        given = ""
        for line in response.iter_lines():
            if self._over.is_set():
                return
            if line.startswith("id: "):
                given = line.removeprefix("id: ")
            elif line == "event: reset":
                self.seen.append({"seq": -1, "event": {"type": "reset"}})
            elif line.startswith("data: ") and given:
                self.seen.append(json.loads(line.removeprefix("data: ")))
                self._last, given = given, ""
            if self.seen and _is_end(self.seen[-1]):
                return


def _is_end(stored: dict[str, Any]) -> bool:
    return stored["event"]["type"] == "task.upsert" and stored["event"]["status"] in FINAL


@contextmanager
def reading(driver: Driver, task_id: str) -> Iterator[Events]:
    events = Events(driver, task_id)
    try:
        yield events
    finally:
        events.close()
