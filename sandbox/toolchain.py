"""Which toolchains the sandbox has: a Python environment and node_modules, built from hashed locks by `sandbox.toolchains`.

`locate` is cheap and starts nothing; every path it gives is to be bound read-only at the same place inside the box.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

_LOCKS = Path(__file__).parent / "toolchains"
PYTHON_LOCK = _LOCKS / "python" / "requirements.lock"
NODE_LOCK = _LOCKS / "node" / "package-lock.json"
NODE_RUNTIME_LOCK = _LOCKS / "node" / "runtime.lock"
SYSTEM_HOME = Path("/var/lib/autonomy")
SYSTEM_FOLDERS = (Path("/usr/bin"), Path("/usr/local/bin"))


@dataclass(frozen=True)
class Toolchains:
    """What is built for the locks of this version.

    `python` is a virtual environment, `node_modules` a folder of that name, `node_bin` the node executable; None where set-up
    could not build it. `binds` are further folders that these need inside because they are not under /usr.
    """

    python: Path | None = None
    node_modules: Path | None = None
    node_bin: Path | None = None
    python_version: str = ""
    node_version: str = ""
    binds: tuple[Path, ...] = ()

    @property
    def path_folders(self) -> tuple[Path, ...]:
        """Folders to put first in PATH inside the box."""
        folders = [self.python / "bin"] if self.python else []
        if self.node_bin and self.node_bin.parent not in SYSTEM_FOLDERS:
            folders.append(self.node_bin.parent)
        return tuple(folders)


@dataclass(frozen=True)
class Record:
    """Written into a toolchain's folder last, so a folder that has one is complete.

    `lock` is the digest of the lock it was built from, `program` the interpreter that runs it, `outside` a folder that this
    needs and that is not under /usr (empty when there is none).
    """

    lock: str
    version: str
    program: str
    outside: str = ""

    NAME = "toolchain.json"

    def write(self, folder: Path) -> None:
        partial = folder / f"{self.NAME}.partial"
        partial.write_text(json.dumps(asdict(self), indent=2))
        partial.chmod(0o644)
        partial.replace(folder / self.NAME)


def default_home(uid: int, home: Path) -> Path:
    """The folder of toolchains and private tools: where the uid of root's sandbox can reach it, else the user's cache."""
    return SYSTEM_HOME if uid == 0 else home / ".cache" / "autonomy"


def locate(root: Path) -> Toolchains:
    """The complete toolchains under `root` that match the locks and whose interpreter is still there."""
    python, python_record = next(_complete(root, "python", PYTHON_LOCK), (None, None))
    node, node_record = next(_complete(root, "node", NODE_LOCK), (None, None))
    outside = [record.outside for record in (python_record, node_record) if record and record.outside]
    return Toolchains(
        python=python,
        node_modules=node / "node_modules" if node else None,
        node_bin=Path(node_record.program) if node_record else None,
        python_version=python_record.version if python_record else "",
        node_version=node_record.version if node_record else "",
        binds=tuple(Path(folder) for folder in outside),
    )


def lock_digest(lock: Path) -> str:
    """Digest of what a lock file asks for: its lines in any order, comments left out."""
    lines = (line.strip() for line in lock.read_text().splitlines())
    wanted = sorted(line for line in lines if line and not line.startswith("#"))
    return hashlib.sha256("\n".join(wanted).encode()).hexdigest()


def toolchain_key(version: str, lock: Path) -> str:
    """Names an environment by interpreter version, platform and locked packages."""
    parts = (version, sys.platform, platform.machine(), lock_digest(lock))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _complete(root: Path, kind: str, lock: Path) -> Iterator[tuple[Path, Record]]:
    digest = lock_digest(lock)
    for path in sorted(root.glob(f"{kind}-*/{Record.NAME}")):
        record = Record(**json.loads(path.read_text()))
        if record.lock == digest and Path(record.program).exists():
            yield path.parent, record
