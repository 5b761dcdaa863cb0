"""What every program inside shares: where things are, the clock that stops it, and the report it leaves."""

import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path.cwd()
BACKEND = ROOT / "backend"
OUT = ROOT / ".autonomy" / "out"
MAX_FINDINGS = 30
SECRET = "check-" + "0123456789abcdef" * 3


@dataclass
class Report:
    """One check as it goes. `status` stays `failed` until `finish` says otherwise, so a crash never reads as passed."""

    name: str
    status: str = "failed"
    detail: str = "ended before it was finished"
    findings: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    dropped: int = 0

    def add(
        self,
        message: str,
        file: str | None = None,
        line: int | None = None,
        *,
        category: str = "",
        severity: str = "high",
        evidence: str = "",
    ) -> None:
        """Note a finding; the same message for the same file is noted once, and only the first `MAX_FINDINGS`."""
        if any(one["message"] == message and one["file"] == file for one in self.findings):
            return
        if len(self.findings) >= MAX_FINDINGS:
            self.dropped += 1
            return
        self.findings.append(
            {
                "message": message[:2000], "file": file, "line": line, "category": category, "severity": severity,
                "evidence": evidence[:4000],
            }
        )  # fmt: skip

    def finish(self, detail: str = "") -> None:
        self.status = "failed" if self.findings else "passed"
        more = f"{self.dropped} more findings are not shown" if self.dropped else ""
        self.detail = "; ".join(part for part in (detail, more) if part)

    def skip(self, reason: str) -> None:
        self.status, self.detail = "not executed", reason


class Reports:
    """Every check of one run, written after each so that what is done survives a crash of the next."""

    def __init__(self, name: str) -> None:
        self._path = OUT / f"{name}.json"
        self._checks: list[Report] = []
        self.extra: dict[str, Any] = {}

    def run(self, name: str, check: Callable[[Report], None]) -> Report:
        """Run one check; an exception of ours or of the application becomes its finding."""
        report = Report(name)
        self._checks.append(report)
        started = time.monotonic()
        try:
            check(report)
        except OutOfTime:
            report.detail = f"stopped after {time.monotonic() - started:.0f} s"
            report.add(f"The check '{name}' did not end within its time", category="timeout")
        except Exception as error:
            file, line = blame_frame(error)
            report.add(f"{type(error).__name__}: {error}", file, line, evidence=short_traceback(error))
            report.detail = "stopped by an exception"
        report.seconds = round(time.monotonic() - started, 3)
        self.save()
        return report

    def skip(self, reason: str, *names: str) -> None:
        for name in names:
            report = Report(name)
            report.skip(reason)
            self._checks.append(report)
        self.save()

    def save(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        checks = [vars(report) for report in self._checks]
        self._path.write_text(json.dumps({"checks": checks, **self.extra}))


class OutOfTime(BaseException):
    """The program's own time is over."""


def stop_after(seconds: float) -> None:
    """Raise OutOfTime in the main thread after `seconds`, so that there is time left to write the report."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def enter_backend(database: str) -> None:
    """Make `app` importable with a database of its own under /tmp, as the README of an application would."""
    os.environ["DATABASE_URL"] = f"sqlite:////tmp/{database}.db"
    os.environ["SECRET_KEY"] = SECRET
    os.chdir(BACKEND)
    sys.path.insert(0, str(BACKEND))
    cheap_hashes()


def cheap_hashes() -> None:
    """Let argon2 hash with its smallest parameters: a suite that signs in hundreds of times is not about their cost."""
    try:
        hasher = library("argon2._password_hasher")
    except ImportError:
        return
    original = hasher.hash_secret

    def hash_secret(*values: Any, **named: Any) -> Any:
        return original(*values, **{**named, "time_cost": 1, "memory_cost": 8, "parallelism": 1})

    hasher.hash_secret = hash_secret


def read_json(path: str) -> Any:
    return json.loads((ROOT / path).read_text())


def relative(path: str) -> str | None:
    """The repository path of a file of the application, None for files of libraries and of ours."""
    if path.startswith("<"):  # of Python itself, which has no file
        return None
    try:
        found = Path(path).resolve().relative_to(ROOT.resolve()).as_posix()
    except ValueError:
        return None
    return None if found.startswith((".autonomy/", "node_modules/")) else found


def blame_frame(error: BaseException) -> tuple[str | None, int | None]:
    """File and line in the application nearest to where the exception was raised, its cause's when it has none itself."""
    if isinstance(error, SyntaxError) and error.filename and relative(error.filename):
        return relative(error.filename), error.lineno
    found: tuple[str | None, int | None] = (None, None)
    for frame in traceback.extract_tb(error.__traceback__):
        if path := relative(frame.filename):
            found = (path, frame.lineno)
    if found[0] is None and error.__cause__ is not None:
        return blame_frame(error.__cause__)
    return found


def short_traceback(error: BaseException) -> str:
    """The frames in the application's own files and the last one of all, then the exception."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if relative(frame.filename) or frame is frames[-1]]
    lines = [
        f"{relative(frame.filename) or frame.filename}:{frame.lineno} in {frame.name}: {frame.line}" for frame in own
    ]
    return "\n".join([*lines, "".join(traceback.format_exception_only(error)).strip()])[-3000:]


def run_pytest(*arguments: str) -> int:
    """pytest's exit code. Of the toolchain's plugins it loads the one that an application's tests may ask for.

    The others belong to our own tools; to load them, each of their files rewritten for its asserts, takes longer than a suite.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(
        library("pytest").main(["-p", "anyio.pytest_plugin", "-p", "no:cacheprovider", "--rootdir=.", *arguments])
    )


def library(name: str) -> Any:
    """A module of the toolchain. By name, because the host that type-checks this file need not have it."""
    return importlib.import_module(name)
