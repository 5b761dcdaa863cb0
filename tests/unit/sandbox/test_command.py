"""The command line of a box, and that each of its locks holds when another one is taken away."""

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.sandboxes import Limits
from sandbox import archive
from sandbox.box import Job
from sandbox.bwrap import PRIVATE_UID
from sandbox.command import Descriptors, Launcher, Mounts, box_command, payload_command
from sandbox.supervise import Stop, run

BWRAP = Path("/usr/bin/bwrap")
DESCRIPTORS = Descriptors(seccomp=11, info=12, etc={"/etc/passwd": 13})
HERE = Launcher(BWRAP, PRIVATE_UID if os.geteuid() == 0 else None)


def command(limits: Limits | None = None, mounts: Mounts | None = None, launcher: Launcher = HERE) -> list[str]:
    return box_command(launcher, mounts or Mounts(), limits or Limits(), DESCRIPTORS, ["true"])


def follows(arguments: Sequence[str], *part: str) -> bool:
    return any(tuple(arguments[i : i + len(part)]) == part for i in range(len(arguments)))


def test_root_becomes_somebody_else_before_anything_is_started() -> None:
    arguments = command(launcher=Launcher(BWRAP, 4711))
    program = arguments.index(str(BWRAP))
    assert arguments[:program] == [
        *("/usr/bin/setpriv", "--reuid=4711", "--regid=4711", "--clear-groups", "--inh-caps=-all", "--")
    ]


def test_an_ordinary_user_starts_bubblewrap_itself() -> None:
    assert command(launcher=Launcher(BWRAP, None))[0] == str(BWRAP)


def test_every_size_comes_from_the_limits() -> None:
    arguments = command(
        Limits(box_size=111, tmp_size=222, shm_size=333, memory=444, processes=5, open_files=6, cpu_s=7)
    )
    assert follows(arguments, "--size", "111", "--perms", "0700", "--tmpfs", "/box")
    assert follows(arguments, "--size", "222", "--perms", "1777", "--tmpfs", "/tmp")
    assert follows(arguments, "--size", "333", "--perms", "1777", "--tmpfs", "/dev/shm")
    assert {"--data=444", "--nproc=5", "--nofile=6", "--cpu=7:8", "--core=0"} <= set(arguments)


def test_everything_is_made_read_only_after_everything_is_mounted() -> None:
    mounts = Mounts(placed={"/box/m": Path("/opt/m")}, scratch={"/box/m/s": 5}, same_place=(Path("/opt/p"),))
    arguments = command(mounts=mounts)
    last_mount = max(arguments.index(flag) for flag in ("/opt/p", "/box/m", "/box/m/s", "/etc/passwd"))
    assert all(arguments.index("--remount-ro", last_mount) < i for i in [arguments.index("--chdir")])
    remounted = [arguments[i + 1] for i, argument in enumerate(arguments) if argument == "--remount-ro"]
    assert remounted == ["/dev", "/proc", "/"]


@pytest.mark.parametrize("lock", ["--cap-drop", "--clearenv", "--die-with-parent", "--new-session", "--disable-userns"])
def test_locks_that_others_double_are_there_all_the_same(lock: str) -> None:
    """Taking one of the first, second or fourth away opens nothing today, since something else holds; so it is said here."""
    assert lock in command()


def test_the_toolchain_comes_first_in_the_path() -> None:
    arguments = command(mounts=Mounts(path=(Path("/opt/python/bin"),)))
    assert follows(arguments, "--setenv", "PATH", "/opt/python/bin:/usr/bin:/bin")


def test_variables_are_given_to_the_command_and_not_to_the_shell() -> None:
    payload = payload_command(["prog", "arg"], {"A": "1 2"}, ["r/*.xml", "o"], Limits(artifact_file=9))
    assert payload[:2] == ["/bin/sh", "-c"]
    assert payload[3:] == ["sh", "./r/*.xml\n./o", "10", "/usr/bin/env", "A=1 2", "prog", "arg"]


def test_a_listener_reaches_the_command_only_when_it_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server has open, inheritable or not, stays with the server; seen at the door of the system itself."""
    passed: list[tuple[int, ...]] = []
    real = subprocess.Popen

    def spy(*args: object, **settings: object) -> object:
        passed.append(tuple(settings["pass_fds"]))  # type: ignore[arg-type]  # what the code under test gave
        return real(*args, **settings)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(subprocess, "Popen", spy)
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        tcp.set_inheritable(True)
        _run(["/usr/bin/true"])
        assert tcp.fileno() not in passed[0]
        assert len(passed[0]) == 6, "filter, info, four files of /etc"


def _run(argv: list[str]) -> None:
    if not BWRAP.exists():
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    stop = Stop()
    job = Job(payload_command(argv, {}, (), Limits()), Mounts(), Limits(), archive.pack({}))
    assert run(HERE, job, None, stop).ok
    stop.close()


def without(arguments: list[str], *part: str) -> list[str]:
    at = next(i for i in range(len(arguments)) if tuple(arguments[i : i + len(part)]) == part)
    return arguments[:at] + arguments[at + len(part) :]


def started(payload: Sequence[str], *, drop: Sequence[tuple[str, ...]], limits: Limits | None = None) -> str:
    """What `payload` prints in a box of which the `drop` parts of the command line were taken away."""
    if not BWRAP.exists():
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    with contextlib.ExitStack() as held:
        info, info_inside = os.pipe()
        held.callback(os.close, info)
        held.callback(os.close, info_inside)
        etc = os.memfd_create("etc")
        held.callback(os.close, etc)
        descriptors = Descriptors(seccomp=0, info=info_inside, etc={"/etc/passwd": etc})
        arguments = box_command(HERE, Mounts(), limits or Limits(), descriptors, payload)
        for part in [("--seccomp", "0"), *drop]:
            arguments = without(arguments, *part)
        done = subprocess.run(
            arguments,
            env={"PATH": "/usr/bin:/bin"},
            cwd="/",
            pass_fds=[info_inside, etc],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "child-pid" in json.loads(os.read(info, 4096))
    return done.stdout + done.stderr


def test_without_the_filter_no_user_namespace_can_be_made_either() -> None:
    assert "No space left on device" in started(["/usr/bin/unshare", "--user", "/usr/bin/echo", "made"], drop=[])


def test_that_lock_is_the_one_that_holds_there() -> None:
    found = started(["/usr/bin/unshare", "--user", "/usr/bin/echo", "made"], drop=[("--disable-userns",)])
    assert found == "made\n"


def test_without_the_read_only_remounts_the_box_could_be_written_anywhere() -> None:
    write = ["/bin/sh", "-c", "for d in / /dev /etc; do echo x > $d/written && echo $d; done 2>/dev/null; true"]
    assert started(write, drop=[]) == ""
    assert started(write, drop=[("--remount-ro", "/")]).split() == ["/", "/etc"]
    assert started(write, drop=[("--remount-ro", "/dev")]).split() == ["/dev"]


FORKS = """
import os, time
made = 0
try:
    while made < 300:
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        made += 1
except OSError:
    pass
print(made)
"""


def test_the_bound_of_processes_is_that_of_the_limits() -> None:
    made = int(started(["/usr/bin/python3", "-I", "-c", FORKS], drop=[], limits=replace(Limits(), processes=20)))
    assert made < 20
