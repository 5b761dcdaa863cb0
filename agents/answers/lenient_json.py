"""A JSON reader for what models write instead of JSON. It mends what can be meant in one way only, and refuses the rest.

Work is bounded: every character that is looked at is paid for from a budget which all attempts at a text share.
"""

import math
import re
from collections.abc import Set as AbstractSet
from typing import TypeVar

from agents.answers.errors import Unreadable
from agents.answers.lenient_strings import StringReader
from core.types import Json, JsonObject

_T = TypeVar("_T")
MAX_DEPTH = 100
_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]{1,16}|(?:\d[\d_]{0,400})?(?:\.\d{0,400})?(?:[eE][-+]?\d{1,4})?)")
_WORD = re.compile(r"[A-Za-z_$][\w$.-]{0,120}")
_TOKEN = re.compile(r"[^\s,\]}]{1,20}")
_DELIMITERS = frozenset(" \t\r\n,]}:/#`\u00a0，")
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_QUOTES = frozenset("\"'`\u201c\u201d\u2018\u2019")


class Word(str):
    """A word without quotes that is no literal: only a schema can say whether it was meant as a string."""

    __slots__ = ()


class Reader(StringReader):
    """Reads one value at a position. `names` are the member names that a schema knows, where there is one."""

    def __init__(self, text: str, names: AbstractSet[str] = frozenset()) -> None:
        super().__init__(text, names)
        self.words = 0
        self.members = 0
        self.open_ended = False

    def read(self, start: int) -> tuple[Json, int]:
        """The value that begins at `start`, and the offset behind it. `open_ended` says that brackets were missing at the end.

        Raises Unreadable.
        """
        self.position, self.words, self.members, self.open_ended = start, 0, 0, False
        value = self._value(0, in_list=False)
        return value, self.position

    def _value(self, depth: int, *, in_list: bool) -> Json:
        self.skip()
        self.spend(1)
        if depth > MAX_DEPTH:
            raise self._wrong(f"values are nested more than {MAX_DEPTH} deep")
        char = self.peek()
        if char == "{":
            return self._object(depth, in_list=in_list)
        if char == "[":
            return self._list(depth)
        if char and char in _QUOTES and not self.at_fence():
            return self._text(in_list=in_list)
        if char and (char.isdigit() or char in "-+."):
            return self._number()
        if char and (char.isalpha() or char in "_$"):
            return self._word()
        shown = self.text[self.position : self.position + 12]
        raise self._wrong("a value is missing" if not char or char in ",]}" else f"{shown!r} is no value")

    def _object(self, depth: int, *, in_list: bool) -> JsonObject:
        found: JsonObject = {}
        self.position += 1
        while True:
            self.skip()
            self.spend(1)
            char = self.peek()
            if char == "}":
                self.position += 1
                if depth or not self.goes_on():
                    return found
                # The outermost brace came too early: members follow.
            elif char == "]":
                if in_list:
                    return found  # the object ends with its list: its brace is missing
                self.position += 1
            elif char in (",", "，", ";"):
                self.position += 1
            elif not char or self.at_fence():
                return self._cut_off(found)
            else:
                key = self._key()
                found[key] = self._value(depth + 1, in_list=False)
                self.members += 1
                self._after_value(in_list=False)

    def _list(self, depth: int) -> list[Json]:
        found: list[Json] = []
        self.position += 1
        while True:
            self.skip()
            self.spend(1)
            char = self.peek()
            if char == "]":
                self.position += 1
                return found
            if char == "}":
                return found  # the list ends with its object: its bracket is missing
            if char in (",", "，"):
                self.position += 1
            elif not char or self.at_fence():
                return self._cut_off(found)
            else:
                found.append(self._value(depth + 1, in_list=True))
                self._after_value(in_list=True)

    def _after_value(self, *, in_list: bool) -> None:
        """A comma may be missing where a line ends, or where what follows can be nothing but the next member."""
        before = self.position
        self.skip()
        char = self.peek()
        if not char or char in ",，;]}" or self.at_fence():
            return
        new_line = "\n" in self.text[before : self.position]
        if in_list:
            if (new_line and (char in _QUOTES or char in "{[")) or (char in "{[" and self.text[before - 1] in "}]"):
                return
        elif self.key_follows(self.position, bare=new_line):
            return
        raise self._wrong(f"{self.text[self.position : self.position + 20]!r} follows a value without a comma")

    def _key(self) -> str:
        char = self.peek()
        if char in _QUOTES:
            key = self.read_string("key")
        else:
            match = _WORD.match(self.text, self.position) or _NUMBER.match(self.text, self.position)
            key = match.group(0) if match else ""
            if not key:
                raise self._wrong(f"{self.text[self.position : self.position + 12]!r} is no member name")
            self.position += len(key)
            self.position += self.text[self.position : self.position + 1] in _QUOTES  # whose opening partner is missing
        self.skip()
        if self.peek() not in (":", "："):
            raise self._wrong(f"there is no colon behind {key[:40]!r}")
        self.position += 1
        return key

    def _text(self, *, in_list: bool) -> str:
        found = self.read_string("item" if in_list else "value")
        while True:
            before = self.position
            self.skip()
            if self.peek() != "+":
                self.position = before
                return found
            self.position += 1
            self.skip()
            if self.peek() not in _QUOTES:
                raise self._wrong("what follows `+` is no string")
            found += self.read_string("item" if in_list else "value")

    def _number(self) -> int | float:
        match = _NUMBER.match(self.text, self.position)
        token = match.group(0) if match else ""
        end = self.position + len(token)
        behind = self.text[end : end + 1]
        comment = self.text[end : end + 2] in ("//", "/*")
        if not token or (behind and behind not in _DELIMITERS) or (behind == "/" and not comment):
            whole = _TOKEN.match(self.text, self.position)
            raise self._wrong(f"{whole.group(0) if whole else token!r} is neither a number nor a string in quotes")
        self.spend(len(token))
        self.position = end
        try:
            if token[:2].lower() == "0x":
                return int(token, 16)
            number = float(token) if any(mark in token for mark in ".eE") else int(token)
        except ValueError as error:
            raise self._wrong(f"{token[:20]!r} is no number") from error
        if math.isinf(number):
            raise self._wrong(f"{token[:20]!r} is too large")
        return number

    def _word(self) -> Json:
        match = _WORD.match(self.text, self.position)
        word = match.group(0) if match else self.text[self.position]
        end = self.position + len(word)
        behind = self.text[end : end + 1]
        if behind and behind not in _DELIMITERS:
            raise self._wrong(f"{word!r} is no value")
        self.position = end
        if word.lower() in _LITERALS:
            return _LITERALS[word.lower()]
        self.skip()
        if self.peek() not in (",", "}", "]", "，", ""):
            raise self._wrong(f"{word!r} is no value: strings stand in quotes")
        self.position = end
        self.words += 1
        return Word(word)

    def _cut_off(self, found: _T) -> _T:
        self.open_ended = True
        return found

    def _wrong(self, problem: str) -> Unreadable:
        return Unreadable(problem, self.position)
