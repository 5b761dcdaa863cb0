"""Rules compared as words: what is the same, nearly the same, and the opposite."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Set

from core.rule_vocabulary import GENERAL_WORDS, STOP_WORDS

NEAR = 0.65
"""Cosine over keywords from which two rules are taken to say the same, or the opposite."""
SAME_MATTER = 0.8
"""Of rules that differ in a number or in one of two opposite words: about the same thing."""
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_STOP = frozenset(STOP_WORDS.split())
_SYNONYMS = {"answer": "return", "respond": "return", "repli": "return", "response": "return", "reply": "return"}
_SUFFIXES = (("sses", "ss"), ("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""))
_NEGATION = re.compile(r"\b(?:never|not|avoid|cannot|no longer|stop|no|refuse)\b|n't\b", re.I)
_REPLACED = re.compile(r"\b(?:never|not|instead of|rather than)\s+(?:an?\s+|with\s+)?\d+", re.I)
_CLAUSE = re.compile(r"[,;:.]|\bbut\b|\binstead\b|\brather\b|\bwithout\b", re.I)
_OPPOSITES = {
    first: second
    for pair in """sync async|synchronous asynchronous|ascending descending|first last|allow deny|allow refuse|accept reject
    public private|plural singular|required optional|include exclude|expose hide|newest oldest|before after|hard soft
    cascade restrict|inclusive exclusive|true false|local remote|eager lazy|eagerly lazily|strict lenient|client server
    backend frontend|mutable immutable|upper lower|enable disable|open close|unique duplicate|trust distrust""".replace(
        "\n", "|"
    ).split("|")
    for one, other in [pair.split()]
    for first, second in ((one, other), (other, one))
}


def fold(text: str) -> str:
    """Without case, punctuation and doubled blanks: what two spellings of one rule have in common."""
    return " ".join(_WORD.findall(text.lower()))


def stem(word: str) -> str:
    """A word without its ending, as far as simple rules go: `creates`, `creating` and `create` are one."""
    for suffix, left in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not (suffix == "s" and word.endswith("ss")):
            word = word[: len(word) - len(suffix)] + left
            break
    word = word[:-1] if word.endswith("e") and len(word) > 4 else word
    return _SYNONYMS.get(word, word)


_GENERAL = frozenset(stem(word) for word in GENERAL_WORDS.split())


def keywords(text: str) -> Counter[str]:
    """Stems with how often they occur; words that say little are left out, and so are those that deny."""
    return Counter(stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP)


def specific_words(texts: Collection[str]) -> frozenset[str]:
    """Stems of the words of these texts in which not every application is spoken of."""
    return frozenset(
        word
        for text in texts
        for word in keywords(re.sub(r"[_/.-]+", " ", text))
        if len(word) >= 3 and word not in _GENERAL and not word.isdigit()
    )


def cosine(one: Counter[str], other: Counter[str]) -> float:
    """Of two bags of words, 0 to 1; 0 where one is empty."""
    dot = sum(count * other[word] for word, count in one.items())
    lengths = math.sqrt(sum(n * n for n in one.values())) * math.sqrt(sum(n * n for n in other.values()))
    return dot / lengths if lengths else 0.0


def nearest(text: str, others: Iterable[str]) -> str | None:
    """The one of `others` that says nearly the same, if one does."""
    own = keywords(text)
    found = max(((cosine(own, keywords(other)), other) for other in others), default=(0.0, ""))
    return found[1] if found[0] >= NEAR else None


def contradicts(one: str, other: str) -> bool:
    """Whether two rules about the same thing ask for opposite things, as far as their words show."""
    words = (keywords(one), keywords(other))
    opposite = {word for word in _words(one) if _OPPOSITES.get(word) in _words(other) - _words(one)}
    numbers = (_numbers(one), _numbers(other))
    opposed = bool(opposite) or bool(numbers[0] and numbers[1] and numbers[0].isdisjoint(numbers[1]))
    if (_denies(one) != _denies(other)) == opposed:
        return False
    aside = {stem(word) for word in opposite} | {stem(_OPPOSITES[word]) for word in opposite}
    matter = [Counter({w: n for w, n in each.items() if w not in aside and not w.isdigit()}) for each in words]
    return cosine(*matter) >= SAME_MATTER if opposed else cosine(*words) >= NEAR


def _words(text: str) -> Set[str]:
    return frozenset(_WORD.findall(text.lower()))


def _numbers(text: str) -> Set[str]:
    """Those that the rule asks for; not what it names to say that it must not be."""
    return frozenset(word for word in _WORD.findall(_REPLACED.sub(" ", text).lower()) if word.isdigit())


def _denies(text: str) -> bool:
    """Whether the rule says what not to do; what it adds behind its first clause does not count."""
    return _NEGATION.search(_CLAUSE.split(text, maxsplit=1)[0]) is not None
