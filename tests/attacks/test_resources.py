"""What generated code could use up: processes, memory, disk, files, time, output. The server and the machine stay well."""

import pytest

from core.sandboxes import Limits, RunReason
from tests.attacks.boxes import MARK, Owner, processes_of, wait_until_none
from tests.stopwatch import stopwatch

pytestmark = pytest.mark.sandbox
GIB = 1 << 30

FORKS = """
import os, time
made = 0
while made < 2000:
    try:
        pid = os.fork()
    except OSError as error:
        print(made, error.strerror, flush=True)
        break
    if pid == 0:
        time.sleep(2)
        os._exit(0)
    made += 1
"""


def test_processes_are_bounded_for_each_box_by_itself(owner: Owner) -> None:
    """Three at once, so that the bound is not one for all boxes of the user."""
    results = owner.run_copies(3, ["/usr/bin/python3", "-I", "-c", FORKS])
    made = [int(result.output.split()[0]) for result in results]
    assert all(100 <= count < 128 for count in made), made


def test_a_fork_bomb_is_ended_by_the_clock(owner: Owner) -> None:
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
    with stopwatch() as spent:
        result = owner.python(code, limits=Limits(wall_s=1.5))
        assert spent() < 3.5
    assert result.reason is RunReason.TIMEOUT
    assert wait_until_none(owner.outer_uid, f"attack-{MARK}.py") == []


def test_other_processes_of_the_user_do_not_count(owner: Owner) -> None:
    """A bound set outside would count everything the user runs on the machine."""
    result = owner.run(["/usr/bin/true"], limits=Limits(processes=8))
    assert result.ok, result.output


MEMORY = {
    "private": "x = bytearray(3 << 30)",
    "grown slowly": "x = []\nwhile True: x.append(bytes(1 << 20))",
    "shared": "import mmap\nx = mmap.mmap(-1, 3 << 30)\nfor i in range(0, 3 << 30, 4096): x[i] = 1",
    "file": (
        "import mmap, os\nx = []\nfor i in range(64):\n"
        "    f = os.open(f'/box/{i}', os.O_CREAT | os.O_RDWR); os.ftruncate(f, 60 << 20)\n"
        "    m = mmap.mmap(f, 60 << 20); x.append(m)\n    for j in range(0, 60 << 20, 4096): m[j] = 1"
    ),
    "many processes": (
        "import os, time\nfor i in range(12):\n"
        "    if os.fork() == 0:\n        x = bytearray(b'x') * (200 << 20); time.sleep(25); os._exit(0)\n"
        "time.sleep(25)"
    ),
    "threads": (
        "import threading, time\nx = []\ndef work():\n    while True: x.append(b'x' * (1 << 20))\n"
        "t = [threading.Thread(target=work) for i in range(8)]\n[a.start() for a in t]\n[a.join() for a in t]\n"
        "raise SystemExit(3)"
    ),
    "memory file": "import os\nf = os.memfd_create('x')\nwhile True: os.write(f, b'x' * (1 << 20))",
    "shared segment": (
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "assert libc.shmget(0, ctypes.c_size_t(1 << 30), 0o1600) == -1\nraise SystemExit(3)"
    ),
}


@pytest.mark.parametrize("way", list(MEMORY))
def test_memory_is_bounded(owner: Owner, way: str) -> None:
    result = owner.python(MEMORY[way], limits=Limits(wall_s=30))
    assert result.reason in (RunReason.MEMORY, RunReason.EXIT), result
    assert result.exit_code != 0
    assert result.peak_bytes < GIB


def test_one_process_gets_an_error_before_it_is_killed(owner: Owner) -> None:
    code = """
held = []
try:
    while True:
        held.append(bytes(1 << 20))
except MemoryError:
    print(len(held))
    raise SystemExit(7)
"""
    result = owner.python(code)
    assert (result.reason, result.exit_code) == (RunReason.EXIT, 7)
    assert int(result.output) < 512


def test_memory_pages_that_are_shared_count_once(owner: Owner) -> None:
    """Twenty processes over one array of 100 MB: far beyond the limit when each is counted in full."""
    code = """
import os, time
x = bytearray(b"x") * (100 << 20)
for _ in range(20):
    if os.fork() == 0:
        time.sleep(1.5)
        os._exit(0)
for _ in range(20):
    os.wait()
"""
    result = owner.python(code)
    assert result.ok, result


@pytest.mark.parametrize("place", ["/box", "/tmp", "/dev/shm"])
def test_disk_is_bounded(owner: Owner, place: str) -> None:
    code = """
import sys
written = 0
try:
    for i in range(100):
        with open(f"{sys.argv[1]}/{i}", "wb", buffering=0) as file:
            for _ in range(30):
                written += file.write(bytes(1 << 20))
except OSError as error:
    print(written, error.strerror)
"""
    written, reason = owner.python(code, place).output.split(" ", 1)
    assert int(written) <= 256 << 20
    assert "No space left" in reason


def test_devices_offer_no_room(owner: Owner) -> None:
    """The folder of devices is a tmpfs of its own, sized to half of the machine's memory unless it is read-only."""
    result = owner.run(["/bin/sh", "-c", "head -c 1000000 /dev/zero > /dev/filler"])
    assert "Read-only file system" in result.output


def test_one_file_is_bounded(owner: Owner) -> None:
    code = """
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
written = 0
try:
    with open("large", "wb", buffering=0) as file:
        while True:
            written += file.write(bytes(1 << 20))
except OSError as error:
    print(written, error.strerror)
"""
    assert owner.python(code).output == f"{64 << 20} File too large\n"


def test_the_number_of_files_is_bounded(owner: Owner) -> None:
    code = """
import os
for folder in range(2000):
    os.mkdir(f"/tmp/{folder}")
    for name in range(200):
        os.close(os.open(f"/tmp/{folder}/{name}", os.O_CREAT | os.O_WRONLY))
"""
    result = owner.python(code, limits=Limits(wall_s=60))
    assert result.reason is RunReason.INODES


def test_a_modest_number_of_files_is_fine(owner: Owner) -> None:
    code = "for i in range(15000): open(f'/box/{i}', 'w').close()\nimport time; time.sleep(0.2)"
    assert owner.python(code).ok


STUBBORN = """
import os, signal, subprocess, sys, time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
child = "import time\\nwhile True: time.sleep(0.1)  # marker" + sys.argv[1]
subprocess.Popen([sys.executable, "-I", "-c", child], start_new_session=True)
while True:
    pass
"""


def test_the_clock_ends_what_ignores_every_signal(owner: Owner) -> None:
    with stopwatch() as spent:
        result = owner.python(STUBBORN, MARK, limits=Limits(wall_s=1.0))
        assert spent() < 2.5
    assert result.reason is RunReason.TIMEOUT
    assert result.exit_code != 0
    assert [command for command in processes_of(owner.outer_uid).values() if f"marker{MARK}" in command] == []


def test_a_daemon_does_not_outlive_its_run(owner: Owner) -> None:
    code = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/usr/bin/sleep", ["sleep", "97." + sys.argv[1]])
    os._exit(0)
os.wait()
time.sleep(0.2)
"""
    with stopwatch() as spent:
        result = owner.python(code, MARK)
        assert spent() < 5
    assert result.ok
    assert [command for command in processes_of(owner.outer_uid).values() if f"97.{MARK}" in command] == []


def test_processor_time_is_bounded(owner: Owner) -> None:
    with stopwatch() as spent:
        result = owner.python("while True: pass", limits=Limits(cpu_s=1, wall_s=20))
        assert spent() < 10
    assert result.reason is RunReason.CPU


def test_endless_output_is_cut_and_its_both_ends_are_kept(owner: Owner) -> None:
    code = """
import os
os.write(1, b"FIRST")
for _ in range(256):
    os.write(1, b"x" * (4 << 20))
os.write(1, b"LAST")
"""
    result = owner.python(code, limits=Limits(wall_s=60))
    assert result.ok
    assert result.truncated
    assert (1 << 20) <= len(result.output) < (1 << 20) + 100
    assert result.output.startswith("FIRST")
    assert result.output.endswith("LAST")


def test_a_command_that_closes_its_output_still_ends(owner: Owner) -> None:
    result = owner.python(
        "import os, time\nfor i in range(256):\n    try: os.close(i)\n    except OSError: pass\ntime.sleep(0.5)\n"
    )
    assert result.reason is RunReason.OK


def test_memory_that_nobody_watches_cannot_be_had(owner: Owner) -> None:
    """Core files, locked pages and message queues: hard limits, so that the command cannot raise them again."""
    code = """
import resource
for name in ("CORE", "MEMLOCK", "MSGQUEUE"):
    limit = getattr(resource, "RLIMIT_" + name)
    print(name, *resource.getrlimit(limit))
    try:
        resource.setrlimit(limit, (1, 1))
        print("RAISED", name)
    except (OSError, ValueError):
        pass
"""
    assert owner.python(code).output == "CORE 0 0\nMEMLOCK 0 0\nMSGQUEUE 0 0\n"
