"""The ids that git gives to contents and to trees, computed from what is in them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

FILE_MODE = "100644"
FILE_MODES = ("100644", "100755")
_FOLDER_MODE = "40000"


@dataclass(frozen=True)
class Entry:
    """A file, a symbolic link (120000) or another repository (160000) in a tree; `mode` is octal, `blob` its id."""

    mode: str
    blob: str


def blob_id(content: bytes) -> str:
    return _hash("blob", content)


def tree_id(entries: Mapping[str, Entry]) -> str:
    """Id of the tree that has these entries, by path from its root, and nothing else; empty folders do not exist."""
    here: dict[str, Entry] = {}
    folders: dict[str, dict[str, Entry]] = defaultdict(dict)
    for path, entry in entries.items():
        folder, separator, rest = path.partition("/")
        if separator:
            folders[folder][rest] = entry
        else:
            here[path] = entry
    here |= {name: Entry(_FOLDER_MODE, tree_id(inside)) for name, inside in folders.items()}
    rows = sorted((_sorted_as(name, entry), name.encode(), entry) for name, entry in here.items())
    return _hash("tree", b"".join(_row(name, entry) for _, name, entry in rows))


def _sorted_as(name: str, entry: Entry) -> bytes:
    """Git compares names as if a folder's ended in a slash."""
    return name.encode() + (b"/" if entry.mode == _FOLDER_MODE else b"")


def _row(name: bytes, entry: Entry) -> bytes:
    return entry.mode.encode() + b" " + name + b"\0" + bytes.fromhex(entry.blob)


def _hash(kind: str, content: bytes) -> str:
    # It names content and protects nothing.
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
