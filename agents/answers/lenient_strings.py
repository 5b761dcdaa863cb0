"""Strings of JSON as models write them: any quotes, raw line breaks, wrong escapes, quotes inside that nobody escaped."""

import re
from collections.abc import Set as AbstractSet
from typing import Literal

from agents.answers.errors import Unreadable

Place = Literal["key", "value", "item"]
_PARTNERS = {
    '"': '"',
    "'": "'",
    "`": "`",
    "\u201c": '\u201d\u201c"',
    "\u201d": '\u201d"',
    "\u2018": "\u2019\u2018'",
    "\u2019": "\u2019'",
}
_SPACE = re.compile(r"[\s\u00a0\ufeff\u200b\u2060\u3000]*")
_FENCE = re.compile(r"`{3,}|~{3,}")
_KEY = re.compile(r"[\"'\u201c\u2018]([^\"'\u201c\u201d\n:]{1,80})[\"'\u201d\u2019][ \t]*[:：]")
_BARE_KEY = re.compile(r"([A-Za-z_$][\w$-]{0,60})[\"']?[ \t]*[:：]")
_ITEM = re.compile(r"[\"'\u201c\u2018{\[\-0-9]|(?:true|false|null|True|False|None)\b")
_SWALLOWED = re.compile(
    '(?:^|[{,\n])\\s*["\'\u201c]([\\w -]{1,60})["\'\u201d]\\s*[:：]|["\u201d]\\s*[,，]\\s*["\u201c]'
)
"""What the inside of a string looks like when it has taken in its neighbours: a member name, or a comma between two strings."""
_PLAIN = {'"': re.compile(r'[^"\\]+'), "'": re.compile(r"[^'\\]+"), "`": re.compile(r"[^`\\]+")}
_CURLY = re.compile("[^\"'\u201c\u201d\u2018\u2019\\\\]+")
_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "\\": "\\",
    "/": "/",
    "'": "'",
    "`": "`",
    "_": "_",
    "\n": "\n",
}
_HEX = re.compile(r"u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PAIR = re.compile(r"([\ud800-\udbff])([\udc00-\udfff])")


class StringReader:
    """A text, a position in it, and what reading has cost so far."""

    def __init__(self, text: str, names: AbstractSet[str] = frozenset()) -> None:
        self.text = text
        self.position = 0
        self._names = names
        self._left = 12 * len(text) + 20_000

    def spend(self, steps: int) -> None:
        """Pay for work. Raises Unreadable when the text has cost more than a text of its length may."""
        self._left -= steps
        if self._left < 0:
            raise Unreadable("the answer is too tangled to be read as JSON", self.position)

    @property
    def spent(self) -> bool:
        """Whether nothing more may be tried."""
        return self._left < 0

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def at_fence(self) -> bool:
        """Whether a fence stands here, which ends the JSON."""
        return _FENCE.match(self.text, self.position) is not None

    def skip(self) -> None:
        """Go past white space and comments."""
        self.position = self._skipped(self.position)

    def _skipped(self, at: int) -> int:
        while True:
            match = _SPACE.match(self.text, at)
            end = match.end() if match else at
            self.spend(end - at)
            if self.text.startswith("//", end) or (self.text.startswith("#", end)):
                stop = self.text.find("\n", end)
            elif self.text.startswith("/*", end):
                stop = self.text.find("*/", end)
                stop = stop + 2 if stop >= 0 else stop
            else:
                return end
            stop = len(self.text) if stop < 0 else stop
            self.spend(stop - end)
            at = stop

    def key_follows(self, at: int, *, bare: bool) -> bool:
        """Whether a member name with its colon stands at an offset; without quotes only where `bare`."""
        self.spend(8)
        return (_KEY.match(self.text, at) or (_BARE_KEY.match(self.text, at) if bare else None)) is not None

    def goes_on(self) -> bool:
        """Whether another member of an object follows its brace."""
        at = self._skipped(self.position)
        new_line = "\n" in self.text[self.position : at]
        if self.text[at : at + 1] == ",":
            at = self._skipped(at + 1)
        elif not new_line:
            return False
        return _KEY.match(self.text, at) is not None

    def read_string(self, place: Place) -> str:
        """The string that begins here, with its escapes resolved. Raises Unreadable when its end cannot be told."""
        start, opening = self.position, self.text[self.position]
        if self.text.startswith('"""', start) and (end := self.text.find('"""', start + 3)) > 0:
            self.spend(end - start)
            self.position = end + 3
            return _resolved(self.text[start + 3 : end])
        partners, plain = _PARTNERS[opening], _PLAIN.get(opening, _CURLY)
        at = start + 1
        inner = depth = 0
        while at < len(self.text):
            match = plain.match(self.text, at)
            if match:
                self.spend(match.end() - at)
                at = match.end()
                continue
            self.spend(2)
            char = self.text[at]
            if char == "\\":
                at += 2
            elif char not in partners:
                at += 1
            elif self._ends(at, place, depth):
                text = self._finished(start + 1, at, inner)
                self.position = at + 1
                return text
            else:
                inner += 1
                # A quote behind a blank opens a quotation inside of the text; any other ends one, or is an apostrophe.
                depth = depth + 1 if self.text[at - 1] in " \n\t([" or at == start + 1 else max(0, depth - 1)
                at += 1
        raise Unreadable("the string that begins here is not closed", start)

    def _ends(self, quote: int, place: Place, depth: int) -> bool:
        """Whether a quote ends its string: by what follows it, which in a text would make no sense.

        `depth` is how many quotations are open inside of the string.
        """
        at = self._skipped(quote + 1)
        char = self.text[at : at + 1]
        if place == "key":
            return char in (":", "：")
        if not char or char in "}]" or _FENCE.match(self.text, at):
            return True
        if char == "+":
            following = self._skipped(at + 1)
            return self.text[following : following + 1] in _PARTNERS
        if char in ",，;":
            return self._ends_before_comma(quote, at, place, depth)
        new_line = "\n" in self.text[quote:at]
        if place == "item":
            return new_line and depth == 0 and char in _PARTNERS
        return self.key_follows(at, bare=new_line)

    def _ends_before_comma(self, quote: int, comma: int, place: Place, depth: int) -> bool:
        at = self._skipped(comma + 1)
        char = self.text[at : at + 1]
        if not char or char in "}],":
            return True
        if place == "item":
            ends = _ITEM.match(self.text, at) is not None
            if ends and depth:
                problem = (
                    'quotes inside of a string are not escaped (\\"), so that the end of the string cannot be told'
                )
                raise Unreadable(problem, quote)
            return ends
        new_line = "\n" in self.text[comma:at]
        if depth == 0 or (new_line and not self._names):
            return self.key_follows(at, bare=new_line or self._bare_name(at))
        name = _KEY.match(self.text, at) or _BARE_KEY.match(self.text, at)
        return name is not None and folded(name[1]) in self._names

    def _bare_name(self, at: int) -> bool:
        """Whether a word without quotes is a member that the schema knows, so that it is no part of a sentence."""
        match = _BARE_KEY.match(self.text, at)
        return match is not None and folded(match[1]) in self._names

    def _finished(self, start: int, end: int, inner: int) -> str:
        raw = self.text[start:end]
        swallowed = _SWALLOWED.search(raw) if inner else None
        if swallowed:
            before = f" before {swallowed[1]!r}" if swallowed[1] else ""
            raise Unreadable(f'a string is not closed{before}, or holds quotes that are not escaped (\\")', start)
        return _resolved(raw)


def folded(name: str) -> str:
    """A name without case, blanks, underscores and hyphens: what models change about it."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "").replace("\\", "")


def _resolved(raw: str) -> str:
    if "\\" not in raw:
        return raw
    parts: list[str] = []
    at = 0
    while (slash := raw.find("\\", at)) >= 0:
        parts.append(raw[at:slash])
        following = raw[slash + 1 : slash + 2]
        number = _HEX.match(raw, slash + 1)
        if number:
            code = int(next(group for group in number.groups() if group), 16)
            parts.append(chr(code) if code <= 0x10FFFF else "\ufffd")
            at = number.end()
        else:
            # A backslash before anything else was meant as one: a pattern such as \d.
            parts.append(_ESCAPES.get(following, f"\\{following}"))
            at = slash + 1 + len(following)
    parts.append(raw[at:])
    text = "".join(parts)
    if _SURROGATE.search(text):
        text = _PAIR.sub(lambda pair: (pair[1] + pair[2]).encode("utf-16", "surrogatepass").decode("utf-16"), text)
        text = _SURROGATE.sub("\ufffd", text)
    return text
