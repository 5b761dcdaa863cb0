"""Finds out by a real start whether boxes work on this machine, and says what to do when they do not."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from core.errors import SandboxError
from core.sandboxes import Limits, Probe
from sandbox import archive, cgroups, seccomp, supervise
from sandbox.box import Box, Job
from sandbox.cgroups import Cgroups
from sandbox.command import Launcher, Mounts, payload_command
from sandbox.supervise import Stop

BACKEND = "bwrap"
OLDEST = (0, 8, 0)
_TOOLS = ("env", "find", "prlimit", "setsid", "tar")
_VERSION_S = 10.0

ELSEWHERE = "Use Linux (on Windows WSL2, on macOS a Linux machine of any kind)"
INSTALL = "Install it: `apt-get install bubblewrap` or `dnf install bubblewrap` (0.8.0 or newer)"

_KNOWN = (
    (
        r"setting up uid map: Permission denied|loopback: Failed RTM_NEWADDR",
        "AppArmor keeps bubblewrap from using the user namespace it has made (Ubuntu 23.10 and newer do)",
        "Write `abi <abi/4.0>, include <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` to "
        "/etc/apparmor.d/bwrap and run `systemctl reload apparmor`",
    ),
    (
        r"No permissions to create (a )?new namespace|Creating new namespace failed: Operation not permitted",
        "this system does not let ordinary users make namespaces (a container's seccomp profile or a kernel setting)",
        "In Docker start the container with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined`; on a "
        "plain system run `sysctl -w kernel.unprivileged_userns_clone=1`",
    ),
    (
        r"Failed to make / slave",
        "the AppArmor profile of this container forbids mounting",
        "Start the container with `--security-opt apparmor=unconfined`",
    ),
    (
        r"Can't mount proc",
        "this container masks parts of /proc, so that no new /proc can be mounted",
        "Start the container with `--security-opt seccomp=unconfined --security-opt unmask=ALL` (podman) or "
        "`--security-opt systempaths=unconfined` (Docker)",
    ),
    (
        r"nesting depth or /proc/sys/user/max_\S+ exceeded",
        "the number of user namespaces is limited to none on this machine",
        "Run `sysctl -w user.max_user_namespaces=10000`",
    ),
    (
        r"setpriv: .*(Operation not permitted|setresuid|setgroups)",
        "this process is root but may not become another user",
        "Start the service as an ordinary user, or give the container the capabilities SETUID and SETGID",
    ),
    (
        r"failed to execute .*: Permission denied",
        "the sandbox's own user may not start the bwrap program",
        "Move it to where every user can reach it, for example by `apt-get install bubblewrap`",
    ),
    (
        r"Unknown option|Unrecognised option",
        "this bubblewrap is too old",
        INSTALL,
    ),
    (
        r"prctl\(PR_SET_SECCOMP\)|seccomp",
        "the kernel has no system call filters",
        "Use a kernel with CONFIG_SECCOMP_FILTER",
    ),
)


@dataclass(frozen=True)
class Finding:
    """What `examine` found: the answer for people, and where control groups can be made."""

    probe: Probe
    cgroups: Cgroups | None = None


def examine(launcher: Launcher, system: str = sys.platform, machine: str | None = None) -> Finding:
    """Start a box as it is started for generated code. Blocking, some 30 ms."""
    objection = _objection(launcher, system, machine or platform.machine())
    if objection:
        return Finding(objection)
    version = _version(launcher.bwrap)
    if version is None or _numbers(version) < OLDEST:
        return Finding(
            _failed(f"{launcher.bwrap} is version {version or 'unknown'}, too old or not bubblewrap", INSTALL)
        )
    groups = cgroups.find()
    seen: list[bool] = []
    try:
        result = _start(launcher, groups, seen)
    except SandboxError as error:
        return Finding(explain(str(error)))
    if not result:
        return Finding(_failed("a box started, but its command did not succeed", "Report this as a bug"))
    return Finding(
        Probe(BACKEND, True, isolation=_isolation(), enforced=_enforced(groups, seen), version=version), groups
    )


def explain(message: str) -> Probe:
    """The reason and the fix for what a failed start said."""
    for pattern, reason, fix in _KNOWN:
        if re.search(pattern, message):
            return _failed(f"{reason} ({message.splitlines()[-1][:200]})", fix)
    return _failed(
        message[:400] or "bubblewrap did not start", "Run `bwrap --unshare-all --ro-bind / / true` to see why"
    )


def _objection(launcher: Launcher, system: str, machine: str) -> Probe | None:
    if system != "linux":
        return _failed(f"the local sandbox needs Linux, this is {system}", ELSEWHERE)
    if machine not in seccomp.ARCHITECTURES:
        known = " and ".join(seccomp.ARCHITECTURES)
        return _failed(f"no system call filter is known for {machine}", f"Use a machine with {known}")
    if not os.access(launcher.bwrap, os.X_OK):
        return _failed(f"bubblewrap is missing ({launcher.bwrap})", INSTALL)
    needed = [*_TOOLS, *(["setpriv"] if launcher.uid is not None else [])]
    missing = [tool for tool in needed if not Path("/usr/bin", tool).exists()]
    if missing:
        return _failed(f"missing in /usr/bin: {', '.join(missing)}", "Install util-linux, coreutils, findutils and tar")
    return None


def _start(launcher: Launcher, groups: Cgroups | None, seen: list[bool]) -> bool:
    limits = Limits()
    payload = payload_command(["/usr/bin/true"], {}, (), limits)
    stop = Stop()
    try:
        job = Job(payload, Mounts(), limits, archive.pack({}))
        return supervise.run(launcher, job, groups, stop, lambda box: seen.append(_sees_files(box))).ok
    finally:
        stop.close()


def _sees_files(box: Box) -> bool:
    return box.files_at_start is not None


def _version(bwrap: Path) -> str | None:
    try:
        done = subprocess.run([str(bwrap), "--version"], capture_output=True, timeout=_VERSION_S, check=True)  # noqa: S603  our program
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(rb"bubblewrap (\d+\.\d+\.\d+)", done.stdout)
    return match.group(1).decode() if match else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _isolation() -> str:
    return "Linux namespaces without network, system call filter, private file system; the kernel is shared"


def _enforced(groups: Cgroups | None, seen: list[bool]) -> tuple[str, ...]:
    always = ("network", "files", "system calls", "wall time", "cpu time per process", "processes", "open files")
    sizes = ("file size", "disk size", "memory per process", "memory of all processes (watched)")
    inodes = ("number of files (watched)",) if all(seen) else ()
    group = (f"memory and processes by control group v{groups.version}",) if groups else ()
    return (*always, *sizes, *inodes, *group)


def _failed(reason: str, fix: str) -> Probe:
    return Probe(BACKEND, False, reason=reason, fix=fix)
