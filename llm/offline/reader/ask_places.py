"""Places: what has a capacity, what takes it, and that nobody takes two."""

from dataclasses import replace

from llm.offline.reader.ask_model import USER, Asks, RuleDraft, parents_of, with_article
from llm.offline.reader.draft import PLACES, Draft, FieldDraft, Thing, typed_field
from llm.offline.reader.features import Feature
from llm.offline.reader.lexicon import words

TAKING = frozenset({
    "booking", "enrolment", "enrollment", "registration", "reservation", "ticket", "attendee", "participant", "rsvp", "signup",
    "application", "membership", "participation", "attendance",
})  # fmt: skip


def one_each(draft: Draft, asks: Asks, thing: Thing, target: str | None = None) -> None:
    """Nobody has two of these for the same parent."""
    if any(rule.kind == "unique_per" and rule.noun == thing.noun for rule in asks.rules):
        return
    parents = parents_of(draft, thing.noun)
    persons = [noun for noun in parents if noun.split(" ")[-1] in words().actors and noun != target]
    others = [target] if target else [noun for noun in parents if noun not in persons][:1]
    email = thing.field("email")
    who = (
        (USER,)
        if thing.noun in draft.by_users or draft.uses_accounts
        else tuple(persons[:1]) or ((email.name,) if email else ())
    )
    if not others or not who:
        return
    thing.fields = [replace(own, required=True) if own is email and who == (own.name,) else own for own in thing.fields]
    statement = f"Nobody has two {thing.plural} for the same {others[0]}."
    asks.rule(RuleDraft("unique_per", thing.noun, statement, fields=(*who, *(noun for noun in others if noun))))


def capacity_field(thing: Thing) -> FieldDraft | None:
    return next((own for own in thing.fields if own.name in PLACES and own.type == "integer"), None)


def capacity(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """Find the thing with places and the things that take them; makes the field, and bookings, when they are missing."""
    pairs = [
        (draft.things[link.child], draft.things[link.parent]) for link in draft.links
        if not link.many and (link.child.split(" ")[-1] in TAKING or capacity_field(draft.things[link.parent]))
        and link.parent.split(" ")[-1] not in words().actors
    ]  # fmt: skip
    if not pairs:
        return False
    taking = [pair for pair in pairs if pair[0].noun.split(" ")[-1] in TAKING]
    child, parent = next(((one, two) for one, two in taking or pairs if capacity_field(two)), (taking or pairs)[0])
    places = capacity_field(parent)
    if places is None:
        places = typed_field("capacity")
        parent.put(places)
    limit = feature.part("limit", "most")
    most = min(float(limit), 1_000_000) if limit and int(limit) > 0 else places.maximum
    parent.put(replace(places, required=True, maximum=most))
    _limit(draft, asks, child, parent, places)
    return True


def _limit(draft: Draft, asks: Asks, child: Thing, parent: Thing, places: FieldDraft) -> None:
    statement = f"{with_article(parent.noun).capitalize()} takes no more {child.plural} than its {places.name}."
    asks.rule(RuleDraft("capacity", child.noun, statement, parent=parent.noun, fields=(places.name,)))
    if child.noun in draft.by_users or any(
        noun.split(" ")[-1] in words().actors for noun in parents_of(draft, child.noun)
    ):
        one_each(draft, asks, child, parent.noun)


def filled(draft: Draft, asks: Asks) -> None:
    """`talks with a capacity, attendees register`: what people take of a thing with so many places ends with these."""
    for action in draft.actions:
        whole = draft.things.get(action.target)
        places = capacity_field(whole) if whole else None
        parts = [
            noun for noun in draft.things if noun.split(" ")[-1] in TAKING and action.target in parents_of(draft, noun)
        ]
        known = any(rule.kind == "capacity" and rule.parent == action.target for rule in asks.rules)
        if whole and places and places.stated and parts and not known:
            whole.put(replace(places, required=True))
            _limit(draft, asks, draft.things[parts[0]], whole, places)


def anticipate_bookings(draft: Draft) -> None:
    """`workshops with a capacity, no overbooking` needs something that takes the places."""
    whole = next((thing for thing in draft.things.values() if capacity_field(thing)), None)
    taken = any(noun.split(" ")[-1] in TAKING for noun in draft.things) or draft.actions
    people = any(noun.split(" ")[-1] in words().actors for noun in draft.things)
    if whole is not None and not taken and not people:
        draft.add("booking", "inferred", whole.start)
        draft.link("booking", whole.noun)
