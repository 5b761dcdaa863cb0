"""What generated code could read, write or hold of the host. Each test fails when one protective element is taken away."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandboxes import Limits, RunReason
from tests.attacks.boxes import MARK, PROJECT, Owner, wait_for_process

pytestmark = pytest.mark.sandbox
CANARY = "canary-in-a-file-that-everyone-may-read"


@pytest.fixture
def canary(open_folder: Path) -> Path:
    path = open_folder / "canary.txt"
    path.write_text(CANARY)
    path.chmod(0o644)
    return path


@pytest.fixture
def victim(owner: Owner) -> Iterator[int]:
    """A host process of the very user that the box's processes are on the host."""
    drop = ["setpriv", f"--reuid={owner.outer_uid}", f"--regid={owner.outer_uid}", "--clear-groups", "--"]
    with subprocess.Popen([*(drop if os.geteuid() == 0 else []), "/usr/bin/sleep", "120"]) as process:
        yield process.pid
        assert process.poll() is None, "the victim died"
        process.kill()


def test_files_of_the_host_are_not_there(owner: Owner, canary: Path) -> None:
    code = """
import os, sys
for path in sys.argv[1:]:
    try:
        print("READ", path, open(path).read(200))
    except OSError as error:
        print("refused", path, error.strerror)
print("ROOT", sorted(os.listdir("/")))
"""
    targets = [
        str(canary),
        "/etc/shadow",
        "/root/.bashrc",
        "/etc/machine-id",
        str(PROJECT / "pyproject.toml"),
        "/proc/1/root/etc/shadow",
    ]
    result = owner.python(code, *targets)
    assert result.ok
    assert "READ" not in result.output
    assert CANARY not in result.output
    assert "ROOT ['bin', 'box', 'dev', 'etc', 'lib', 'lib64', 'proc', 'sbin', 'tmp', 'usr']" in result.output


def test_the_environment_of_the_server_is_nowhere(owner: Owner) -> None:
    code = """
import glob
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        print(path, open(path).read().replace(chr(0), " "))
    except OSError as error:
        print(path, error.strerror)
"""
    result = owner.python(code)
    assert "canary-in-environment" not in result.output
    assert "PATH=" in result.output


def test_only_the_named_variables_reach_the_command(owner: Owner) -> None:
    result = owner.run(["env"], env={"GREETING": "hello there"})
    names = {line.partition("=")[0] for line in result.output.splitlines()}
    assert "GREETING=hello there" in result.output
    assert names <= {
        "GREETING",
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "PYTHONDONTWRITEBYTECODE",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
    }


def test_variables_for_the_command_do_not_reach_the_tools_around_it(owner: Owner) -> None:
    """A preloaded library would see the files of the box before and after the command."""
    result = owner.run(["/bin/sh", "-c", "echo x > out"], env={"LD_PRELOAD": "/box/evil.so"}, outputs=["out"])
    assert result.files == {"out": b"x\n"}
    assert result.output.count("evil.so") <= 2, "the command and its children only"


def test_every_namespace_is_its_own(owner: Owner) -> None:
    code = (
        "import os\nfor name in sorted(os.listdir('/proc/self/ns')): print(name, os.readlink('/proc/self/ns/' + name))"
    )
    inside = dict(line.split() for line in owner.python(code).output.splitlines())
    outside = {path.name: str(path.readlink()) for path in Path("/proc/self/ns").iterdir()}
    same = {name for name, value in inside.items() if outside.get(name) == value}
    assert same <= {"time", "time_for_children"}
    assert {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} <= set(inside)


def test_processes_of_the_host_are_unseen_and_cannot_be_signalled(owner: Owner, victim: int) -> None:
    code = """
import os, signal, sys
print("SEEN", sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
for pid in range(2, 40000):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGTERM) if pid > 10 else os.kill(pid, 0)
            if pid > 10: print("SIGNALLED", pid)
        except OSError:
            pass
try:
    os.kill(int(sys.argv[1]), signal.SIGKILL)
    print("SIGNALLED", sys.argv[1])
except OSError as error:
    print(error.strerror)
"""
    result = owner.python(code, str(victim))
    assert result.ok
    assert "SIGNALLED" not in result.output
    seen = result.output.partition("SEEN [")[2].partition("]")[0].split(", ")
    assert all(int(pid) < 20 for pid in seen)


def test_killing_the_first_process_is_harmless(owner: Owner) -> None:
    code = """
import os, signal
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
    try:
        os.kill(1, number)
    except OSError as error:
        print(error)
print("still here")
"""
    result = owner.python(code)
    assert result.ok
    assert "still here" in result.output


def test_the_command_holds_no_file_of_the_host(owner: Owner) -> None:
    code = """
import os
for number in range(0, 256):
    try:
        print(number, os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
"""
    lines = [line.split(" ", 1) for line in owner.python(code).output.splitlines()]
    assert [number for number, _ in lines] == ["0", "1", "2"]
    assert lines[0][1] == "/dev/null"
    assert all(target.startswith("pipe:") for _, target in lines[1:])


def test_the_channel_to_the_host_cannot_be_taken_from_the_shell(owner: Owner) -> None:
    code = """
import os, glob
for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        if os.readlink(path).startswith("socket:"):
            os.close(os.open(path, os.O_RDWR))
            print("OPENED", path)
    except OSError:
        pass
"""
    result = owner.python(code)
    assert result.ok
    assert "OPENED" not in result.output


def test_nothing_can_be_written_outside_the_three_scratch_folders(owner: Owner) -> None:
    code = """
import os
for top, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(top, f) not in ("/proc", "/box", "/tmp", "/dev/shm", "/dev/fd")]
    for path in [top]:
        try:
            os.close(os.open(os.path.join(path, "written"), os.O_CREAT | os.O_WRONLY))
            print("WROTE", path)
        except OSError:
            pass
for path in ("/box", "/tmp", "/dev/shm"):
    open(path + "/fine", "w").close()
print("walked")
"""
    result = owner.python(code)
    assert "walked" in result.output, result.output
    assert "WROTE" not in result.output


def test_every_mount_but_the_scratch_folders_is_read_only(owner: Owner) -> None:
    """Also where permissions would protect today: the folders bound in may belong to the very user of the box."""
    lines = owner.run(["cat", "/proc/self/mountinfo"]).output.splitlines()
    mounts = {line.split()[4]: line.split()[5].split(",") for line in lines}
    writable = {place for place, options in mounts.items() if "rw" in options}
    devices = {place for place in writable if place.startswith("/dev/") and place != "/dev/shm"}
    assert writable - devices == {"/box", "/tmp", "/dev/shm"}
    assert devices <= {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts")}
    assert all({"nosuid", "nodev"} <= set(mounts[place]) for place in ("/usr", "/box", "/tmp", "/dev/shm"))


def test_kernel_settings_cannot_be_written(owner: Owner) -> None:
    """Not even those that belong to the box's own namespaces."""
    code = """
import os
for top, _, files in os.walk("/proc/sys"):
    for name in files:
        path = os.path.join(top, name)
        try:
            os.close(os.open(path, os.O_WRONLY))
            print("OPENED", path)
        except OSError:
            pass
for path in ("/proc/sysrq-trigger", "/proc/1/oom_score_adj", "/proc/kcore", "/proc/kmsg"):
    try:
        os.close(os.open(path, os.O_RDWR))
        print("OPENED", path)
    except OSError:
        pass
print("walked")
"""
    result = owner.python(code)
    assert result.ok
    assert "walked" in result.output
    assert "OPENED" not in result.output


def test_a_setuid_program_gives_nothing(owner: Owner) -> None:
    code = """
import os, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print("NNP", status["NoNewPrivs"].strip(), "CAPS", {status["Cap" + k].strip() for k in ("Inh", "Prm", "Eff", "Bnd", "Amb")})
print("SECCOMP", status["Seccomp"].strip())
print("SETUID", [p for p in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount") if os.path.exists(p)])
for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chown(sys.argv[0], 0, 0)):
    try:
        call()
        print("BECAME root")
    except OSError:
        pass
print("UID", os.getresuid(), os.getresgid(), os.getgroups())
"""
    result = owner.python(code)
    assert result.ok, result.output
    assert "NNP 1 CAPS {'0000000000000000'}" in result.output
    assert "SECCOMP 2" in result.output
    assert "BECAME" not in result.output
    assert "UID (1000, 1000, 1000) (1000, 1000, 1000)" in result.output


def test_on_the_host_no_process_of_the_box_is_root(owner: Owner) -> None:
    """The global uid 0 owns /proc/sys and knows no limit of processes, whatever capabilities it has dropped."""
    owner.send(["/usr/bin/sleep", f"86.{MARK}"], {})
    found = wait_for_process(owner.outer_uid, "/usr/bin/sleep", f"86.{MARK}")
    assert len(found) == 1
    os.kill(found[0], signal.SIGTERM)
    assert owner.answer().exit_code == 128 + signal.SIGTERM


def test_open_files_are_bounded(owner: Owner) -> None:
    code = """
held = []
try:
    while len(held) < 5000:
        held.append(open("/dev/null"))
except OSError as error:
    print(len(held), error.strerror)
"""
    count, reason = owner.python(code).output.split(" ", 1)
    assert int(count) < 512
    assert "Too many open files" in reason


def test_runs_do_not_see_each_other(owner: Owner) -> None:
    first = owner.run(
        ["/bin/sh", "-c", "echo secret > /tmp/left; echo secret > /box/left; echo secret > /dev/shm/left"]
    )
    second = owner.run(["/bin/sh", "-c", "ls -A /tmp /box /dev/shm"])
    assert first.ok
    assert "left" not in second.output


def test_the_shared_toolchain_is_read_only(owner: Owner) -> None:
    code = """
import os, sys
for top in sys.path:
    for folder, _, files in os.walk(top):
        for name in ["written", *files[:2]]:
            try:
                os.close(os.open(os.path.join(folder, name), os.O_CREAT | os.O_RDWR))
                print("WROTE", folder, name)
            except OSError:
                pass
import pytest
print("walked", pytest.__version__)
"""
    try:
        result = owner.run(
            ["python", "-P", "attack.py"], files={"attack.py": code}, toolchain="python", limits=Limits(wall_s=60)
        )
    except Exception as error:
        pytest.skip(f"missing: the sandbox's Python toolchain: {error}")
    assert "walked" in result.output, result.output
    assert "WROTE" not in result.output
    assert result.reason is RunReason.OK
