"""Runs one job in a box from start to end: reads what it says, watches its limits, takes its files. Blocking."""

import os
import selectors
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import SandboxError
from core.sandboxes import Limits, RunReason, RunResult
from sandbox import archive
from sandbox.box import Box, Job, opened
from sandbox.cgroups import Cgroups
from sandbox.command import Launcher
from sandbox.transcript import Transcript
from sandbox.watchdog import INTERVAL_S, Watchdog

_CHUNK = 65536
_LAST_WORDS_S = 5.0
_EXIT_LINE_ROOM = 16
KILLED = 128 + 9
CPU_TIME_USED_UP = 128 + 24


class Stop:
    """Tells a run in another thread to end. `set` and `close` are for one thread; set any number of times before."""

    def __init__(self) -> None:
        self._event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def set(self) -> None:
        os.eventfd_write(self._event, 1)

    def fileno(self) -> int:
        return self._event

    def close(self) -> None:
        os.close(self._event)


class Stopped(SandboxError):
    """The run was ended from outside before it had a result."""


def run(
    launcher: Launcher, job: Job, cgroups: Cgroups | None, stop: Stop, on_start: Callable[[Box], None] | None = None
) -> RunResult:
    """Run `job` to its end, whichever comes first. Raises SandboxError when no result of it may be believed.

    `on_start` is called, in this thread, when the command runs.
    """
    with opened(launcher, job, cgroups) as box:
        if on_start:
            on_start(box)
        return _Run(box, job.limits, stop).result()


class _Run:
    def __init__(self, box: Box, limits: Limits, stop: Stop) -> None:
        self._box = box
        self._limits = limits
        self._stop = stop
        self._watchdog = Watchdog(box.init_pid, limits, box.files_at_start)
        self._transcript = Transcript(limits.output)
        self._said = bytearray()
        self._late = False

    def result(self) -> RunResult:
        with self._clock():
            broken = self._follow()
        if self._late:
            broken = RunReason.TIMEOUT
        seconds = self._watchdog.seconds
        if broken:
            self._box.kill()
        self._drain()
        code, packed = (KILLED, b"") if broken else self._last_words()
        unpacked = archive.unpack(packed, self._limits)
        return RunResult(
            exit_code=code,
            output=self._transcript.text(),
            reason=broken or self._reason(code),
            seconds=seconds,
            truncated=self._transcript.truncated,
            peak_bytes=self._watchdog.peak,
            files=unpacked.files,
            refused=unpacked.refused,
        )

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """Kills the box when its time is over, during a look at it, too: what runs in it can make looking slow."""

        def ring() -> None:
            self._late = True
            self._box.kill()

        clock = threading.Timer(self._limits.wall_s, ring)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            clock.join()

    def _follow(self) -> RunReason | None:
        """Until the control channel ends (the command is done, its files are here) or a limit is broken: which."""
        self._box.control.setblocking(False)
        os.set_blocking(self._box.output, False)
        with selectors.DefaultSelector() as selector:
            for source in (self._box.control, self._box.output, self._box.pidfd, self._stop):
                selector.register(source, selectors.EVENT_READ)
            next_look = 0.0
            while True:
                ready = {key.fileobj for key, _ in selector.select(INTERVAL_S)}
                if self._stop in ready:
                    raise Stopped("the run was stopped before it ended")
                if self._box.output in ready and not self._read_output():
                    selector.unregister(self._box.output)
                if self._box.control in ready and not self._hear():
                    return None
                if self._box.pidfd in ready:
                    self._hear()
                    return None
                if self._watchdog.seconds >= next_look:
                    next_look = self._watchdog.seconds + INTERVAL_S
                    if broken := self._watchdog.look():
                        return broken

    def _read_output(self) -> bool:
        """Take one piece; False when every writer is gone."""
        try:
            data = os.read(self._box.output, _CHUNK)
        except BlockingIOError:
            return True
        self._transcript.add(data)
        return bool(data)

    def _hear(self) -> bool:
        """Take all the control channel has; False when it has ended or has said more than it honestly can."""
        most = archive.room(self._limits) + _EXIT_LINE_ROOM
        while len(self._said) <= most:
            try:
                data = self._box.control.recv(_CHUNK)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                return False
            if not data:
                return False
            self._said += data
        return False

    def _drain(self) -> None:
        """What is left in the pipe; its size bounds this."""
        try:
            while data := os.read(self._box.output, _CHUNK):
                self._transcript.add(data)
        except BlockingIOError:
            return

    def _last_words(self) -> tuple[int, bytes]:
        """Exit code and archive; where the shell inside was killed by its own command, the code bubblewrap ended with."""
        line, _, packed = bytes(self._said).partition(b"\n")
        if line[:1] == b"X" and line[1:].isdigit():
            return int(line[1:]), packed
        code = self._box.exit_code(_LAST_WORDS_S)
        return (code if code > 0 else KILLED), b""

    def _reason(self, code: int) -> RunReason:
        if self._box.cgroup and self._box.cgroup.ran_out_of_memory():
            return RunReason.MEMORY
        if code == CPU_TIME_USED_UP:
            return RunReason.CPU
        return RunReason.OK if code == 0 else RunReason.EXIT
