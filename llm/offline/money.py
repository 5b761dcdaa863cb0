"""Amounts of money in free text: `$2`, `a dollar fifty`, `another dollar`, `fifty cents more`, `double it`."""

import re
from dataclasses import dataclass
from typing import Literal

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    "a": 1,
    "an": 1,
    "hundred": 100,
}
_WORD = rf"(?:{'|'.join((*reversed(_ONES), *_TENS, 'hundred'))})"
_TEN = rf"(?:{'|'.join(_TENS)})"
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_NUMBER = rf"(?:{_DIGITS}|\.\d+|{_WORD}(?:[ -]{_WORD})*|an?|a couple(?: of)?(?: more)?)"
_DOLLARS = r"(?:dollars?|bucks?|usd|\$)"
_CENTS = r"(?:cents?|¢|c\b)"
_BY = r"(?:it |the budget |the cap |the limit |budget )?(?:up )?by"
_MORE = re.compile(
    rf"\b(?:another|(?<!not )(?<!no )more(?! than)|additional|extra|(?:increase|raise|raising|bump|extend|lift) {_BY}"
    r"|on top|top (?:it )?up|plus|add|further|besides|up by)\b|^\s*\+"
)
_SET = re.compile(r"\b(?:set|to|cap|limit|budget|make it|up to|total|max(?:imum)?|at|raise|increase)\b")
_FACTORS = {"double": 2.0, "triple": 3.0, "quadruple": 4.0, "twice": 2.0}
_HALVES = (
    (rf"\b(?P<n>{_NUMBER}) (?:dollars? |bucks? )?and a half(?: {_DOLLARS})?", 0.5),
    (rf"\b(?P<n>{_NUMBER}) (?:dollars?|bucks?) and a quarter", 0.25),
    (rf"\bhalf a {_DOLLARS}|\bhalf a buck", 0.5),
    (r"\ba quarter(?: of a dollar)?\b", 0.25),
)
_NO_AMOUNT = re.compile(rf"(?:^|[\s$])[-−]\s?\$?\d|\bminus\b|\bbetween\b|{_NUMBER} ?{_DOLLARS}? or \$?{_NUMBER}\b")
"""Less than nothing, ranges and alternatives."""
_PERCENT = re.compile(r"\b(?:increase|raise|more|extend|add)\b.*?(\d{1,4}) ?(?:%|percent)")
_FORMS = (
    rf"(?<![\w.])(?P<d>{_NUMBER}) {_DOLLARS}(?:,? and)? (?P<c>{_NUMBER})(?: {_CENTS})?"
    rf"(?!\s*(?:%|percent|times|rounds?|{_DOLLARS}))(?![\w.])",
    rf"(?<![\w.])\$ ?(?P<d>{_DIGITS}|\.\d+)(?![\w])",
    rf"(?<![\w.])usd ?(?P<d>{_DIGITS})(?![\w])",
    rf"(?<![\w.])(?P<d>{_NUMBER}) ?(?:more )?{_DOLLARS}(?![\w])",
    rf"(?<![\w.])(?P<c>{_NUMBER}) ?{_CENTS}(?![\w])",
    r"\b(?:another|one more|a whole) (?P<one>dollar|buck)\b",
)
_COUNTED = r"(?:percent|times|rounds?|iterations?|items?|results?|rows?|per|minutes?|hours?|days?)"
_SPOKEN = re.compile(
    rf"(?:make it |ok(?:ay)?,? |sure,? |say |let's say )?(?P<d>{_WORD})(?:[ -](?P<c>{_TEN}(?:[ -]\w+)?))?(?: please)?"
)
_DIGITS_ALONE = re.compile(rf"(?<![\w.%])\d[\d,]*(?:\.\d+)?(?![\w%.]|\.\d| ?(?:more )?{_COUNTED})")
_WORDS_ALONE = re.compile(rf"\b(?:to|by|of|add|another|extra|at|is) ({_WORD}(?:[ -]{_WORD})*)\b(?! {_COUNTED})")


@dataclass(frozen=True)
class Money:
    """`amount` in USD: the new cap (`set`), what comes on top (`add`), or (`times`) a factor; `bare` when nothing says which."""

    amount: float
    mode: Literal["set", "add", "times"]
    bare: bool = False


def read_money(text: str) -> Money | None:
    """The one amount that a reply names; None when it names none or several that contradict each other."""
    lowered = " ".join(text.lower().replace("’", "'").split())
    lowered = re.sub(r"(?<![\d,])(\d+),(\d{1,2})(?![\d,])", r"\1.\2", lowered)
    if _NO_AMOUNT.search(lowered):
        return None
    if percent := _PERCENT.search(lowered):
        return Money(1 + float(percent[1]) / 100, "times")
    for word, factor in _FACTORS.items():
        if re.search(rf"\b{word}\b", lowered):
            return Money(factor, "times")
    amounts = _amounts(lowered)
    if len(set(amounts)) != 1:
        return None
    if _MORE.search(lowered):
        return Money(amounts[0], "add")
    said = _SET.search(lowered)
    return Money(amounts[0], "set", bare=said is None)


def _amounts(text: str) -> list[float]:
    """Every amount; the longest forms first, so that `a dollar fifty` is one."""
    found: list[float] = []
    for pattern, part in _HALVES:
        for match in re.finditer(pattern, text):
            number = match.groupdict().get("n")
            found.append(part + (_value(number) if number else 0.0))
        text = re.sub(pattern, " ; ", text)
    for form in _FORMS:
        found += [_amount(match) for match in re.finditer(form, text)]
        text = re.sub(form, " ; ", text)
    return found or _plain_numbers(text)


def _amount(match: re.Match[str]) -> float:
    parts = match.groupdict()
    dollars = 1.0 if parts.get("one") else _value(parts["d"]) if parts.get("d") else 0.0
    cents = _value(parts["c"]) / 100 if parts.get("c") else 0.0
    return round(dollars + cents, 2)


def _plain_numbers(text: str) -> list[float]:
    """`set budget to 2`, `two fifty`, `1.50`: numbers without a currency."""
    spoken = _SPOKEN.fullmatch(text.strip(" .!"))
    if spoken and _value(spoken["d"]) < 20:
        return [round(_value(spoken["d"]) + (_value(spoken["c"]) / 100 if spoken["c"] else 0.0), 2)]
    return [_value(number) for number in _DIGITS_ALONE.findall(text) or _WORDS_ALONE.findall(text)]


def _value(text: str) -> float:
    if text.startswith("a couple"):
        return 2.0
    try:
        return float(text.replace(",", ""))
    except ValueError:
        total = 0
        for word in re.split(r"[ -]", text):
            total = (total or 1) * 100 if word == "hundred" else total + _NUMBERS.get(word, 0)
        return float(total)
