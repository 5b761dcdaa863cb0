"""What of a change may enter a workspace, and why not. The path rule itself is core.paths; this adds what needs the tree."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import PathRefused
from core.paths import MAX_PATH_CHARACTERS, checked_path
from core.workspaces import MAX_FILE_BYTES, MAX_FILES, Change, RefusedFile

MAX_NAME_BYTES = 255
MAX_ATTRIBUTES_LINE_BYTES = 2048
"""What git itself accepts in a line of .gitattributes."""
_MODULES = re.compile(r"\.gitmodules|gi[0-9a-z.]{0,6}~[0-9]+")


@dataclass(frozen=True)
class Admitted:
    """The part of a change that may be written: file contents as bytes, paths to delete; and what was refused."""

    files: Mapping[str, bytes]
    deletes: tuple[str, ...]
    refused: tuple[RefusedFile, ...]


@dataclass
class _Tree:
    """The paths of a workspace, to see what a new path would clash with."""

    files: set[str] = field(default_factory=set)
    spellings: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def add(self, path: str) -> None:
        self.files.add(path)
        for prefix in _prefixes(path):
            self.spellings[_folded(prefix)] = prefix
            if prefix != path:
                self.folders.add(prefix)

    def check(self, path: str) -> None:
        """Raise _Refused when `path` cannot stand beside the paths that are there."""
        for prefix in _prefixes(path):
            spelling = self.spellings.get(_folded(prefix), prefix)
            if spelling != prefix:
                raise _Refused(f"differs only in letter case from `{spelling}`, which is there already")
            if prefix != path and prefix in self.files:
                raise _Refused(f"cannot be made: `{prefix}` is a file, not a folder")
        if path in self.folders:
            raise _Refused("is a folder in this workspace, not a file")
        if path not in self.files and len(self.files) >= MAX_FILES:
            raise _Refused(f"is one too many: a workspace holds at most {MAX_FILES} files")


class _Refused(Exception):
    """The reason, as a sentence without its subject."""


def admit(existing: Collection[str], change: Change) -> Admitted:
    """Split `change` into what may be written over the files `existing` and what is refused, each with its reason.

    Deletes come first, so that a file may be replaced by a folder of its name; a path that is written is not deleted.
    """
    refused: list[RefusedFile] = []
    deletes: list[str] = []
    for path in change.deletes:
        try:
            _check_path(path)
        except _Refused as error:
            refused.append(_refusal(path, error))
            continue
        if path not in change.files:
            deletes.append(path)
    tree = _Tree()
    for path in sorted(set(existing) - set(deletes)):
        tree.add(path)
    files: dict[str, bytes] = {}
    for path, text in change.files.items():
        try:
            _check_path(path)
            tree.check(path)
            files[path] = _checked_content(path, text)
        except _Refused as error:
            refused.append(_refusal(path, error))
            continue
        tree.add(path)
    return Admitted(files, tuple(deletes), tuple(refused))


def _check_path(path: str) -> None:
    try:
        checked_path(path)
    except PathRefused as error:
        raise _Refused(str(error)) from error
    for part in path.split("/"):
        if len(part.encode()) > MAX_NAME_BYTES:
            raise _Refused(f"has a part of more than {MAX_NAME_BYTES} bytes")
        if _MODULES.fullmatch(part.casefold()):
            raise _Refused("would declare submodules, which are not allowed")


def _checked_content(path: str, text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise _Refused(f"is not text: character {error.start} cannot be written as UTF-8") from error
    if len(content) > MAX_FILE_BYTES:
        raise _Refused(f"is larger than {MAX_FILE_BYTES} bytes")
    if b"\0" in content:
        raise _Refused("is binary: it has a NUL byte")
    if path.rsplit("/", 1)[-1].casefold() == ".gitattributes":
        longest = max(len(line) for line in content.split(b"\n"))
        if longest >= MAX_ATTRIBUTES_LINE_BYTES:
            raise _Refused(f"has a line of {MAX_ATTRIBUTES_LINE_BYTES} bytes or more, which git refuses")
    return content


def _refusal(path: str, reason: _Refused) -> RefusedFile:
    # A path may be anything at all; what goes into events and messages must be printable.
    shown = path[: MAX_PATH_CHARACTERS + 1].encode("utf-8", "backslashreplace").decode()
    return RefusedFile(path=shown, reason=str(reason))


def _prefixes(path: str) -> Iterator[str]:
    """`a`, `a/b`, `a/b/c` of `a/b/c`."""
    for match in re.finditer("/", path):
        yield path[: match.start()]
    yield path


def _folded(path: str) -> str:
    """The same for all paths that a case-insensitive file system takes for one."""
    return unicodedata.normalize("NFC", path.casefold())
