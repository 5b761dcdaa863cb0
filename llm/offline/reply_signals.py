"""What the clauses of a reply say: acceptance, refusal, a wish, an end, another try, a condition, a question, money."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from llm.offline.money import Money, read_money

_POLITE = frozenset({
    "please", "thanks", "thank", "you", "thx", "ty", "a", "lot", "very", "much", "so", "cheers", "great", "job",
    "team", "everyone", "guys", "folks", "now", "then", "well", "hey", "hi", "hello", "and", "i", "me", "my", "think",
    "guess", "it", "this", "that", "is", "to", "the", "for", "us", "just", "really", "too", "all", "of", "in", "on",
    "at", "as", "am", "be", "we", "with", "your", "work", "done", "already", "yes", "ok", "okay", "go", "ahead",
    "let's", "app", "application", "result", "design", "code", "build", "one", "here", "today", "asap", "right",
    "away", "immediately", "!", "indeed", "absolutely", "definitely", "totally", "certainly", "sir", "mate", "buddy",
    "dear", "friend", "bot", "everything", "thing", "looks", "nice", "good",
})  # fmt: skip
_KEYS = (
    "approve",
    "approved",
    "another",
    "again",
    "dollar",
    "dollars",
    "budget",
    "cancel",
    "abort",
    "retry",
    "publish",
    "double",
)
_NEARLY = frozenset({"about", "other", "budges", "canal"})
_ENGLISH = frozenset({
    "the", "a", "an", "is", "are", "was", "be", "to", "of", "and", "in", "it", "its", "that", "this", "for", "on",
    "with", "as", "at", "by", "not", "no", "should", "must", "need", "needs", "want", "would", "could", "can", "page",
    "list", "field", "title", "search", "button", "form", "name", "login", "user", "users", "too", "many", "much",
    "more", "less", "instead", "when", "if", "from", "i", "we", "you", "there", "all", "each", "results", "result",
    "table", "date", "price", "app", "make", "add", "remove", "endpoint", "color", "colour",
})  # fmt: skip


@dataclass(frozen=True)
class Signals:
    """Everything that a reply says, whatever it answers."""

    approves: bool
    refuses: bool
    wishes: bool
    aborts: bool
    retries: bool
    conditional: bool
    asks: bool
    unsure: bool
    objects: bool
    to_the_service: bool
    accepts_as_is: bool
    money: Money | None


@cache
def _lists() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "data" / "replies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def phrase(name: str) -> re.Pattern[str]:
    """The phrases of a list of the data file, as whole words."""
    whole = "|".join(_lists()[name])
    for other in re.findall(r"<<(\w+)>>", whole):
        whole = whole.replace(f"<<{other}>>", "|".join(_lists()[other]))
    return re.compile(rf"(?<![\w'])(?:{whole})(?![\w'])")


def read_signals(text: str) -> Signals:
    """Read one reply, clause by clause."""
    lowered = as_read(text)
    plain = phrase("taken_back").sub(" ", lowered)
    plain = phrase("no_objection").sub(" approved ", phrase("no_end").sub(" ", plain))
    clauses = _clauses(plain)
    said = _clauses(_without_questions(plain))
    aborts = any(phrase("abort").fullmatch(clause) for clause in said)
    retries = any(phrase("retry_with").fullmatch(clause) for clause in said)
    refuses = bool(phrase("negated").search(plain)) or any(phrase("plain_no").fullmatch(clause) for clause in clauses)
    unsure = _breaks_off(plain) or any(phrase("unsure").search(clause) for clause in clauses)
    asks = phrase("question").match(lowered) is not None and (
        text.rstrip().endswith("?") or lowered.startswith("show me")
    )
    approvals = [clause for clause in said if _approves(clause)]
    wishes = any(
        _wishes(clause) for clause in clauses if not _ends_or_retries(clause) and not _is_over(clause, approvals)
    )
    over = any(_is_over(clause, approvals) for clause in clauses)
    conditional = not over and phrase("condition").search(lowered) is not None
    return Signals(
        approves=bool(approvals) and not unsure, refuses=refuses, wishes=wishes and not unsure, aborts=aborts,
        retries=retries, conditional=conditional, asks=asks, unsure=unsure,
        objects=any(phrase("objection").search(clause) and _leftover(clause) for clause in clauses),
        to_the_service=phrase("to_the_service").search(lowered) is not None,
        accepts_as_is=any(_accepts_as_is(clause) for clause in said), money=read_money(lowered),
    )  # fmt: skip


def as_read(text: str) -> str:
    """The text in lower case, signs as words, contractions opened, slips of the keyboard mended."""
    lowered = text.lower().replace("’", "'").strip(" \n\"'“”„")
    for signs, words in (("👍✅🚀🎉💯👌🙌☑✔", " yes "), ("👎❌🚫", " no "), ("🛑", " stop "), ("🔁🔄", " retry ")):
        for sign in signs:
            lowered = lowered.replace(sign, words)
    lowered = re.sub(r"\b(it|that|this|everything|all)'s\b", r"\1 is", lowered)
    return re.sub(r"[a-z]{5,}", lambda match: _mended(match[0]), lowered)


def _mended(word: str) -> str:
    """The key word that is one slip away; every other word as it is."""
    if word in _KEYS or word in _NEARLY:
        return word
    return next(
        (key for key in _KEYS if key[0] == word[0] and not word.startswith(key) and _is_one_slip(word, key)), word
    )


def _is_one_slip(word: str, key: str) -> bool:
    """One letter is missing, too many, another one, or changed places with the next."""
    start = next((at for at, (left, right) in enumerate(zip(word, key, strict=False)) if left != right), len(key))
    left, right = word[start:], key[start:]
    return left in (right[1:], right[1::-1] + right[2:]) or right == left[1:] or left[1:] == right[1:]


def _clauses(text: str) -> list[str]:
    parts = re.split(r"[.,;:!?()\n]+| - | – |\bbut\b|\bhowever\b|\bthough\b", text)
    return [clause for part in parts if (clause := part.strip(" \"'“”"))]


def _without_questions(text: str) -> str:
    """What is said, and what is asked for politely: `should I ship it?` says nothing, `can you ship it?` does."""
    sentences = re.findall(r"[^.!?]*[.!?]*", text)
    return " ".join(
        one for one in sentences if not one.rstrip().endswith("?") or phrase("asked_for").match(one.strip())
    )


def _breaks_off(text: str) -> bool:
    """True for `ok but`: what would have followed is not said."""
    return re.search(r"\b(?:but|or|except|unless|if)[\s.…,]*$", text) is not None


def _is_over(clause: str, approvals: list[str]) -> bool:
    """True for `it was slow before` next to an acceptance."""
    return bool(approvals) and phrase("past").search(clause) is not None and phrase("still").search(clause) is None


def _approves(clause: str) -> bool:
    """True for a clause that accepts and says nothing else: a word that is not understood makes it no acceptance."""
    if phrase("negated").search(clause) or phrase("mocking").search(clause):
        return False
    return phrase("approve").search(clause) is not None and not _leftover(clause)


def _accepts_as_is(clause: str) -> bool:
    rest = phrase("accept_as_is").sub(" ", clause)
    accepts = phrase("accept_as_is").search(clause) is not None and phrase("negated").search(clause) is None
    return accepts and not _leftover(rest)


def _leftover(clause: str) -> list[str]:
    rest = phrase("approve").sub(" ", clause)
    return [word for word in re.findall(r"[a-z0-9']+", rest) if word not in _POLITE]


def _wishes(clause: str) -> bool:
    """True for a clause that asks for something or says that something is not right."""
    rest = phrase("approve").sub(" ", clause)
    rest = phrase("only_refused").sub(" ", rest)
    words = [
        word
        for word in re.findall(r"[a-z0-9']+", rest)
        if word not in _POLITE and word not in ("yet", "no", "not", "nope", "wait", "don't", "do", "hold")
    ]
    marked = bool(phrase("wish").search(rest)) and len(words) >= 2
    observed = len(words) >= 3 and len(set(re.findall(r"[a-z']+", clause)) & _ENGLISH) >= 2
    return marked or observed


def _ends_or_retries(clause: str) -> bool:
    return bool(phrase("abort").fullmatch(clause) or phrase("retry").fullmatch(clause))


def bare_retry(text: str) -> bool:
    """True when a reply asks for another try and says nothing else."""
    return phrase("retry").fullmatch(as_read(text).strip(" .!")) is not None


def has_condition(text: str) -> bool:
    """True when a condition is followed by something that is conditioned: `ship it though` has nothing."""
    after = phrase("condition").split(text.lower(), maxsplit=1)
    said = [word for word in re.findall(r"[a-z0-9']+", after[-1]) if word not in _POLITE]
    return len(after) > 1 and bool(said)
