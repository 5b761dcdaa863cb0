"""The one rule for paths that agents and people name inside a workspace."""

import unicodedata
from pathlib import PurePosixPath

from core.errors import PathRefused

MAX_PATH_CHARACTERS = 240
MAX_DEPTH = 16
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{name}{digit}" for name in ("com", "lpt") for digit in range(1, 10)}
_FORBIDDEN_CHARACTERS = set('<>:"|?*\\')


def checked_path(path: str) -> str:
    """Return `path` if it is a plain relative POSIX path that means the same on every file system.

    Raises PathRefused with the reason: empty, absolute, `..`, control or forbidden characters, reserved names, `.git`,
    names that end in a dot or space, not in Unicode NFC, too long or too deep.
    """
    if not path or path != path.strip():
        raise PathRefused(f"path {path!r} is empty or has spaces around it", path=path)
    if len(path) > MAX_PATH_CHARACTERS:
        raise PathRefused(f"path is longer than {MAX_PATH_CHARACTERS} characters", path=path[:80])
    if path.startswith("/") or path.endswith("/") or (len(path) > 1 and path[1] == ":"):
        raise PathRefused(f"path {path!r} must be relative and name a file", path=path)
    if unicodedata.normalize("NFC", path) != path:
        raise PathRefused(f"path {path!r} must be in Unicode NFC", path=path)
    if any(unicodedata.category(char).startswith("C") or char in _FORBIDDEN_CHARACTERS for char in path):
        raise PathRefused(f"path {path!r} has a character that is not allowed", path=path)
    parts = path.split("/")
    if len(parts) > MAX_DEPTH:
        raise PathRefused(f"path {path!r} is deeper than {MAX_DEPTH} folders", path=path)
    for part in parts:
        _check_part(part, path)
    return str(PurePosixPath(path))


def _check_part(part: str, path: str) -> None:
    if part in ("", ".", ".."):
        raise PathRefused(f"path {path!r} may not contain an empty part, `.` or `..`", path=path)
    if part.endswith((".", " ")):
        raise PathRefused(f"path {path!r} has a part that ends in a dot or a space", path=path)
    lowered = part.casefold()
    if lowered in (".git", "git~1"):
        raise PathRefused(f"path {path!r} would reach into the repository's own folder", path=path)
    if lowered.split(".", 1)[0] in _RESERVED:
        raise PathRefused(f"path {path!r} uses a reserved name", path=path)
