"""Files into a box and out of it as plain ustar, from and to memory.

What comes out is written by untrusted code: only regular files of a sane size under sane names are taken, and nothing here
skips, seeks or allocates by a number that the archive claims.
"""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import PathRefused
from core.paths import checked_path
from core.sandboxes import Limits

_BLOCK = 512
_HEADER_ROOM = 2 * _BLOCK
_REGULAR = (b"0", b"\0")
_KINDS = {b"1": "hard link", b"2": "symbolic link", b"3": "device", b"4": "device", b"5": "folder", b"6": "FIFO"}


@dataclass
class Unpacked:
    """Regular files by path, and for what was left out the reason."""

    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive of `files`, ended properly, modes 0644."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def room(limits: Limits) -> int:
    """The most bytes an honest archive within `limits` can have; whoever sends more is cut off."""
    return limits.artifact_total + (limits.artifact_files + 16) * _HEADER_ROOM


def unpack(data: bytes, limits: Limits) -> Unpacked:
    """Take what is acceptable from `data`, in order, until its end or the first header that makes no sense."""
    found = Unpacked()
    total = offset = 0
    while offset + _BLOCK <= len(data):
        header = data[offset : offset + _BLOCK]
        if not any(header):
            break
        size = _number(header[124:136])
        if size is None or not _checksum_holds(header):
            found.refused.setdefault("(archive)", "a header makes no sense; nothing after it is taken")
            break
        body = offset + _BLOCK
        offset = body + -(-size // _BLOCK) * _BLOCK
        path = _path(header)
        reason = _objection(header, path, size, total, len(found.files), limits)
        if not reason and body + size > len(data):
            reason = "the archive ends before the file does"
        if reason:
            found.refused[path] = reason
        elif header[156:157] != b"5":
            found.files[checked_path(path)] = data[body : body + size]
            total += size
    return found


def _objection(header: bytes, path: str, size: int, total: int, count: int, limits: Limits) -> str:
    kind = header[156:157]
    if kind == b"5":
        return ""
    if kind not in _REGULAR:
        return f"not a regular file ({_KINDS.get(kind, 'unknown kind')})"
    if size > limits.artifact_file:
        return f"larger than {limits.artifact_file} bytes"
    if total + size > limits.artifact_total:
        return f"all outputs together are larger than {limits.artifact_total} bytes"
    if count >= limits.artifact_files:
        return f"more than {limits.artifact_files} files"
    try:
        checked_path(path)
    except PathRefused as error:
        return str(error)
    return ""


def _path(header: bytes) -> str:
    name, prefix = _text(header[0:100]), _text(header[345:500])
    path = f"{prefix}/{name}" if prefix else name
    return path.removeprefix("./")


def _text(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def _number(value: bytes) -> int | None:
    """An octal field; None for anything else, such as the base-256 numbers that only absurd sizes need."""
    digits = value.strip(b" \0")
    if not digits or digits.translate(None, b"01234567"):
        return None
    return int(digits, 8)


def _checksum_holds(header: bytes) -> bool:
    stated = _number(header[148:156])
    return stated == sum(header[:148]) + sum(header[156:]) + 8 * ord(" ")
