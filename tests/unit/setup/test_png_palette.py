"""Pictures of the documentation get a palette and stay the same pictures."""

import struct
import zlib

import pytest

from scripts.png_palette import SIGNATURE, with_palette

WHITE, BLUE, GREY = b"\xff\xff\xff", b"\x10\x20\xf0", b"\x80\x80\x80"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(lines: bytes, width: int, height: int, kind: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def colours(picture: bytes) -> list[bytes]:
    """The pixels of a PNG with a palette, line by line."""
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at < len(picture):
        length, name = struct.unpack(">I4s", picture[at : at + 8])
        found[name] = picture[at + 8 : at + 8 + length]
        at += 12 + length
    width, height = struct.unpack(">II", found[b"IHDR"][:8])
    raw, palette = zlib.decompress(found[b"IDAT"]), found[b"PLTE"]
    lines = [raw[line * (width + 1) + 1 : (line + 1) * (width + 1)] for line in range(height)]
    return [palette[3 * place : 3 * place + 3] for line in lines for place in line]


def test_each_filter_of_a_line_is_undone() -> None:
    flat = b"\0" + WHITE + BLUE
    left = b"\1" + BLUE + bytes((white - blue) & 255 for white, blue in zip(WHITE, BLUE, strict=True))
    above = b"\2" + bytes(6)
    half_above = b"\3" + bytes((255 - each // 2) & 255 for each in BLUE) + bytes(3)
    pixels = colours(with_palette(png(flat + left + above, 2, 3)))
    assert pixels == [WHITE, BLUE, BLUE, WHITE, BLUE, WHITE]
    averaged = colours(with_palette(png(b"\0" + BLUE + WHITE + half_above, 2, 2)))
    assert averaged[2:] == [WHITE, WHITE]
    guessed = colours(with_palette(png(b"\0" + GREY + GREY + b"\4" + bytes(6), 2, 2)))
    assert guessed == [GREY] * 4


def test_of_more_colours_than_fit_alike_ones_share_one_and_a_rare_mark_keeps_its_own() -> None:
    many = [bytes((each % 256, each // 256, 0)) for each in range(300)]
    pixels = colours(with_palette(png(b"\0" + b"".join(many * 2) + BLUE, 601, 1)))
    assert pixels[-1] == BLUE
    assert all(abs(got[0] - want[0]) + abs(got[1] - want[1]) <= 20 for got, want in zip(pixels, many * 2, strict=False))


def test_what_is_no_such_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no PNG"):
        with_palette(b"GIF89a")
    with pytest.raises(ValueError, match="kind 0"):
        with_palette(png(b"\0\0", 1, 1, kind=0))
