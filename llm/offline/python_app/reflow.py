"""Breaks lines that long names made too long, in the places where `ruff format` breaks them.

Only what the templates write is understood: simple statements whose brackets can be opened. Everything else stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from llm.offline.python_app.layout import LINE

_OPEN, _CLOSE = "([{", ")]}"
_OPERATORS = (" == ", " != ", " <= ", " | ")


@dataclass(frozen=True)
class Pair:
    """Places of an opening bracket and its closing one; `called` when it follows a name, as in a call or an index."""

    opens: int
    closes: int
    called: bool


def reflow(text: str) -> str:
    """The module's text with every line that is too long broken."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line)) if _has_long(text) else text


def _has_long(text: str) -> bool:
    return any(len(line) > LINE for line in text.split("\n"))


def _broken(line: str) -> list[str]:
    code = line.lstrip(" ")
    indent = len(line) - len(code)
    if len(line) <= LINE or code.startswith(('"""', "#")):
        return [line]
    ending = "," if code.endswith(",") else ""
    return _opened(code.removesuffix(","), indent, ending) or [line]


def _opened(code: str, indent: int, ending: str = "") -> list[str] | None:
    """The last bracket opened, what it holds on lines of its own."""
    pairs = [pair for pair in _pairs(code) if pair.closes - pair.opens > 1]
    if not pairs:
        return None
    pad, last = " " * indent, pairs[-1]
    head, body, tail = code[: last.opens + 1], code[last.opens + 1 : last.closes], code[last.closes :]
    return [pad + head, *_body(body, indent + 4, last), pad + tail + ending]


def _body(body: str, indent: int, pair: Pair) -> list[str]:
    pad, items = " " * indent, _parts(body, ", ")
    if indent + len(body) <= LINE and (pair.called or len(items) == 1):
        return [pad + body]
    if len(items) > 1:
        return [part for item in items for part in _broken(f"{pad}{item.rstrip(',')},")]
    for operator in _OPERATORS:
        terms = _parts(body, operator)
        if len(terms) > 1:
            return [pad + terms[0], *(f"{pad}{operator.lstrip()}{term}" for term in terms[1:])]
    return _opened(body, indent) or [pad + body]


def _parts(code: str, separator: str) -> list[str]:
    """`code` cut at the separators that stand in no bracket and no string."""
    parts, began = [], 0
    for place, depth in _places(code):
        if depth == 0 and code.startswith(separator, place):
            parts.append(code[began:place])
            began = place + len(separator)
    return [*parts, code[began:]]


def _pairs(code: str) -> list[Pair]:
    """The outermost brackets, in order."""
    found, opened = [], 0
    for place, depth in _places(code):
        if code[place] in _OPEN and depth == 0:
            opened = place
        elif code[place] in _CLOSE and depth == 1:
            called = opened > 0 and (code[opened - 1].isalnum() or code[opened - 1] in "_)]")
            found.append(Pair(opened, place, called))
    return found


def _places(code: str) -> Iterator[tuple[int, int]]:
    """Every place outside of strings, with how many brackets were open before it."""
    depth, quote, place = 0, "", 0
    while place < len(code):
        letter = code[place]
        if quote:
            place += 2 if letter == "\\" else 1
            quote = "" if letter == quote else quote
            continue
        yield place, depth
        if letter in "\"'":
            quote = letter
        depth += (letter in _OPEN) - (letter in _CLOSE)
        place += 1
