"""Archives that no honest tar makes: what is sane is taken, nothing is believed, nothing takes long."""

import io
import os
import random
import tarfile
import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.sandboxes import Limits
from sandbox.archive import pack, room, unpack

LIMITS = Limits()
BLOCK = 512


def header(name: bytes, size: bytes, kind: bytes = b"0", prefix: bytes = b"", link: bytes = b"") -> bytes:
    """One ustar header with a right checksum."""
    fields = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + size.ljust(12, b"\0") + b"00000000000\0"
    fields += b" " * 8 + kind + link.ljust(100, b"\0") + b"ustar\x0000" + bytes(80) + prefix.ljust(155, b"\0")
    fields = fields.ljust(BLOCK, b"\0")
    return fields[:148] + f"{sum(fields):06o}\0 ".encode() + fields[156:]


def octal(size: int) -> bytes:
    return f"{size:011o}\0".encode()


def file(name: str, content: bytes) -> bytes:
    return header(name.encode(), octal(len(content))) + content + bytes(-len(content) % BLOCK)


GOOD = file("good.txt", b"good")
END = bytes(2 * BLOCK)


def test_what_was_packed_is_unpacked() -> None:
    files = {"a.txt": b"a", "deep/er/b.bin": bytes(range(256)) * 5, "empty": b"", "with space": b"x"}
    assert unpack(pack(files), LIMITS).files == files


def test_a_long_path_is_found_in_both_halves_of_its_header() -> None:
    data = header(b"name.txt", octal(1), prefix=b"a/long/way") + b"x".ljust(BLOCK, b"\0")
    assert unpack(data + END, LIMITS).files == {"a/long/way/name.txt": b"x"}


def test_leading_dots_of_the_pattern_are_no_part_of_the_name() -> None:
    assert unpack(file("./r/junit.xml", b"x") + END, LIMITS).files == {"r/junit.xml": b"x"}


def test_links_devices_and_pipes_are_refused_and_the_good_file_is_taken() -> None:
    bad = b"".join(
        header(b"bad-" + kind, octal(0), kind=kind, link=b"/etc/passwd") for kind in (b"1", b"2", b"3", b"4", b"6")
    )
    found = unpack(bad + GOOD + END, LIMITS)
    assert found.files == {"good.txt": b"good"}
    assert set(found.refused) == {"bad-1", "bad-2", "bad-3", "bad-4", "bad-6"}


def test_extensions_that_change_the_meaning_of_the_next_header_are_refused() -> None:
    for kind in (b"x", b"g", b"L", b"K", b"S", b"V", b"7"):
        found = unpack(header(b"extension", octal(4), kind=kind) + b"path".ljust(BLOCK, b"\0") + GOOD + END, LIMITS)
        assert found.files == {"good.txt": b"good"}
        assert set(found.refused) == {"extension"}


def test_folders_are_passed_over() -> None:
    found = unpack(header(b"folder/", octal(0), kind=b"5") + GOOD + END, LIMITS)
    assert (found.files, found.refused) == ({"good.txt": b"good"}, {})


def test_a_header_that_claims_absurd_sizes_costs_nothing() -> None:
    started = time.process_time()
    for size in (
        b"\x80" + (1 << 60).to_bytes(11, "big"),
        b"\xff" * 12,
        b"77777777777\0",
        b"-0000000001\0",
        b"0x10",
        b"",
        b"9",
    ):
        found = unpack(GOOD + header(b"huge", size) + file("after.txt", b"x") + END, LIMITS)
        assert found.files == {"good.txt": b"good"}
        assert len(found.refused) == 1
    assert time.process_time() - started < 1


def test_a_wrong_checksum_ends_the_reading() -> None:
    bad = bytearray(file("bad.txt", b"x"))
    bad[0] ^= 1
    assert unpack(GOOD + bytes(bad) + END, LIMITS).files == {"good.txt": b"good"}


def test_names_that_lead_out_are_refused() -> None:
    names = ["/etc/passwd", "../up", "a/../../up", ".git/hooks/x", "a//b", "", "c:x", "nul", "a\nb"]
    found = unpack(b"".join(file(name, b"x") for name in names) + GOOD + END, LIMITS)
    assert found.files == {"good.txt": b"good"}
    assert len(found.refused) == len(names)


def test_a_name_that_is_no_text_is_refused_or_harmless() -> None:
    found = unpack(header(b"\xff\xfe.txt", octal(1)) + b"x".ljust(BLOCK, b"\0") + GOOD + END, LIMITS)
    assert found.files == {"good.txt": b"good"}


def test_a_file_beyond_its_limit_is_refused() -> None:
    found = unpack(file("large", b"x" * 101) + GOOD + END, replace(LIMITS, artifact_file=100))
    assert found.files == {"good.txt": b"good"}
    assert "larger than 100" in found.refused["large"]


def test_all_files_together_are_bounded() -> None:
    data = b"".join(file(f"f{i}", b"x" * 60) for i in range(5)) + END
    assert list(unpack(data, replace(LIMITS, artifact_total=120)).files) == ["f0", "f1"]
    assert list(unpack(data, replace(LIMITS, artifact_files=3)).files) == ["f0", "f1", "f2"]


def test_an_archive_that_breaks_off_gives_what_was_whole() -> None:
    data = GOOD + file("cut.txt", b"x" * 2000)
    found = unpack(data[:-600], LIMITS)
    assert found.files == {"good.txt": b"good"}
    assert set(found.refused) == {"cut.txt"}


def test_a_sparse_file_of_gnu_tar_is_refused() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("sparse")
        member.type = tarfile.GNUTYPE_SPARSE
        member.size = 1 << 40
        archive.addfile(member)
    assert unpack(buffer.getvalue(), LIMITS).files == {}


def test_an_honest_archive_at_its_limits_fits_into_the_room_that_is_read() -> None:
    limits = replace(LIMITS, artifact_total=10_000, artifact_files=10)
    assert len(pack({f"f{i}": bytes(1000) for i in range(10)})) <= room(limits)


@given(st.binary(max_size=4096))
def test_noise_is_no_archive(noise: bytes) -> None:
    assert unpack(noise, LIMITS).files == {}


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_damaged_archive_never_gives_a_file_outside(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(pack({"a.txt": b"a" * 600, "b/c.txt": b"b"}))
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    for path, content in unpack(bytes(data), LIMITS).files.items():
        assert not path.startswith("/")
        assert ".." not in path.split(os.sep)
        assert len(content) <= len(data)
