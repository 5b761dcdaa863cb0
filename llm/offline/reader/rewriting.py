"""Turns of phrase put as the grammar expects them: other spellings, and clauses that say what a noun would."""

import re
from functools import cache

_FROM = r"start(?:ing)?|check[- ]?in|arrival|pick[- ]?up|begin"
_TO = r"end(?:ing)?|check[- ]?out|departure|return|drop[- ]?off"
_WHO = r"(?:i|we|you|they|he|she|it|each|people|the [a-z]+|a [a-z]+)"
_EACH = r"(?: for (?:each|it|them|each one|every one|each of them))?"
_SPELLINGS = (
    (r"\bto[- ]dos?\b(?!\s+(?:and|or|something))", "todo"), (r"\bto[- ]do\b", "todo"), (r"\be-?mails?\b(?=\s+address)", "email"),
    (r"\be-mail", "email"), (r"\bfront[- ]end\b", "frontend"), (r"\bback[- ]end\b", "backend"), (r"\bhouse plant", "houseplant"),
    (r"\btime sheet", "timesheet"), (r"\bnote book", "notebook"), (r"\blog[- ]in\b", "login"), (r"\bweb site", "website"),
    (r"\bhelp desk\b", "helpdesk"), (r"\breal[- ]estate\b", "real-estate"), (r"[‘’]", "'"), (r"[“”]", '"'), (r"[–—]", ", "),
    (r"\bw/\s?", "with "), (r"\bw/o\s?", "without "), (r"\blost (?:and|&|'n) found\b", "lost-and-found"),
    (r"\bpen ?pal", "penpal"), (r"\bday of (?:the )?week\b", "weekday"), (r"\bdates? and times?\b", "date-time"),
    (rf"\b({_FROM}) and ({_TO}) (date|time)s?\b", r"\1 \3, \2 \3"),
)  # fmt: skip
_CLAUSES = (
    (rf"\bwhat {_WHO} (?:paid|pay|spent){_EACH}", "purchase price"), (rf"\bwhat {_WHO} (?:costs?){_EACH}", "cost"),
    (rf"\bhow much {_WHO} (?:costs?|paid|pay|spent){_EACH}", "cost"), (r"\bhow much of (?:it|each|them)\b[^,;.]*", "quantity"),
    (rf"\bhow many {_WHO} (?:have|has|own|are there)\b", "quantity"), (r"\bhow many of (?:it|each|them)\b[^,;.]*", "quantity"),
    (rf"\bwhether (?:or not )?{_WHO} (?:is|are|was|were|has|have) (?:been )?(?!an? |the )([a-z]+)", r"\1 flag"),
    (rf"\bwhen {_WHO} (?:was |were |is |has been )?([a-z]+(?:ed|ght))(?: it| them)?\b", r"\1 date"),
    (rf"\bwhere {_WHO} (?:was |were |is )?([a-z]+(?:ed|ght|und|ept))(?: it| them)?\b", r"\1 place"),
    (r"\b([a-z]+s)' ((?:[a-z-]+ ){0,3}[a-z-]+)(?=[:,;.]|$| (?:with|and|where|that)\b)", r"\2 of \1"),
    (r"\b(lent|given|sold|sent|assigned) to whom\b", r"\1-to"),
    (r"\b(?:an? )?on/off(?: state| flag| switch)?\b", "switched-on flag"),
    (r"\bfrom an? ([a-z]+ (?:date|time)) to an? ([a-z]+ (?:date|time))\b", r"with \1, \2"),
    (r"^([^:;.,]{3,60}?) - (?=[a-z])", r"\1: "),
    (r"\bover time\b", ""),
    (r"\bmin(?:imum)? ([a-z]+)(,| and|, and) max(?:imum)? ([a-z]+)", r"min-\1-count\2 max-\3-count"),
    (r"\((?:it )?(?:never|not|non-?|cannot be|can't be|must not be|no) ?negatives?\)", "(non-negative)"),
    (r"\((?:must be |always )?(?:positive|greater than (?:0|zero)|> ?0)\)", "(positive)"),
)  # fmt: skip


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.I), put) for pattern, put in (*_SPELLINGS, *_CLAUSES))


_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LIMIT = re.compile(rf"\b(at most|up to|max(?:imum)?(?: of)?|no more than|only) ({'|'.join(_SMALL)})(?= [a-z]+)", re.I)


def rewritten(text: str) -> str:
    """The text with every turn of phrase replaced; the words that say something stay."""
    text = _LIMIT.sub(lambda found: f"{found[1]} {_SMALL.index(found[2].lower()) + 1}", text)
    for pattern, replacement in _compiled():
        text = pattern.sub(replacement, text)
    return text
