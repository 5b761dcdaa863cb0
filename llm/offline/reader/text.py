"""A sentence as tokens that remember where they stand and what became of them."""

import re
import unicodedata
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from llm.offline.reader.inflection import plural, singular
from llm.offline.reader.lexicon import field_kind, things, words
from llm.offline.reader.rewriting import rewritten

MAX_CHARACTERS = 4_000
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'&/][A-Za-z0-9]+)*|\d+(?:\.\d+)?|[^\sA-Za-z0-9]")


@dataclass
class Token:
    """`word` is lower case; `reading` says what took the token (a phrase for people), None while nothing has."""

    text: str
    word: str
    start: int
    end: int
    reading: str | None = None

    @property
    def is_word(self) -> bool:
        return self.word[:1].isalpha()


@dataclass
class Sentence:
    """The normalised text, its tokens, and spans that features took out of the grammar."""

    text: str
    tokens: list[Token] = field(default_factory=list)

    def take(self, start: int, end: int, reading: str) -> None:
        """Mark every free token between two character positions as read."""
        for token in self.tokens:
            if token.start >= start and token.end <= end and token.reading is None:
                token.reading = reading


def normalise(text: str) -> str:
    """One line of NFKC text with the spellings the grammar expects, cut at the longest that is read."""
    text = unicodedata.normalize("NFKC", text)[:MAX_CHARACTERS]
    text = "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)
    text = re.sub(r"\s*\n+\s*(?:[-*•]\s*)?", "; ", text.strip())
    text = re.sub(r"[ \t]+", " ", text)
    return rewritten(text)


def read_text(text: str) -> Sentence:
    """Tokenise, with small slips in the words of the grammar (`wiht`, `serach`) put right."""
    text = _TOKEN.sub(lambda match: _corrected(match.group()), normalise(text))
    tokens = [Token(m.group(), m.group().lower(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    return Sentence(text, tokens)


def is_known(word: str) -> bool:
    """True for words that stand in any list of the lexicon, in singular or plural."""
    known, one = words(), singular(word)
    lists = (known.filler, known.containers, known.settings, known.actors, known.verbs, known.grammar, known.users)
    return any(word in entry or one in entry for entry in lists) or one in things() or field_kind(one) is not None


def _corrected(word: str) -> str:
    lowered = word.lower()
    if len(word) < 4 or not word.isalpha() or is_known(lowered):
        return word
    for right in sorted(words().grammar):
        if right[0] == lowered[0] and abs(len(right) - len(lowered)) <= 1 and _one_slip(lowered, right):
            return right
    return _corrected_noun(lowered) or word


def _corrected_noun(word: str) -> str | None:
    """A long noun with two letters swapped, or one that should be double or should be there: `supliers`, `inventry`."""
    one = singular(word)
    nouns = (*words().settings, *(noun for noun in things() if " " not in noun))
    for right in nouns:
        if len(right) < 8 or right[0] != one[0] or right[-1] != one[-1] or len(right) - len(one) not in (0, 1):
            continue
        swapped = len(right) == len(one) and sorted(right) == sorted(one) and _one_slip(one, right)
        missing = len(right) - len(one) == 1 and any(right[:at] + right[at + 1 :] == one for at in range(1, len(right)))
        if swapped or missing:
            return plural(right) if one != word else right
    return None


def _one_slip(wrong: str, right: str) -> bool:
    """True when two letters are swapped, or (in longer words) one is missing, doubled or wrong."""
    if len(wrong) == len(right) and sorted(wrong) == sorted(right):
        return sum(a != b for a, b in zip(wrong, right, strict=True)) == 2
    if len(right) < 6:
        return False
    matched = sum(block.size for block in SequenceMatcher(None, wrong, right, autojunk=False).get_matching_blocks())
    return matched >= max(len(wrong), len(right)) - 1
