"""The summary that `git diff --stat` gives of two versions."""

import difflib
from collections.abc import Mapping

WIDTH = 60
"""Columns of a line without its count; longer names lose their beginning, as git does it."""
GRAPH = 20
MAX_COMPARED_LINES = 3_000


def diff_stat(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> str:
    """One line per changed file and a total, without a line feed at the end; empty when nothing changed."""
    changes = [
        (path, *_counts(old.get(path, b""), new.get(path, b"")))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]
    if not changes:
        return ""
    name_width = min(WIDTH, max(len(path) for path, _, _ in changes))
    most = max(added + deleted for _, added, deleted in changes)
    count_width = len(str(most))
    lines = []
    for path, added, deleted in changes:
        name = path if len(path) <= name_width else "..." + path[-(name_width - 3) :]
        bar = "+" * _scaled(added, most) + "-" * _scaled(deleted, most)
        lines.append(f" {name:<{name_width}} | {added + deleted:>{count_width}} {bar}".rstrip())
    total = diff_total(len(changes), sum(change[1] for change in changes), sum(change[2] for change in changes))
    return "\n".join([*lines, total])


def diff_total(files: int, added: int, deleted: int) -> str:
    """The last line, of so many files and lines; empty when nothing changed."""
    if not files:
        return ""
    parts = [f" {files} file{'s' * (files != 1)} changed"]
    if added or not deleted:
        parts.append(f"{added} insertion{'s' * (added != 1)}(+)")
    if deleted or not added:
        parts.append(f"{deleted} deletion{'s' * (deleted != 1)}(-)")
    return ", ".join(parts)


def _scaled(count: int, most: int) -> int:
    if most <= GRAPH:
        return count
    return 0 if count == 0 else max(1, round(count * GRAPH / most))


def _counts(old: bytes, new: bytes) -> tuple[int, int]:
    """(added, deleted) lines."""
    before, after = _lines(old), _lines(new)
    if not before or not after or max(len(before), len(after)) > MAX_COMPARED_LINES:
        return len(after), len(before)
    blocks = difflib.SequenceMatcher(None, before, after).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return len(after) - kept, len(before) - kept


def _lines(content: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in content.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
