"""Any text arrives as it is, within the limits."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from telegram_bot.text import (
    LEFT_OUT,
    MESSAGE_UNITS,
    Line,
    Piece,
    Style,
    bold,
    clean,
    compose,
    cut,
    escape,
    one_line,
    plain,
    units,
)
from tests.wire.telegram.markdown_v2 import parse, utf16, visible

MARKS = st.text(alphabet="_*[]()~`>#+-=|{}.!\\ \n\tax\u202e\u0333\ud800\N{SNOWMAN}\N{GRINNING FACE}", max_size=60)
TEXTS = st.one_of(MARKS, st.text(max_size=60))
PIECES = st.builds(Piece, TEXTS, st.sampled_from(Style), st.sampled_from(["", "http://a.b/(c)\\d"]))
FOOT = plain("#t_a1 #q_0123456789")


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("[x](http://evil) *b* __u__ ||s|| ``` ` > \\")
def test_any_text_is_seen_as_it_is(text: str) -> None:
    seen, entities = parse(escape(clean(text)))
    assert (seen, entities) == (clean(text), ())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=4).map(tuple), max_size=6))
def test_a_message_of_any_pieces_is_taken_and_reads_as_they_do(body: list[Line]) -> None:
    text = compose(body, FOOT)
    seen, _ = parse(text.markup)
    assert visible(seen) == visible(text.seen)
    assert seen.replace("\n", "") == text.seen.replace("\n", "")
    assert text.seen.endswith("\n#t_a1 #q_0123456789") or not body


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES.map(lambda piece: (piece,)), max_size=8), st.integers(min_value=1, max_value=40))
def test_what_is_too_long_is_cut_with_a_note_and_its_foot_is_whole(body: list[Line], times: int) -> None:
    long = body * times
    limit = 300
    text = compose(long, FOOT, limit)
    seen, _ = parse(text.markup)
    assert utf16(seen) <= limit
    assert seen.endswith("#t_a1 #q_0123456789")
    if sum(utf16(piece.text) for line in long for piece in line) > limit:
        assert LEFT_OUT in seen


def test_a_message_of_the_largest_size_is_not_cut_and_one_more_is() -> None:
    room = MESSAGE_UNITS - units(FOOT[0].text) - 1
    face = "\N{GRINNING FACE}"
    fits = compose([plain(face * (room // 2))], FOOT)
    assert utf16(fits.seen) in (MESSAGE_UNITS, MESSAGE_UNITS - 1)
    assert LEFT_OUT not in fits.seen
    over = compose([plain(face * (room // 2 + 1))], FOOT)
    assert utf16(over.seen) <= MESSAGE_UNITS
    assert LEFT_OUT in over.seen


def test_a_cut_takes_no_character_apart() -> None:
    assert cut("a\N{GRINNING FACE}b", 4) == "a\N{GRINNING FACE}b"
    assert cut("a\N{GRINNING FACE}bc", 4) == "a\N{GRINNING FACE}…"
    assert cut("a\N{GRINNING FACE}bc", 3) == "a…"
    assert [cut("abc", limit) for limit in (0, 1, 2)] == ["…", "…", "a…"]


def test_what_cannot_be_seen_is_marked() -> None:
    assert clean("a\x00b\u202ec\ud800d\te\r\nf") == "a\ufffdb\ufffdc\ufffdd    e\nf"
    assert one_line(" a\n\n b\t c ", 4) == "a b…"


def test_links_and_code_keep_what_is_special_in_them() -> None:
    text = compose([(Piece("a`b\\", Style.CODE), Piece("x", url="http://a/(b)")), bold("t", " r.")], FOOT)
    seen, entities = parse(text.markup)
    assert seen == "a`b\\x\nt r.\n#t_a1 #q_0123456789"
    assert [(each.type, each.url) for each in entities] == [("code", ""), ("text_link", "http://a/(b)"), ("bold", "")]
