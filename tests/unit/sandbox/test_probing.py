"""What a person is told when boxes do not work here: each message that is known leads to its fix."""

from pathlib import Path

import pytest

from sandbox.command import Launcher
from sandbox.probing import examine, explain

BWRAP = Launcher(Path("/usr/bin/bwrap"), None)

MESSAGES = [
    ("bwrap: setting up uid map: Permission denied", "AppArmor", "/etc/apparmor.d/bwrap"),
    ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", "AppArmor", "/etc/apparmor.d/bwrap"),
    (
        "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.",
        "does not let ordinary users make namespaces",
        "seccomp=unconfined",
    ),
    ("bwrap: Failed to make / slave: Permission denied", "AppArmor profile of this container", "apparmor=unconfined"),
    ("bwrap: Can't mount proc on /newroot/proc: Operation not permitted", "masks parts of /proc", "unmask=ALL"),
    (
        "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)",
        "limited to none",
        "user.max_user_namespaces",
    ),
    ("setpriv: setresuid failed: Operation not permitted", "may not become another user", "ordinary user"),
    ("setpriv: failed to execute /root/bin/bwrap: Permission denied", "may not start the bwrap program", "apt-get"),
    ("bwrap: Unknown option --disable-userns", "too old", "0.8.0"),
    ("bwrap: prctl(PR_SET_SECCOMP): Invalid argument", "no system call filters", "CONFIG_SECCOMP_FILTER"),
]


@pytest.mark.parametrize(("message", "reason", "fix"), MESSAGES)
def test_a_known_message_has_a_reason_and_a_fix(message: str, reason: str, fix: str) -> None:
    probe = explain(f"the box could not be set up: {message}")
    assert not probe.ok
    assert reason in probe.reason
    assert message in probe.reason, "the original words are there for those who search for them"
    assert fix in probe.fix


def test_an_unknown_message_is_shown_as_it_is() -> None:
    probe = explain("bwrap: something nobody has seen")
    assert "something nobody has seen" in probe.reason
    assert probe.fix


def test_other_systems_are_told_what_to_use() -> None:
    probe = examine(BWRAP, system="darwin").probe
    assert not probe.ok
    assert "darwin" in probe.reason
    assert "Linux" in probe.fix


def test_a_machine_without_a_filter_is_refused() -> None:
    probe = examine(BWRAP, machine="riscv64").probe
    assert not probe.ok
    assert "riscv64" in probe.reason


def test_a_missing_program_says_how_to_install_it(tmp_path: Path) -> None:
    probe = examine(Launcher(tmp_path / "bwrap", None)).probe
    assert not probe.ok
    assert "missing" in probe.reason
    assert "apt-get install bubblewrap" in probe.fix


@pytest.mark.parametrize("says", ["bubblewrap 0.7.9", "something else", ""])
def test_an_old_or_wrong_program_is_refused(tmp_path: Path, says: str) -> None:
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    probe = examine(Launcher(program, None)).probe
    assert not probe.ok
    assert "too old" in probe.reason


def test_a_real_failure_becomes_its_message(tmp_path: Path) -> None:
    program = tmp_path / "bwrap"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bubblewrap 0.9.0 && exit\n'
        "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    program.chmod(0o755)
    probe = examine(Launcher(program, None)).probe
    assert not probe.ok
    assert "AppArmor" in probe.reason
