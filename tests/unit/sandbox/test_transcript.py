"""Output is kept from both ends within its bound."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.transcript import Transcript


def test_short_output_is_kept_whole() -> None:
    transcript = Transcript(100)
    transcript.add(b"hello ")
    transcript.add("wörld".encode())
    assert transcript.text() == "hello wörld"
    assert not transcript.truncated


def test_long_output_loses_its_middle_and_says_so() -> None:
    transcript = Transcript(10)
    transcript.add(b"0123456789abcdef")
    assert transcript.text() == "01234\n[... 6 bytes left out ...]\nbcdef"
    assert transcript.truncated


def test_bytes_that_are_no_text_are_replaced() -> None:
    transcript = Transcript(100)
    transcript.add(b"\xff\x00a")
    assert transcript.text() == "\ufffd\x00a"


@given(st.lists(st.binary(max_size=50), max_size=50), st.integers(2, 64).map(lambda half: 2 * half))
def test_both_ends_are_those_of_the_whole(pieces: list[bytes], limit: int) -> None:
    transcript = Transcript(limit)
    for piece in pieces:
        transcript.add(piece)
    whole = b"".join(pieces)
    assert transcript.truncated == (len(whole) > limit)
    if not transcript.truncated:
        assert transcript.text() == whole.decode("utf-8", "replace")
    else:
        head, _, tail = transcript.text().partition(f"\n[... {len(whole) - limit} bytes left out ...]\n")
        assert head == whole[: limit // 2].decode("utf-8", "replace")
        assert tail == whole[-(limit // 2) :].decode("utf-8", "replace")
