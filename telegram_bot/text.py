"""Texts for Telegram: MarkdownV2 in which nothing that people or models wrote can be markup, cut to what a message holds."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
"""UTF-16 code units of what is seen, without the markup."""
CUT = "…"
LEFT_OUT = "(cut: the dashboard and the command line show all of it)"
_RESERVED = re.compile(r"([_*\[\]()~`>#+\-=|{}.!\\])")
_IN_CODE = re.compile(r"([`\\])")
_IN_URL = re.compile(r"([)\\])")
_UNSEEN = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u0333\u033f\u034a\ufeff")
"""What Telegram leaves out, and what would turn the order of the text around it."""


class Style(StrEnum):
    PLAIN = "plain"
    BOLD = "bold"
    CODE = "code"
    BLOCK = "block"


@dataclass(frozen=True)
class Piece:
    """Text in one style; with `url` a link. The text is cleaned, so that it is what will be seen."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))

    def markup(self) -> str:
        if not self.text.strip():
            return self.text
        if self.style is Style.CODE:
            return f"`{_escaped(self.text, _IN_CODE)}`"
        if self.style is Style.BLOCK:
            return f"```\n{_escaped(self.text, _IN_CODE)}```"
        inner = escape(self.text)
        if self.style is Style.BOLD:
            inner = f"*{inner}*"
        return f"[{inner}]({_escaped(self.url, _IN_URL)})" if self.url else inner


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Text:
    """A message: `seen` is how it reads, `markup` how it is sent."""

    seen: str
    markup: str


def plain(text: str) -> Line:
    return (Piece(text),)


def bold(text: str, then: str = "") -> Line:
    """A line that begins in bold."""
    return (Piece(text, Style.BOLD), Piece(then)) if then else (Piece(text, Style.BOLD),)


def one_line(text: str, limit: int = 200) -> str:
    """As one line of at most `limit` UTF-16 units."""
    return cut(" ".join(clean(text).split()), limit)


def clean(text: str) -> str:
    """What of a text can be shown: line ends as \\n, tabs as spaces, a mark for each character that cannot be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if char in _UNSEEN or (char != "\n" and unicodedata.category(char) in _HIDDEN)
        else char
        for char in text
    )


_HIDDEN = ("Cc", "Cs", "Co", "Cn")


def escape(text: str) -> str:
    """`text` as MarkdownV2 that means nothing but itself."""
    return _escaped(text, _RESERVED)


def _escaped(text: str, special: re.Pattern[str]) -> str:
    return special.sub(r"\\\1", text)


def units(text: str) -> int:
    """Length as Telegram counts it, in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` units, with a mark at the end when something was left out; no character is cut in two."""
    if units(text) <= limit:
        return text
    room, kept = max(0, limit - units(CUT)), 0
    for number, char in enumerate(text):
        kept += units(char)
        if kept > room:
            return text[:number] + CUT
    return text


def compose(body: Iterable[Line], foot: Line, limit: int = MESSAGE_UNITS) -> Text:
    """Lines of `body`, the important ones first, as many as there is room for; then `foot`, which is always whole."""
    room = limit - sum(units(piece.text) for piece in foot)
    lines = [*_that_fit(list(body), room), foot]
    seen = "\n".join("".join(piece.text for piece in line) for line in lines)
    return Text(seen, "\n".join("".join(piece.markup() for piece in line) for line in lines))


def _that_fit(body: Sequence[Line], room: int) -> Iterator[Line]:
    sizes = [sum(units(piece.text) for piece in line) + 1 for line in body]
    if sum(sizes) <= room:
        yield from body
        return
    room -= units(LEFT_OUT) + 1
    for line, size in zip(body, sizes, strict=True):
        if size > room:
            if room > 1:
                yield tuple(_shortened(line, room - 1))
            break
        yield line
        room -= size
    yield plain(LEFT_OUT)


def _shortened(line: Line, room: int) -> Iterator[Piece]:
    for piece in line:
        size = units(piece.text)
        if size > room:
            if room > 0:
                yield replace(piece, text=cut(piece.text, room))
            return
        yield piece
        room -= size
