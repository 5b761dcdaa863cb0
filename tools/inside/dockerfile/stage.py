"""One stage of a build: its folder, its environment, who owns what in it, and its paths as they are in the sandbox."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

IMAGE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEM = frozenset({"bin", "dev", "etc", "lib", "lib64", "proc", "run", "sbin", "sys", "tmp", "usr", "var", "root"})
_ABSOLUTE = re.compile(r"(?:(?<=:///)|(?<![\w.}\])$/~-]))/(?!/)[\w.@+/-]+")
"""A path of its own, or that of an SQLite address; not what stands behind a host, a name or a variable."""


@dataclass
class Stage:
    """`places` are the folders and files that the Dockerfile speaks of; `copied` says what of the application a file is.

    A stage that is not executed says why in `not_executed`.
    """

    number: int
    name: str
    root: Path
    base: str
    kind: str = ""
    tools: set[str] = field(default_factory=set)
    env: dict[str, str] = field(default_factory=lambda: {"PATH": IMAGE_PATH})
    args: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "root"
    users: dict[str, str] = field(default_factory=lambda: {"root": "0"})
    places: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    copied: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    not_executed: str = ""

    @property
    def known(self) -> dict[str, str]:
        """Variables that instructions may name."""
        return {**self.args, **self.env}

    def real(self, path: str) -> Path:
        """Where a path of the image is in the sandbox."""
        inner = os.path.normpath(os.path.join(self.workdir, path))
        return self.root / inner.lstrip("/")

    def learn(self, *paths: str) -> None:
        """Folders that the Dockerfile names are in the stage's folder from now on."""
        self.places |= {path.rstrip("/") for path in paths if path.strip("/") and path.split("/")[1] not in _SYSTEM}

    def learn_from(self, text: str) -> None:
        self.learn(*(found for found in _ABSOLUTE.findall(text)))

    def translate(self, text: str) -> str:
        """The text with paths of the image as they are in the sandbox."""

        def path(found: re.Match[str]) -> str:
            return f"{self.root}{found[0]}" if self.is_inside(found[0]) else found[0]

        return _ABSOLUTE.sub(path, text)

    def is_inside(self, path: str) -> bool:
        """Whether a path of the image is meant, which is in the stage's folder here."""
        if any(path == place or path.startswith(f"{place}/") for place in self.places):
            return True
        return os.path.lexists(self.root / path.strip("/")) and path.strip("/") not in _SYSTEM

    def environment(self, *first: Path) -> dict[str, str]:
        """The image's variables as a process in the sandbox gets them; `first` are folders that come before its PATH."""
        path = ":".join(
            f"{self.root}{folder}" if folder.startswith("/usr/local") else self.translate(folder)
            for folder in self.env["PATH"].split(":")
        )
        given = {name: self.translate(value) for name, value in self.env.items()}
        home = self._home()
        home.mkdir(parents=True, exist_ok=True)
        passed = {"HOME": str(home), "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108  # the box's own
        return {**passed, **given, "PATH": ":".join([*map(str, first), path])}

    def _home(self) -> Path:
        if self.uid(self.user) == "0":
            return self.root / "root"
        named = self.root / "home" / self.user.split(":")[0]
        return named if named.is_dir() else self.root / "tmp" / "home"

    def uid(self, user: str) -> str:
        """The number of a user, of `name`, `name:group` or a number; the name where nobody has made it."""
        name = user.split(":")[0].strip()
        return self.users.get(name, name)

    def own(self, owner: str, paths: Iterable[str]) -> None:
        for path in paths:
            self.owners[str(self.real(path) if not path.startswith(str(self.root)) else path)] = self.uid(owner)

    def lock(self) -> None:
        """Take away write permission from what the final user does not own, as the image would have it."""
        user = self.uid(self.user)
        if user == "0":
            return
        for folder, names, files in os.walk(self.root, topdown=False):
            for name in (*names, *files, ""):
                path = os.path.join(folder, name) if name else folder
                self._lock(path, user)

    def _lock(self, path: str, user: str) -> None:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) or mode & stat.S_IWOTH or self._owner(path) == user:
            return
        os.chmod(path, stat.S_IMODE(mode) & ~0o222)

    def _owner(self, path: str) -> str:
        """Who owns a path: the nearest folder that an owner was given to decides."""
        while path.startswith(str(self.root)):
            if path in self.owners:
                return self.owners[path]
            if path == f"{self.root}/tmp":  # noqa: S108  # inside the stage's folder
                return self.uid(self.user)
            path = os.path.dirname(path)
        return "0"
