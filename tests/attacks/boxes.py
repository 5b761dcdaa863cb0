"""The attacker's view for the tests: run a program in a box that belongs to root or to an ordinary user."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.sandboxes import Limits, RunReason, RunResult
from sandbox.bwrap import PRIVATE_UID

ORDINARY_UID = 64124
TOOLCHAINS = Path("/var/lib/autonomy/toolchains")
PROJECT = Path(__file__).parents[2]
BWRAP = Path("/usr/bin/bwrap")
MARK = str(os.getpid())
"""Part of command lines by which this test process tells its own boxes from those of others on the machine."""


class Refusal(Exception):
    """The provider raised an expected error; `args` are its type's name and its message."""


class Owner:
    """Whoever owns the boxes: a driver process under `uid`. `outer_uid` is who the processes in them are on the host."""

    def __init__(self, uid: int, state_dir: Path, *, toolchains: Path = TOOLCHAINS, bwrap: Path = BWRAP) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        os.chown(state_dir, uid, uid)
        arguments = [str(state_dir), str(toolchains), str(bwrap), str(uid)]
        self.uid = uid
        self.outer_uid = PRIVATE_UID if uid == 0 else uid
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.driver", *arguments],
            cwd=PROJECT,
            env={**os.environ, "HOSTSECRET": "canary-in-environment"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ok, self.reason, *self.enforced = self._hear()["probe"]

    def run(
        self,
        argv: Sequence[str],
        *,
        files: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        toolchain: str = "none",
    ) -> RunResult:
        """One run. Raises Refusal."""
        request = self._request(argv, files, outputs, env, limits, toolchain)
        return _result(self._ask(request)[0])

    def run_copies(self, copies: int, argv: Sequence[str], *, limits: Limits | None = None) -> list[RunResult]:
        """The same run several times at once."""
        request = self._request(argv, None, (), None, limits, "none") | {"copies": copies}
        return [_result(answer) for answer in self._ask(request)]

    def python(
        self, code: str, *arguments: str, limits: Limits | None = None, outputs: Sequence[str] = ()
    ) -> RunResult:
        """Run `code` by the system's Python."""
        argv = ["/usr/bin/python3", "-I", f"attack-{MARK}.py", *arguments]
        return self.run(argv, files={f"attack-{MARK}.py": code}, limits=limits, outputs=outputs)

    def serve(self, argv: Sequence[str], files: Mapping[str, str], *, port: int = 8000, ttl_s: float = 60.0) -> str:
        """Start a demo; its address."""
        request = {"op": "serve", "argv": argv, "files": files, "port": port, "ttl_s": ttl_s, "toolchain": "none"}
        url: str = self._ask(request)["url"]
        return url

    def close_demo(self) -> None:
        self._ask({"op": "close"})

    def send(self, argv: Sequence[str], files: Mapping[str, str]) -> None:
        """Ask for a run without waiting for its answer."""
        self._tell(self._request(argv, files, (), None, None, "none"))

    def answer(self) -> RunResult:
        """The answer to the oldest `send` that has none yet."""
        return _result(self._hear()[0])

    def end(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def _request(
        self,
        argv: Sequence[str],
        files: Mapping[str, str] | None,
        outputs: Sequence[str],
        env: Mapping[str, str] | None,
        limits: Limits | None,
        toolchain: str,
    ) -> dict[str, Any]:
        fields = {"argv": argv, "files": files or {}, "outputs": outputs, "env": env or {}, "toolchain": toolchain}
        return {"op": "run", "copies": 1, "limits": asdict(limits or Limits()), **fields}

    def _ask(self, request: dict[str, Any]) -> Any:
        self._tell(request)
        return self._hear()

    def _tell(self, request: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def _hear(self) -> Any:
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refusal(answer["error"], answer["message"])
        return answer


def _result(answer: dict[str, Any]) -> RunResult:
    files = {path: base64.b64decode(content) for path, content in answer.pop("files").items()}
    return RunResult(**{**answer, "reason": RunReason(answer["reason"]), "files": files})


def processes_of(uid: int) -> dict[int, str]:
    """Living processes of `uid` on the host with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == uid and (command := (entry / "cmdline").read_bytes()):
                found[int(entry.name)] = command.replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
    return found


def wait_for_process(uid: int, program: str, part: str, timeout_s: float = 30.0) -> list[int]:
    """Processes of `uid` on the host that run `program` with `part` in the command line, as soon as there are any."""
    deadline = time.monotonic() + timeout_s
    while True:
        running = processes_of(uid).items()
        found = [pid for pid, command in running if command.startswith(f"{program} ") and part in command]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def wait_until_none(uid: int, part: str, timeout_s: float = 30.0) -> list[str]:
    """What is left of the processes of `uid` that contain `part`; empty as soon as there are none."""
    deadline = time.monotonic() + timeout_s
    while left := [command for command in processes_of(uid).values() if part in command]:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return []
