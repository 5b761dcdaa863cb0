"""The command line of one box. Every flag is there because an attack of the suite succeeds without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.sandboxes import Limits

INSIDE_UID = 1000
SYSTEM_PATH = "/usr/bin:/bin"
ETC_FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/usr/sbin/nologin\nuser:x:1000:1000:user:/tmp:/bin/sh\n",
    "/etc/group": "root:x:0:\nuser:x:1000:\n",
    "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""What programs look up; nothing of the host's own accounts or names."""

_HOST_ETC = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/localtime")

SCRIPT = """\
outputs=$1 largest=$2
shift 2
umask 022
printf R >&0
IFS= read -r word && [ "$word" = go ] || exit 125
exec 3<&0 </dev/null
/usr/bin/tar --extract --file=- --no-same-owner --no-same-permissions --directory=/box <&3 || exit 125
printf S >&3
/usr/bin/setsid "$@" 3>&-
code=$?
while kill -s KILL -- -1 2>/dev/null; do :; done
printf 'X%s\\n' "$code" >&3
[ -n "$outputs" ] || exit "$code"
IFS='
'
cd /box || exit "$code"
set -- $outputs
/usr/bin/find "$@" -type f -size "-${largest}c" -print0 2>/dev/null |
    /usr/bin/tar --create --file=- --format=ustar --mtime=@0 --owner=0 --group=0 \\
        --no-recursion --null --files-from=- 2>/dev/null >&3
exit "$code"
"""
"""Runs inside, before and after the command: waits for the host's word, unpacks, runs, ends all that is left, packs.

File descriptor 3 is the control channel, which the command never gets: R ready, S started, X and the exit code, archive.
Killing is repeated until nobody is left to be killed: the dead count as processes until they are buried, and packing needs two.
"""


@dataclass(frozen=True)
class Mounts:
    """What a toolchain adds to a box.

    `same_place` are bound read-only where they are, `optional` too if they exist; `placed` maps folders inside to sources;
    `scratch` are writable, size-limited folders over read-only ones; `path` goes before the system's PATH.
    """

    same_place: tuple[Path, ...] = ()
    optional: tuple[Path, ...] = ()
    placed: Mapping[str, Path] | None = None
    scratch: Mapping[str, int] | None = None
    path: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Descriptors:
    """Numbers of the open files that bubblewrap reads or writes; it closes them before the command starts."""

    seccomp: int
    info: int
    etc: Mapping[str, int]


@dataclass(frozen=True)
class Launcher:
    """How bubblewrap is started: `uid` is what to become first, None when the server is no root already.

    As root the change is needed: the owner of /proc/sys is the global uid 0, whatever capabilities it has dropped.
    """

    bwrap: Path
    uid: int | None

    def command(self) -> list[str]:
        if self.uid is None:
            return [str(self.bwrap)]
        drop = [f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--inh-caps=-all"]
        return ["/usr/bin/setpriv", *drop, "--", str(self.bwrap)]


def box_command(
    launcher: Launcher, mounts: Mounts, limits: Limits, descriptors: Descriptors, payload: Sequence[str]
) -> list[str]:
    """The whole command line; `payload` is what `payload_command` made."""
    return [
        *launcher.command(),
        *_namespaces(),
        *_system(limits),
        *_etc(descriptors),
        *_toolchain(mounts, limits),
        *("--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/", "--chdir", "/box"),
        *_environment(mounts),
        *("--seccomp", str(descriptors.seccomp), "--info-fd", str(descriptors.info), "--"),
        *_resource_limits(limits),
        *payload,
    ]


def payload_command(argv: Sequence[str], env: Mapping[str, str], outputs: Sequence[str], limits: Limits) -> list[str]:
    """The supervising shell with the command in it. `env` reaches the command only, not the shell and its tools."""
    settings = ["/usr/bin/env", *(f"{name}={value}" for name, value in env.items())] if env else []
    patterns = "\n".join(f"./{pattern}" for pattern in outputs)
    return ["/bin/sh", "-c", SCRIPT, "sh", patterns, str(limits.artifact_file + 1), *settings, *argv]


def _namespaces() -> list[str]:
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session", "--clearenv"),
        *("--cap-drop", "ALL", "--uid", str(INSIDE_UID), "--gid", str(INSIDE_UID), "--hostname", "sandbox"),
    ]


def _system(limits: Limits) -> list[str]:
    links = [part for name in ("bin", "sbin", "lib", "lib64") for part in ("--symlink", f"usr/{name}", f"/{name}")]
    return [
        *("--ro-bind", "/usr", "/usr"),
        *links,
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(limits.shm_size), "--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108  a place inside the box
        *("--size", str(limits.tmp_size), "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108  a place inside the box
    ]


def _etc(descriptors: Descriptors) -> list[str]:
    files = [
        part for path, fd in descriptors.etc.items() for part in ("--perms", "0444", "--ro-bind-data", str(fd), path)
    ]
    binds = [part for path in _HOST_ETC for part in ("--ro-bind-try", path, path)]
    return [*("--perms", "0755", "--dir", "/etc", "--perms", "0755", "--dir", "/etc/ssl"), *binds, *files]


def _toolchain(mounts: Mounts, limits: Limits) -> list[str]:
    args = [part for path in mounts.same_place for part in ("--ro-bind", str(path), str(path))]
    args += [part for path in mounts.optional for part in ("--ro-bind-try", str(path), str(path))]
    args += ["--size", str(limits.box_size), "--perms", "0700", "--tmpfs", "/box"]
    for inside, source in (mounts.placed or {}).items():
        args += ["--ro-bind", str(source), inside]
    for inside, size in (mounts.scratch or {}).items():
        args += ["--size", str(size), "--perms", "0700", "--tmpfs", inside]
    return args


def _environment(mounts: Mounts) -> list[str]:
    path = ":".join([*map(str, mounts.path), SYSTEM_PATH])
    values = {
        "PATH": path,
        "HOME": "/tmp",  # noqa: S108  a place inside the box
        "TMPDIR": "/tmp",  # noqa: S108  a place inside the box
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return [part for name, value in values.items() for part in ("--setenv", name, value)]


def _resource_limits(limits: Limits) -> list[str]:
    """Set inside, where the number of processes counts for this box alone. CPU: a signal that can be told, then the end."""
    return [
        "/usr/bin/prlimit",
        f"--nproc={limits.processes}",
        f"--data={limits.memory}",
        f"--fsize={limits.file_size}",
        f"--nofile={limits.open_files}",
        f"--cpu={limits.cpu_s}:{limits.cpu_s + 1}",
        "--core=0",
        "--memlock=0",
        "--msgqueue=0",
        "--",
    ]
