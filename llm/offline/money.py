"""Amounts of money in free text: `$2`, `a dollar fifty`, `another dollar`, `fifty cents more`, `double it`."""

import re
from dataclasses import dataclass
from typing import Literal

_ONES = {
    word: value
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
}
_TENS = {
    word: 10 * (index + 2) for index, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_NUMBERS = {**_ONES, **_TENS, "a": 1, "an": 1, "hundred": 100, "couple": 2, "dozen": 12}
_WORD = r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred)"
_NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|\.\d+|{_WORD}(?:[ -]{_WORD})*|an?|a couple(?: of)?)"
_DOLLARS = r"(?:dollars?|bucks?|usd|\$)"
_CENTS = r"(?:cents?|¢|c\b)"
_MORE = re.compile(
    r"\b(?:another|more(?! than)|additional|extra|increase (?:it |the budget |the cap |the limit )?by|rais(?:e|ing) (?:it |the budget |the cap |the limit |budget )?by|"
    r"on top|top (?:it )?up|plus|add|further|besides|up by|bump (?:it |the budget )?(?:up )?by)\b|^\s*\+",
)  # fmt: skip
_FACTORS = {"double": 2.0, "triple": 3.0, "quadruple": 4.0, "twice": 2.0}
_HALVES = (
    (rf"\b(?P<n>{_NUMBER}) (?:dollars? |bucks? )?and a half(?: {_DOLLARS})?", 0.5, True),
    (rf"\bhalf a {_DOLLARS}|\bhalf a buck", 0.5, False),
    (r"\ba quarter(?: of a dollar)?\b", 0.25, False),
)


@dataclass(frozen=True)
class Money:
    """`amount` in USD: the new cap (`set`), what comes on top (`add`), or (`times`) a factor; `bare` when nothing says which."""

    amount: float
    mode: Literal["set", "add", "times"]
    bare: bool = False


def read_money(text: str) -> Money | None:
    """The one amount that a reply names; None when it names none or several that contradict each other."""
    lowered = " ".join(text.lower().replace("’", "'").split())
    for word, factor in _FACTORS.items():
        if re.search(rf"\b{word}\b", lowered):
            return Money(factor, "times")
    amounts = _amounts(lowered)
    if len(set(amounts)) != 1:
        return None
    if _MORE.search(lowered):
        return Money(amounts[0], "add")
    said = re.search(r"\b(?:set|to|cap|limit|budget|make it|up to|total|max(?:imum)?|at|raise|increase)\b", lowered)
    return Money(amounts[0], "set", bare=said is None)


def _amounts(text: str) -> list[float]:
    """Every amount; the longest forms first, so that `a dollar fifty` is one."""
    found: list[float] = []
    for pattern, part, has_number in _HALVES:
        for match in re.finditer(pattern, text):
            found.append(part + (_value(match["n"]) if has_number else 0.0))
        text = re.sub(pattern, " ; ", text)
    forms = (
        rf"(?<![\w.])(?P<d>{_NUMBER}) {_DOLLARS}(?:,? and)? (?P<c>{_NUMBER})(?: {_CENTS})?(?!\s*(?:%|percent|times|rounds?|{_DOLLARS}))(?![\w.])",
        r"(?<![\w.])\$ ?(?P<d>\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w])",
        r"(?<![\w.])usd ?(?P<d>\d[\d,]*(?:\.\d+)?)(?![\w])",
        rf"(?<![\w.])(?P<d>{_NUMBER}) ?{_DOLLARS}(?![\w])",
        rf"(?<![\w.])(?P<c>{_NUMBER}) ?{_CENTS}(?![\w])",
        r"\b(?:another|one more|a whole) (?P<one>dollar|buck)\b",
    )
    for form in forms:
        for match in re.finditer(form, text):
            parts = match.groupdict()
            dollars = 1.0 if parts.get("one") else _value(parts["d"]) if parts.get("d") else 0.0
            cents = _value(parts["c"]) / 100 if parts.get("c") else 0.0
            found.append(round(dollars + cents, 2))
        text = re.sub(form, " ; ", text)
    return found or _plain_numbers(text)


def _plain_numbers(text: str) -> list[float]:
    """`set budget to 2`, `two fifty`, `1.50`: numbers without a currency."""
    spoken = re.fullmatch(
        rf"(?:make it |ok(?:ay)?,? |sure,? |say |let's say )?(?P<d>{_WORD}) (?P<c>(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:[ -]\w+)?)(?: please)?",
        text.strip(" .!"),
    )
    if spoken and _value(spoken["d"]) < 20:
        return [round(_value(spoken["d"]) + _value(spoken["c"]) / 100, 2)]
    numbers = re.findall(
        r"(?<![\w.%])\d[\d,]*(?:\.\d+)?(?![\w%]| ?(?:percent|times|rounds?|iterations?|items?|results?|rows?|per|minutes?|hours?|days?))",
        text,
    )
    if not numbers:
        numbers = re.findall(
            rf"\b(?:to|by|of|add|another|extra|at|is) ({_WORD}(?:[ -]{_WORD})*)\b(?! (?:items?|results?|rows?|rounds?|times|minutes?))",
            text,
        )
    return [_value(number) for number in numbers]


def _value(text: str) -> float:
    cleaned = (
        text.replace(",", "").removeprefix("a couple of").removeprefix("a couple")
        if text.startswith("a couple")
        else text.replace(",", "")
    )
    if text.startswith("a couple"):
        return 2.0
    try:
        return float(cleaned)
    except ValueError:
        total = 0
        for word in re.split(r"[ -]", cleaned):
            value = _NUMBERS.get(word, 0)
            total = (total or 1) * 100 if word == "hundred" else total + value
        return float(total)
