"""One box: a bubblewrap process, the namespaces it made, and the words exchanged with the shell inside.

Blocking; runs in a worker thread. The box is told to go only after it can be killed by a handle that cannot be mistaken.
"""

import contextlib
import json
import os
import platform
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import SandboxError
from core.sandboxes import Limits
from sandbox import procfs, seccomp
from sandbox.cgroups import Cgroup, Cgroups
from sandbox.command import ETC_FILES, Descriptors, Launcher, Mounts, box_command

SET_UP_S = 30.0
_END_S = 10.0
_MESSAGE_BYTES = 4096
_NICE = 10  # the server stays responsive while a box uses every core
_SPAWN_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class SetUpFailed(SandboxError):
    """The box did not come up; nothing was run. The message is what bubblewrap or the shell inside said."""


@dataclass(frozen=True)
class Job:
    """What a box is to do. `archive` is unpacked into /box first; `listener` is an open socket for the command."""

    payload: Sequence[str]
    mounts: Mounts
    limits: Limits
    archive: bytes
    listener: int | None = None


class Box:
    """A started box. Leave it through `end`, always: nothing of it is alive after that.

    `files_at_start` is the number of inodes of the empty box, None where the host cannot see them.
    """

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, output: int, info: int) -> None:
        self.control = control
        self.output = output
        self.init_pid = 0
        self.pidfd = -1
        self.cgroup: Cgroup | None = None
        self.files_at_start: int | None = None
        self._process = process
        self._info = info

    def identify(self) -> None:
        """Learn the first process of the namespace and hold it by a pidfd. Raises SetUpFailed."""
        self.init_pid = self._read_init_pid(time.monotonic() + SET_UP_S)
        try:
            self.pidfd = os.pidfd_open(self.init_pid)
        except OSError as error:
            raise SetUpFailed(self._complaint("the box ended while it was set up")) from error
        if procfs.parent(self.init_pid) != self._process.pid:
            os.close(self.pidfd)
            self.pidfd = -1
            raise SetUpFailed(self._complaint("the box ended while it was set up"))

    def begin(self, archive: bytes) -> None:
        """Wait until the shell inside is ready, hand over the files, and start the command. Raises SetUpFailed."""
        self._expect(b"R", "the box could not be set up")
        self.files_at_start = procfs.inodes(self.init_pid)
        self._restrain(procfs.tree(self.init_pid))
        try:
            self.control.sendall(b"go\n")
            self.control.sendall(archive)
            self.control.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise SetUpFailed(self._complaint("the files could not be unpacked in the box")) from error
        self._expect(b"S", "the files could not be unpacked in the box")

    def exit_code(self, timeout_s: float) -> int:
        """The code bubblewrap ends with, waited for; -1 when it does not end in time."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return -1

    def kill(self) -> None:
        if self.pidfd < 0:
            self._process.kill()
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def end(self) -> None:
        """Kill what is alive and wait until it is gone. Raises SandboxError when it does not go."""
        self.kill()
        gone = self.pidfd < 0 or _readable(self.pidfd, _END_S)
        if self.exit_code(_END_S) == -1:
            self._process.kill()
            gone = self.exit_code(_END_S) != -1 and gone
        for descriptor in (self.pidfd, self._info, self.output):
            if descriptor >= 0:
                os.close(descriptor)
        self.control.close()
        if self.cgroup:
            self.cgroup.remove()
        if not gone:
            raise SandboxError("a box could not be ended; its processes may still run")

    def _restrain(self, processes: Sequence[int]) -> None:
        """While the shell waits: these are all the processes there are, and what they start inherits."""
        try:
            if self.cgroup:
                self.cgroup.add(processes)
            for pid in processes:
                os.setpriority(os.PRIO_PROCESS, pid, _NICE)
        except OSError as error:
            raise SetUpFailed(self._complaint(f"the limits of the box could not be set ({error})")) from error

    def _read_init_pid(self, deadline: float) -> int:
        text = b""
        while _readable(self._info, deadline - time.monotonic()):
            part = os.read(self._info, _MESSAGE_BYTES)
            if not part:
                raise SetUpFailed(self._complaint("bubblewrap ended before it made a box"))
            text += part
            with contextlib.suppress(ValueError):
                return int(json.loads(text)["child-pid"])
        raise SetUpFailed(f"bubblewrap made no box within {SET_UP_S:g} s")

    def _expect(self, word: bytes, failure: str) -> None:
        self.control.settimeout(SET_UP_S)
        try:
            heard = self.control.recv(1)
        except TimeoutError as error:
            raise SetUpFailed(f"the box was not ready within {SET_UP_S:g} s") from error
        except OSError:
            heard = b""
        if heard != word:
            raise SetUpFailed(self._complaint(failure))

    def _complaint(self, failure: str) -> str:
        """`failure` with what was written to the output; at this point only bubblewrap and the shell can have."""
        self.exit_code(1.0)
        if not _readable(self.output, 0.0):
            return failure
        words = os.read(self.output, _MESSAGE_BYTES).decode("utf-8", "replace").strip()
        return f"{failure}: {words}" if words else failure


@contextlib.contextmanager
def opened(launcher: Launcher, job: Job, cgroups: Cgroups | None) -> Iterator[Box]:
    """A box in which the command of `job` has been started. Raises SetUpFailed; nothing is left when the block ends."""
    box = _spawn(launcher, job)
    try:
        box.identify()
        if cgroups:
            box.cgroup = _group(cgroups, job.limits)
        box.begin(job.archive)
        yield box
    finally:
        box.end()


def _group(cgroups: Cgroups, limits: Limits) -> Cgroup:
    """The group bounds everything the box can hold in memory: its processes and its three tmpfs."""
    everything = limits.memory + limits.box_size + limits.tmp_size + limits.shm_size
    try:
        return cgroups.create(everything, limits.processes + 16)
    except OSError as error:
        raise SetUpFailed(f"no control group could be made: {error}") from error


def _spawn(launcher: Launcher, job: Job) -> Box:
    """Start bubblewrap with exactly the open files it needs."""
    with contextlib.ExitStack() as inherited:
        control, inside = socket.socketpair()
        inherited.callback(inside.close)
        output, output_inside = os.pipe()
        inherited.callback(os.close, output_inside)
        info, info_inside = os.pipe()
        inherited.callback(os.close, info_inside)
        etc = {path: _memory_file(inherited, text.encode()) for path, text in ETC_FILES.items()}
        filter_file = _memory_file(inherited, seccomp.program(platform.machine()))
        descriptors = Descriptors(filter_file, info_inside, etc)
        passed = [filter_file, info_inside, *etc.values(), *([] if job.listener is None else [job.listener])]
        try:
            process = subprocess.Popen(  # noqa: S603  the program is ours, the untrusted part is confined by it
                box_command(launcher, job.mounts, job.limits, descriptors, job.payload),
                stdin=inside.fileno(),
                stdout=output_inside,
                stderr=output_inside,
                env=_SPAWN_ENV,
                cwd="/",
                start_new_session=True,
                pass_fds=passed,
            )
        except OSError as error:
            control.close()
            os.close(output)
            os.close(info)
            raise SetUpFailed(f"bubblewrap could not be started: {error}") from error
    return Box(process, control, output, info)


def _memory_file(owner: contextlib.ExitStack, content: bytes) -> int:
    descriptor = os.memfd_create("box", os.MFD_CLOEXEC)
    owner.callback(os.close, descriptor)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _readable(descriptor: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, timeout_s) * 1000))
