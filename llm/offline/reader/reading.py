"""`read(sentence)`: everything that the offline model makes of a sentence, or why it refuses it."""

import re
from dataclasses import dataclass

from llm.offline.reader.ask_model import Asks
from llm.offline.reader.asks import anticipate, apply
from llm.offline.reader.complete import complete
from llm.offline.reader.coverage import covered, not_covered
from llm.offline.reader.draft import Draft
from llm.offline.reader.features import Feature, find_features
from llm.offline.reader.grammar import read_clauses
from llm.offline.reader.refusal import NOTHING, why_refused
from llm.offline.reader.text import Sentence, read_text

MAX_THINGS = 14
_API = re.compile(
    r"\b(?:rest(?:ful)? ?)?apis?\b|\bbackend\b|\bmicroservice\b|\bweb service\b|\bendpoints\b|\brest service\b", re.I
)
_INTERFACE = re.compile(
    r"\bweb ?sites?\b|\bsite\b|\bweb ?app\b|\bportal\b|\bdashboard\b|\bscreens?\b|\buser interface\b", re.I
)


@dataclass(frozen=True)
class Reading:
    """A draft with its rules, and in words what was read, inferred and left out."""

    draft: Draft
    asks: Asks
    features: tuple[Feature, ...]
    auth: bool
    frontend: bool
    covered: tuple[str, ...]
    not_covered: tuple[str, ...]


@dataclass(frozen=True)
class NotRead:
    """A refusal: `reason` is a sentence for people that says what can be built."""

    reason: str


def read(text: str) -> Reading | NotRead:
    """Read one description. Never raises for any text; the same text gives the same reading."""
    sentence = read_text(text)
    features = find_features(sentence)
    draft = read_clauses(sentence, features)
    anticipate(draft, features)
    if reason := why_refused(sentence, features, draft):
        return NotRead(reason)
    complete(draft)
    if not draft.things:
        return NotRead(NOTHING)
    dropped = _bound(draft)
    asks = apply(draft, features)
    kinds = {feature.kind for feature in features}
    auth = draft.uses_accounts or bool(kinds & {"auth", "own_rows"})
    auth = auth and "no_auth" not in kinds
    if auth:
        asks.unmet += [
            f"{feature.phrase} (where people sign in, every operation but the sign-in itself needs a token)"
            for feature in features if feature.kind == "public_read"
        ]  # fmt: skip
    frontend, why = _interface(sentence, features)
    said = covered(sentence, features, draft, asks, auth=auth, frontend=why)
    left = (*not_covered(sentence, features, asks), *dropped)
    return Reading(draft, asks, tuple(features), auth, frontend, said, left)


def _interface(sentence: Sentence, features: list[Feature]) -> tuple[bool, str]:
    """Whether a frontend is built, and the words that decided it."""
    for feature in features:
        if feature.kind == "backend_only":
            return False, f"{feature.phrase}: no frontend"
    if any(feature.kind == "frontend" for feature in features):
        return True, ""
    asked, shown = _API.search(sentence.text), _INTERFACE.search(sentence.text)
    if asked and not shown:
        return False, f"{asked.group()}: no frontend (an API alone is asked for)"
    return True, "with a React frontend (usual when the sentence does not ask for an API alone)"


def _bound(draft: Draft) -> list[str]:
    """Keep the first things when a text names very many; says what was left out."""
    names = list(draft.things)
    for noun in names[MAX_THINGS:]:
        del draft.things[noun]
    draft.links = [link for link in draft.links if link.child in draft.things and link.parent in draft.things]
    return [
        f"{noun}: more than {MAX_THINGS} kinds of things are too many for the offline model"
        for noun in names[MAX_THINGS:]
    ]
