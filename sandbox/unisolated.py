"""Runs one command as an ordinary process with limits, and takes its files. Blocking. There is no isolation here."""

import contextlib
import glob
import os
import select
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.errors import PathRefused, SandboxError
from core.paths import checked_path
from core.sandboxes import Limits, RunReason, RunResult
from sandbox.archive import Unpacked
from sandbox.supervise import CPU_TIME_USED_UP, KILLED, Stopped
from sandbox.transcript import Transcript
from sandbox.watchdog import INTERVAL_S, Watchdog

_CHUNK = 65536
_END_S = 10.0
_BLOCK = 512
_LIMITED = """\
set -e
ulimit -c 0
ulimit -S -t "$1"; ulimit -H -t "$2"; ulimit -f "$3"; ulimit -n "$4"; ulimit -d "$5"
shift 5
exec "$@"
"""


def execute(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], limits: Limits, stop: threading.Event
) -> RunResult:
    """Run in `folder` with only `env` as environment. Raises SandboxError; ends the process group whatever happens."""
    output, inside = os.pipe()
    try:
        process = subprocess.Popen(  # noqa: S603  the caller has been told, and has agreed, that nothing is isolated
            limited(argv, limits),
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
    except OSError as error:
        os.close(output)
        raise SandboxError(f"the command could not be started: {error}") from error
    finally:
        os.close(inside)
    watchdog = Watchdog(process.pid, limits, None)
    transcript = Transcript(limits.output)
    os.set_blocking(output, False)
    try:
        broken = _follow(process, output, watchdog, transcript, stop)
    finally:
        _end(process)
        _drain(output, transcript)
        os.close(output)
    code = KILLED if broken else _shell_code(process.returncode)
    return RunResult(
        exit_code=code,
        output=transcript.text(),
        reason=broken or _reason(code),
        seconds=watchdog.seconds,
        truncated=transcript.truncated,
        peak_bytes=watchdog.peak,
    )


def limited(argv: Sequence[str], limits: Limits) -> list[str]:
    """`argv` behind a shell that sets the limits which any POSIX system has."""
    values = (limits.cpu_s, limits.cpu_s + 1, limits.file_size // _BLOCK, limits.open_files, limits.memory >> 10)
    return ["/bin/sh", "-c", _LIMITED, "sh", *map(str, values), *argv]


def collect(folder: Path, patterns: Sequence[str], limits: Limits) -> Unpacked:
    """The regular files that `patterns` name below `folder`, within the limits."""
    found = Unpacked()
    total = 0
    for path in _named(folder, patterns):
        content = _content(folder / path, limits)
        try:
            name = checked_path(path)
        except PathRefused as error:
            found.refused[path] = str(error)
            continue
        if isinstance(content, str):
            found.refused[path] = content
        elif total + len(content) > limits.artifact_total or len(found.files) >= limits.artifact_files:
            found.refused[path] = "all outputs together are too many or too large"
        else:
            found.files[name] = content
            total += len(content)
    return found


def _follow(
    process: subprocess.Popen[bytes], output: int, watchdog: Watchdog, transcript: Transcript, stop: threading.Event
) -> RunReason | None:
    open_ended = [output]
    while process.poll() is None:
        if stop.wait(0 if open_ended else INTERVAL_S):
            raise Stopped("the run was stopped before it ended")
        if select.select(open_ended, [], [], INTERVAL_S if open_ended else 0)[0] and not _read(output, transcript):
            open_ended = []
        if watchdog.seconds > watchdog.limits.wall_s:
            return RunReason.TIMEOUT
        if broken := watchdog.look():
            return broken
    return None


def _read(output: int, transcript: Transcript) -> bool:
    try:
        data = os.read(output, _CHUNK)
    except BlockingIOError:
        return True
    transcript.add(data)
    return bool(data)


def _drain(output: int, transcript: Transcript) -> None:
    """What the pipe holds; something that left the group may keep it open, so its end is not waited for."""
    while select.select([output], [], [], 0)[0] and _read(output, transcript):
        pass


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired as error:
        raise SandboxError("a command could not be ended; it may still run") from error


def _shell_code(code: int) -> int:
    return 128 - code if code < 0 else code


def _reason(code: int) -> RunReason:
    if code == CPU_TIME_USED_UP:
        return RunReason.CPU
    return RunReason.OK if code == 0 else RunReason.EXIT


def _named(folder: Path, patterns: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for pattern in patterns:
        for match in sorted(glob.glob(pattern, root_dir=folder)):
            inside = folder / match
            below = sorted(str(path.relative_to(folder)) for path in inside.rglob("*") if not path.is_dir())
            for path in below if inside.is_dir() and not inside.is_symlink() else [os.path.normpath(match)]:
                if path not in seen:
                    seen.add(path)
                    yield path


def _content(path: Path, limits: Limits) -> bytes | str:
    """The content, or why it is not taken."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return f"not a readable regular file ({error.strerror})"
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return "not a regular file"
        if status.st_size > limits.artifact_file:
            return f"larger than {limits.artifact_file} bytes"
        return file.read(limits.artifact_file)
