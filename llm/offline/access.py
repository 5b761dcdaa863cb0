"""Who may see and change what, when the application has accounts."""

from collections.abc import Iterable
from typing import Literal

from llm.offline.reader.draft import Draft, Thing, plural_of
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import words
from llm.offline.reader.relations import typical

Access = Literal["public", "login", "owner"]
_MADE_BY_PEOPLE = frozenset({
    "booking", "reservation", "vote", "review", "rating", "like", "favourite", "favorite", "bookmark", "follow",
})  # fmt: skip
_ABOUT_OTHERS = frozenset({
    "vote", "like", "review", "rating", "comment", "answer", "reply", "bid", "follow", "favourite", "favorite", "pledge",
    "registration", "booking", "participation",
})  # fmt: skip
"""What one does to the things of other people."""
_REPLACED_BY_ACCOUNT = frozenset({"name", "email", "author_name"})


def access_of(draft: Draft, features: Iterable[Feature], *, auth: bool) -> dict[str, Access]:
    """Access per noun: own rows for what people make for themselves, sign-in for what they share."""
    if not auth:
        return dict.fromkeys(draft.things, "public")
    owned = _with_parts(draft, _owned(draft, [feature for feature in features if feature.kind == "own_rows"]))
    return {noun: "owner" if noun in owned else "login" for noun in draft.things}


def _owned(draft: Draft, own_rows: list[Feature]) -> set[str]:
    named = {noun for feature in own_rows if (noun := _named(draft, feature))}
    made = {noun for noun in draft.by_users if noun in draft.things} | _acted_without_person(draft)
    if named or made:
        return named | (made - _for_others(draft))
    if own_rows or any(typical(noun).personal for noun in draft.things):
        return set(draft.things)
    return set()


def _for_others(draft: Draft) -> set[str]:
    """What people vote on, comment or answer is there for others to see: `users ask questions and post answers`."""
    return {
        link.parent
        for link in draft.links
        if link.child.split(" ")[-1] in _ABOUT_OTHERS and not link.many and link.child in draft.by_users
    }


def _named(draft: Draft, feature: Feature) -> str | None:
    found = draft.find(feature.part("noun", "only", "per", "mine") or "")
    return found.noun if found else None


def _acted_without_person(draft: Draft) -> set[str]:
    """Bookings, votes and the like that name no person of their own belong to the account that makes them."""

    def has_person(noun: str) -> bool:
        return any(link.child == noun and link.parent.split(" ")[-1] in words().actors for link in draft.links)

    return {
        noun
        for noun in draft.things
        if noun.split(" ")[-1] in _MADE_BY_PEOPLE and not has_person(noun) and len(draft.things) > 1
    }


def _with_parts(draft: Draft, owned: set[str]) -> set[str]:
    """Parts of what somebody owns, and the labels that only owned things use, are owned too."""
    before: set[str] = set()
    while before != owned:
        before = set(owned)
        owned |= {link.child for link in draft.links if link.parent in owned and not link.many}
        for noun in draft.things:
            users = {link.child for link in draft.links if link.parent == noun}
            if users and users <= owned and singular(noun.split(" ")[-1]) in words().group_nouns:
                owned.add(noun)
    return owned


def without_account_fields(thing: Thing) -> None:
    """The account says who it is: supplied names and addresses of people go from what it owns."""
    if thing.noun.split(" ")[-1] in _MADE_BY_PEOPLE | {"comment", "registration", "enrolment", "enrollment", "order"}:
        thing.fields = [field for field in thing.fields if field.stated or field.name not in _REPLACED_BY_ACCOUNT]


def explain(draft: Draft, access: dict[str, Access]) -> list[str]:
    """What was decided, for the plan's `covered`."""
    owned = [plural_of(noun) for noun, value in access.items() if value == "owner"]
    shared = [plural_of(noun) for noun, value in access.items() if value == "login"]
    said = [f"each user sees and changes only own {', '.join(owned)}"] if owned else []
    return said + ([f"every signed-in user sees and changes {', '.join(shared)}"] if shared else [])
