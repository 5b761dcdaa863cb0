"""Makes the PNG of a screenshot smaller: the 256 colours that matter most. On text and plain ground nobody sees it."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS, SURE = 256, 48
ALIKE = 400
Colour = tuple[int, int, int]


def with_palette(png: bytes) -> bytes:
    """The same picture with a palette. Raises ValueError for other PNGs than those of 8 bits and RGB or RGBA."""
    chunks = list(_chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    if (depth, kind) not in ((8, 2), (8, 6)):
        raise ValueError(f"a PNG of {depth} bits and kind {kind} is not read here")
    step = 3 if kind == 2 else 4
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * step, step))
    pixels = [[row[at : at + 3] for at in range(0, len(row), step)] for row in rows]
    palette, index = _palette(Counter(pixel for row in pixels for pixel in row))
    lines = b"".join(b"\0" + bytes(map(index.__getitem__, row)) for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in palette)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _palette(counts: Counter[bytes]) -> tuple[Sequence[Colour], dict[bytes, int]]:
    """The colours that are kept, and which of them stands for each colour.

    The commonest come first; of colours that look alike only one, so that a small mark keeps its colour, too.
    """
    order = [(colour[0], colour[1], colour[2]) for colour, _ in counts.most_common()]
    palette = order[:SURE]
    alike: list[Colour] = []
    for colour in order[SURE:]:
        if len(palette) == COLOURS:
            break
        close = _distance(colour, palette[_nearest(colour, palette)]) < ALIKE
        (alike if close else palette).append(colour)
    palette += alike[: COLOURS - len(palette)]
    known = {bytes(colour): place for place, colour in enumerate(palette)}
    return palette, {colour: known.get(colour, _nearest(colour, palette)) for colour in counts}


def _nearest(colour: bytes | Colour, palette: Sequence[Colour]) -> int:
    return min(range(len(palette)), key=lambda place: _distance(colour, palette[place]))


def _distance(one: bytes | Colour, other: Colour) -> int:
    """How different two colours look, roughly: green counts most."""
    return 2 * (one[0] - other[0]) ** 2 + 4 * (one[1] - other[1]) ** 2 + 3 * (one[2] - other[2]) ** 2


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not png.startswith(SIGNATURE):
        raise ValueError("this is no PNG")
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _rows(raw: bytes, length: int, step: int) -> Iterator[bytes]:
    """The pixels of each line, its filter undone (PNG 1.2, section 6)."""
    above = bytearray(length)
    for start in range(0, len(raw), length + 1):
        line = bytearray(raw[start + 1 : start + 1 + length])
        _unfilter(raw[start], line, above, step)
        yield bytes(line)
        above = line


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    if kind == 0:
        return
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        line[at] = (line[at] + _predicted(kind, left, above[at], corner)) & 255


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    far_left, far_up, far_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    if far_left <= far_up and far_left <= far_corner:
        return left
    return up if far_up <= far_corner else corner
