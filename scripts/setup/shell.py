"""How set-up talks and starts programs: progress and their output on stderr, nothing on stdout, nothing read from stdin."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STEP_TIMEOUT_S = 1800.0
_ANSWER_TIMEOUT_S = 60.0


class SetupError(Exception):
    """A part cannot be installed; the message is one sentence that says what to do."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a part of the set-up, and say how long it took when it is done."""
    say(f"==> {title}")
    started = time.monotonic()
    yield
    say(f"    done in {time.monotonic() - started:.1f} s")


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a program of a package manager to the end. Raises SetupError naming the command and how it failed."""
    try:
        subprocess.run(
            command,
            check=True,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            timeout=STEP_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        shown = " ".join(str(part) for part in command)
        reason = f"exit code {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else str(error)
        advice = "what it printed above says why, often that the package index cannot be reached"
        raise SetupError(f"`{shown}` failed ({reason}): {advice}") from error


def answer(command: Sequence[str | Path]) -> str:
    """What the command prints, or an empty string when it cannot be started or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_ANSWER_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def version_in(text: str) -> tuple[int, ...]:
    """(0, 8, 0) of "bubblewrap 0.8.0"; empty when there is no number."""
    found = re.search(r"\d+(\.\d+)+", text)
    return tuple(int(number) for number in found.group().split(".")) if found else ()
