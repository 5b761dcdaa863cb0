"""How this service and the agent on the machine write to each other: a JSON header and bytes, packed. Runs on both sides."""

import base64
import json
import zlib
from collections.abc import Mapping

MARK = "@autonomy "
"""Begins a line of the agent; whatever else a login shell may print is not read."""

_FASTEST = 1


class Garbled(ValueError):
    """What came is not what the other side writes."""


def pack(header: Mapping[str, object], body: bytes = b"") -> bytes:
    return zlib.compress(json.dumps(header).encode() + b"\n" + body, _FASTEST)


def unpack(data: bytes, most: int) -> tuple[dict[str, object], bytes]:
    """Header and body, at most `most` bytes together. Raises Garbled."""
    inflating = zlib.decompressobj()
    try:
        plain = inflating.decompress(data, most)
        head, newline, body = plain.partition(b"\n")
        header = json.loads(head)
    except (ValueError, zlib.error, RecursionError) as error:
        raise Garbled("it cannot be unpacked") from error
    if not inflating.eof or not newline or not isinstance(header, dict):
        raise Garbled("it is cut off, too large or without a header")
    return header, body


def line(header: Mapping[str, object], body: bytes = b"") -> str:
    """One line of text for the agent's standard output."""
    return f"{MARK}{base64.b64encode(pack(header, body)).decode()}\n"


def unpack_line(text: str, most: int) -> tuple[dict[str, object], bytes]:
    """Raises Garbled."""
    try:
        data = base64.b64decode(text.removeprefix(MARK).rstrip("\n"), validate=True)
    except ValueError as error:
        raise Garbled("it is not base64") from error
    return unpack(data, most)
