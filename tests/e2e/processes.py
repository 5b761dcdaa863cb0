"""Starts the product as its users do, as processes of their own."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from config import PROJECT
from core.tls import trusted

COMMAND = [sys.executable, "-c", "from cli.start import main; main()"]
SERVE = [*COMMAND, "serve", "--port", "0"]
READY = re.compile(r"Autonomy is ready on (http://\S+)")
START_S = 180.0


def environment(data: Path, **changes: str) -> dict[str, str]:
    """The surroundings of a process that uses `data` and the offline model, whatever is set around the tests.

    Without live demos, which would run on beside the tests: those about them switch them on.
    """
    keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {
        **keep,
        "DATA_DIR": str(data),
        "AUTONOMY_OFFLINE": "true",
        "LIVE_DEMO": "false",
        "PYTHONPATH": str(PROJECT),
        **changes,
    }


def run_command(
    data: Path, *arguments: str, timeout_s: float = 240, command: Sequence[str] = COMMAND, **changes: str
) -> subprocess.CompletedProcess[str]:
    """`autonomy ARGUMENTS` without a terminal; `command` is another way to start it."""
    return subprocess.run(
        [*command, *arguments],
        cwd=PROJECT,
        env=environment(data, **changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    url: str
    http: httpx.Client

    def kill(self) -> None:
        """As the kernel does it: nothing of the process gets to do anything more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def wait_for(self, task_id: str, *, seconds: float = 240) -> Mapping[str, object]:
        """The task once it has ended or asks."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            task = self.http.get(f"/tasks/{task_id}", params={"wait": 30, "include": "summary"}).json()
            if task["needs_human_input"] or task["status"] in ("completed", "failed", "cancelled"):
                return dict(task)
        raise TimeoutError(f"task {task_id} is still {task['status']}")


@contextmanager
def running_server(
    data: Path, command: Sequence[str] = SERVE, *, stderr: IO[str] | None = None, **changes: str
) -> Iterator[Server]:
    """`autonomy serve` on a free port, until the block ends; `command` is another way to start it.

    Its log goes to `stderr`, or to the tests' own.
    """
    with started_server(command, PROJECT, environment(data, **changes), stderr=stderr) as server:
        yield server


@contextmanager
def started_server(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], *, stderr: IO[str] | None = None
) -> Iterator[Server]:
    """A server in exactly these surroundings, until the block ends."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    try:
        url = _address(process)
        with httpx.Client(base_url=url, timeout=60, trust_env=False, verify=trusted()) as http:
            yield Server(process, url, http)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            if process.stdout:
                process.stdout.close()


def wait_until_listening(path: Path) -> None:
    """Until somebody takes connections at a socket file, which is there a moment before."""
    until = time.monotonic() + START_S
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        assert time.monotonic() < until, f"nobody listens at {path}"
        time.sleep(0.1)


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port that the system gives to nobody until the block ends. A server that is given it by number can listen on it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_S)
    line = process.stdout.readline() if ready else ""
    found = READY.match(line)
    assert found, f"the server did not start: {line!r}, exit code {process.poll()}"
    return found[1]
