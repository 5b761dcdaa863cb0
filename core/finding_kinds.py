"""What findings of different applications have in common: a message without what is special to one of them. Pure."""

import re
from functools import lru_cache

from core.findings import Finding
from core.rule_words import keywords, specific_words

MAX_KIND = 240
_TEST = re.compile(r"^Test .*? failed:", re.S)
_REASON = re.compile(r"\s\(((?:[^()]|\([^()]*\))*)\)\s*$")
_DETAILS = re.compile(
    r"(?<!:) assert .*| \+ where .*| At index \d+ diff.*| Left contains .*| Use -v to .*", re.I | re.S
)
"""What a test runner adds to the words of an assertion."""
_BRACKETS = re.compile(r"\{([^{}\[\]()]*)\}|\[([^{}\[\]()]*)\]|\(([^{}\[\]()]*)\)")
_UNCLOSED = re.compile(r"[{\[(].*", re.S)
_CLOSED = str.maketrans("", "", "}])")
_NAMES = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|\S*/\S+|\b\w+\.\w[\w.]*|\b\w+_\w+\b|\b[A-Z][a-z0-9]+[A-Z]\w*|\b[a-z]+[A-Z]\w*|(?<==)[^\s=]+"
)
_STATUSES = re.compile(r"\b[1-5]\d\d(?:, [1-5]\d\d)+\b")
_COUNTS = re.compile(r"\b(?![1-5]\d\d\b)\d+(?:\.\d+)?\b")
_WORD = re.compile(r"[a-z]{3,}")
_RUNS = re.compile(r"…(?:[\s.,;]*…)+")
_EVERYWHERE = frozenset({"users"})
"""A table that no sentence names."""


def kind_of(finding: Finding, sentence: str) -> str:
    """The check, the category, and the message without names, numbers but statuses, and words of the task's sentence."""
    return f"{finding.check} {finding.category}".strip() + f": {_skeleton(finding.message, sentence)}"[:MAX_KIND]


def _skeleton(message: str, sentence: str) -> str:
    told = _REASON.search(message)
    said = message[: told.start()] if told else message
    if _TEST.match(said):
        said = _DETAILS.sub("", _TEST.sub("test failed:", said))
    plain = _plain(said, sentence)
    return f"{plain} ({_plain(told[1], sentence)})" if told else plain


def _plain(text: str, sentence: str) -> str:
    names = _specific(sentence)

    def common(word: re.Match[str]) -> str:
        return "…" if word[0] in _EVERYWHERE or names & keywords(word[0]).keys() else word[0]

    text = _UNCLOSED.sub("", _without_groups(text)).translate(_CLOSED)
    text = _COUNTS.sub("#", _STATUSES.sub("…", _NAMES.sub("…", text))).lower()
    return _RUNS.sub("…", " ".join(_WORD.sub(common, text).split())).strip(" :")


def _without_groups(text: str) -> str:
    """What stands in brackets is a value: words, or numbers alone."""
    before = ""
    while before != text:
        before = text
        text = _BRACKETS.sub(lambda group: "‹…›" if re.search(r"[^\W\d]|…", group[0]) else "‹#›", text)
    return text


@lru_cache(maxsize=256)
def _specific(sentence: str) -> frozenset[str]:
    return specific_words([sentence])
