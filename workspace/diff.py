"""Unified diffs between two versions of a workspace, as git writes them; renames are a deletion and an addition."""

import difflib
from collections.abc import Callable, Iterator, Mapping

from core.workspaces import Diff, FileChange

MAX_COMPARED_LINES = 3_000
"""Above this on either side a file is shown as replaced whole: comparing costs up to the product of both."""

ReadBlobs = Callable[[Mapping[str, str]], Mapping[str, bytes]]


def diff_files(old: Mapping[str, str], new: Mapping[str, str], read: ReadBlobs, *, max_bytes: int) -> Diff:
    """Diff two maps of path to blob id. Counts are of the whole; the patch ends before the line that would pass `max_bytes`."""
    files: list[FileChange] = []
    patch: list[str] = []
    room, truncated = max_bytes, False
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) == new.get(path):
            continue
        hunks = list(_hunks(_text(path, old, read), _text(path, new, read)))
        files.append(
            FileChange(
                path=path,
                status="added" if path not in old else "deleted" if path not in new else "modified",
                additions=sum(line.startswith("+") for line in hunks),
                deletions=sum(line.startswith("-") for line in hunks),
            )
        )
        for line in [*_header(path, old.get(path), new.get(path), has_hunks=bool(hunks)), *hunks]:
            room -= len(line.encode())
            truncated = truncated or room < 0
            if not truncated:
                patch.append(line)
    return Diff(files=tuple(files), patch="".join(patch), truncated=truncated)


def _text(path: str, version: Mapping[str, str], read: ReadBlobs) -> str:
    return read({path: version[path]})[path].decode() if path in version else ""


def _header(path: str, old: str | None, new: str | None, *, has_hunks: bool) -> Iterator[str]:
    yield f"diff --git {_quoted('a/', path)} {_quoted('b/', path)}\n"
    if old is None:
        yield "new file mode 100644\n"
    elif new is None:
        yield "deleted file mode 100644\n"
    mode = " 100644" if old and new else ""
    yield f"index {old or '0' * 40}..{new or '0' * 40}{mode}\n"
    if has_hunks:
        # git ends a name that has a space with a tab, for what stands behind it in other tools' diffs
        tab = "\t" if " " in path else ""
        yield f"--- {_quoted('a/', path)}{tab}\n" if old else "--- /dev/null\n"
        yield f"+++ {_quoted('b/', path)}{tab}\n" if new else "+++ /dev/null\n"


def _hunks(old: str, new: str) -> Iterator[str]:
    """The hunks only: `@@` lines and lines that begin with a space, `+`, `-` or a backslash."""
    before, after = _lines(old), _lines(new)
    if max(len(before), len(after)) > MAX_COMPARED_LINES and before and after:
        yield f"@@ -1,{len(before)} +1,{len(after)} @@\n"
        lines = [f"-{line}" for line in before] + [f"+{line}" for line in after]
    else:
        lines = list(difflib.unified_diff(before, after))[2:]
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends, cut at line feeds alone, as git does."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _quoted(prefix: str, path: str) -> str:
    """The name as git writes it: quoted, with octal bytes, when it is not plain ASCII."""
    if path.isascii():
        return prefix + path
    return '"' + prefix + "".join(chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in path.encode()) + '"'
