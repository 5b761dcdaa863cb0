"""The files of one sandbox between its runs, held in memory, and the names that may be asked for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import InvalidInput, PathRefused, TooLarge
from core.paths import checked_path
from sandbox import archive
from sandbox.mounts import NODE_MODULES

_RESERVED = NODE_MODULES.removeprefix("/box/")
_MAX_PATTERN = 240


class BoxFiles:
    """Path to content, at most `max_bytes` together."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._files: dict[str, bytes] = {}
        self._packed: bytes | None = None

    def put(self, files: Mapping[str, bytes | str]) -> None:
        """Add or replace, all or nothing. Raises PathRefused, TooLarge."""
        checked = {_checked(path): _content(content) for path, content in files.items()}
        merged = self._files | checked
        total = sum(map(len, merged.values()))
        if total > self._max_bytes:
            raise TooLarge(f"the files of a sandbox may have {self._max_bytes} bytes together, these have {total}")
        self._files = merged
        self._packed = None

    def get(self, paths: Sequence[str]) -> dict[str, bytes]:
        """The named files; unknown names are left out."""
        return {path: self._files[path] for path in paths if path in self._files}

    def unpack(self, folder: Path) -> None:
        """Write every file below `folder`, which is made. Raises OSError."""
        folder.mkdir(parents=True)
        for path, content in self._files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def packed(self) -> bytes:
        if self._packed is None:
            self._packed = archive.pack(self._files)
        return self._packed


def checked_patterns(outputs: Sequence[str]) -> list[str]:
    """`outputs` if each is a relative path or shell pattern. Raises InvalidInput."""
    for pattern in outputs:
        bad = not pattern or len(pattern) > _MAX_PATTERN or pattern.startswith("/") or not pattern.isprintable()
        if bad or ".." in pattern.split("/"):
            raise InvalidInput(f"output {pattern[:80]!r} must be a path or pattern relative to the sandbox's folder")
    return list(outputs)


def checked_env(env: Mapping[str, str] | None) -> dict[str, str]:
    """`env` if its names are names and nothing holds a NUL. Raises InvalidInput."""
    for name, value in (env or {}).items():
        if not name.isidentifier() or not name.isascii() or "\0" in value:
            raise InvalidInput(f"environment variable {name[:80]!r} has a name or value that cannot be set")
    return dict(env or {})


def checked_argv(argv: Sequence[str]) -> list[str]:
    """`argv` if it names a program and nothing holds a NUL. Raises InvalidInput."""
    if not argv or not argv[0] or "=" in argv[0] or argv[0].startswith("-") or any("\0" in part for part in argv):
        raise InvalidInput("a command needs a program name, without `=` or NUL")
    return list(argv)


def _checked(path: str) -> str:
    checked = checked_path(path)
    if checked == _RESERVED or checked.startswith(f"{_RESERVED}/"):
        raise PathRefused(f"{_RESERVED} is the toolchain's own folder and read-only", path=path)
    return checked


def _content(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content)
