"""Rules and lists that a sentence asks for, and how their handlers find the things they are about."""

from dataclasses import dataclass, field

from llm.offline.reader.draft import Draft, Thing, singular_of
from llm.offline.reader.features import Feature

USER = "user"
"""Stands for the account in the keys of a rule."""
NUMBERS = ("integer", "number", "decimal")


@dataclass(frozen=True)
class RuleDraft:
    """A rule in the words of the draft: `parent` is a noun, `fields` are names in the thing (nouns for references)."""

    kind: str
    noun: str
    statement: str
    parent: str | None = None
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    number: int | None = None


@dataclass
class Asks:
    """Everything that is asked beside things: per thing its search, filters and orders, and the rules of all."""

    rules: list[RuleDraft] = field(default_factory=list)
    search: dict[str, list[str]] = field(default_factory=dict)
    filters: dict[str, list[str]] = field(default_factory=dict)
    sort: dict[str, list[str]] = field(default_factory=dict)
    unmet: list[str] = field(default_factory=list)

    def rule(self, new: RuleDraft) -> None:
        """Add a rule once per kind and thing; keys of uniqueness may be several."""

        def same(old: RuleDraft) -> bool:
            keys = old.kind != "unique_per" or set(old.fields) == set(new.fields)
            return keys and (old.kind, old.noun, old.parent) == (new.kind, new.noun, new.parent)

        if not any(same(old) for old in self.rules):
            self.rules.append(new)


def subject_of(draft: Draft, feature: Feature, noun: str | None = None) -> Thing | None:
    """The thing that a phrase is about: the one it names, else the one named last before it."""
    if noun and singular_of(noun) in draft.things:
        return draft.things[singular_of(noun)]
    if noun and draft.find(noun):
        return draft.find(noun)
    head = draft.things.get(draft.head or "")
    before = draft.before(feature.start)
    if before and before.source == "listed" and feature.start - before.start <= len(before.plural) + 1:
        return before
    return before if before and head is None else head or before


def parents_of(draft: Draft, noun: str) -> list[str]:
    return [link.parent for link in draft.links if link.child == noun and not link.many]


def with_article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"
