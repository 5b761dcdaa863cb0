"""What the features of a sentence mean for its things: rules, and the fields and things that these need."""

from collections.abc import Callable
from dataclasses import replace

from llm.offline.reader import ask_limits as limits
from llm.offline.reader import ask_places as places
from llm.offline.reader import ask_reports as reports
from llm.offline.reader import ask_values as values
from llm.offline.reader.ask_model import NUMBERS, Asks, RuleDraft, subject_of
from llm.offline.reader.complete import SCORES, ensure_field
from llm.offline.reader.draft import Draft, FieldDraft, Thing, singular_of
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import things, words
from llm.offline.reader.relations import typical

_TEXTS = frozenset({"text", "content", "keyword", "body", "word", "full_text", "message", "contents"})
"""Words for the text of something, whatever its field is called."""


def anticipate(draft: Draft, features: list[Feature]) -> None:
    """Add the things that features name, before the draft is completed."""
    for feature in features:
        if feature.kind == "shortener" and "link" not in draft.things:
            link = draft.add("link", "listed", feature.start)
            link.fields = [
                FieldDraft("url", "url"),
                FieldDraft("code", "string", required=False, unique=True, max_length=32),
            ]
            draft.head, draft.title = "link", draft.title or "URL shortener"
        elif feature.kind == "one_per":
            _anticipate_one(draft, feature)
        elif feature.kind == "capacity":
            places.anticipate_bookings(draft)
        elif feature.kind == "capacity_of" and (noun := feature.part("counted", "each")):
            _anticipate_guests(draft, noun, feature)
        elif feature.kind == "auth" and feature.phrase.startswith("by ") and (made := draft.before(feature.start)):
            draft.by_users[made.noun] = feature.phrase
        elif feature.kind == "own_rows" and (noun := feature.part("noun", "only", "per", "mine")):
            one = singular(noun)
            if one not in draft.things and (one in things() or not draft.things):
                draft.add(one, "listed", feature.start)
        elif feature.kind == "period_totals" and (noun := feature.part("noun", "and")):
            if singular(noun) in words().group_nouns:
                draft.add(singular(noun), "listed", feature.start)
        elif feature.kind in ("average", "totals") and (noun := feature.part("noun")):
            _anticipate_score(draft, noun, feature)


def _anticipate_guests(draft: Draft, noun: str, feature: Feature) -> None:
    """`a maximum of 20 participants` needs participants, each of one thing."""
    whole, one = draft.before(feature.start), singular(noun)
    if whole is not None and draft.find(one) is None and whole.noun != one:
        guest = draft.add(one, "inferred", whole.start)
        draft.link(guest.noun, whole.noun)


def _anticipate_one(draft: Draft, feature: Feature) -> None:
    """`one vote per member per poll` needs votes, members and polls; `each user can vote once` too."""
    for part in (feature.part("per", "single", "who3"), feature.part("more", "more2", "more3")):
        one = singular(part or "")
        known = one in words().actors or bool(typical(one).fields)
        if known and one not in words().users and draft.find(one) is None:
            draft.add(one, "listed", feature.start)
    said = singular(feature.part("noun") or "")
    noun = words().verbs.get(said, said) or words().verbs.get(feature.part("verb", "verb3", "past") or "", "")
    if not noun or noun in draft.things:
        return
    event = draft.add(noun, "listed", feature.start)
    if not any(parent in draft.things for parent in typical(noun).parents) and draft.head in draft.things:
        draft.link(event.noun, draft.head or "")


def _anticipate_score(draft: Draft, noun: str, feature: Feature) -> None:
    """`average rating` of things that nobody rates yet: ratings are given in reviews."""
    one = singular(noun)
    if one in SCORES and not any(thing.field(one) or thing.noun == one for thing in draft.things.values()):
        reviewable = draft.before(feature.start)
        by_action = any(words().verbs.get(action.verb) == "review" for action in draft.actions)
        if reviewable and not by_action and "review" not in draft.things and one == "rating":
            draft.add("review", "inferred", reviewable.start)
            draft.link("review", reviewable.noun)


def apply(draft: Draft, features: list[Feature]) -> Asks:
    """Turn features into rules and asks; what finds no thing to apply to is said in `unmet`."""
    asks = Asks()
    for noun, (name, states) in draft.flows.items():
        limits.status_flow(draft, asks, noun, name, states)
    for feature in features:
        handler = _HANDLERS.get(feature.kind)
        if handler is not None and not handler(draft, asks, feature):
            asks.unmet.append(feature.phrase)
    limits.voting_once(draft, asks)
    places.filled(draft, asks)
    limits.single_loans(draft, asks)
    limits.ordered_times(draft, asks)
    return asks


def _listed(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`search by`, `filter by` and `sorted by`: fields are added where the thing has none of the name."""
    kept = {"search_by": asks.search, "filter_by": asks.filters, "sort_by": asks.sort}[feature.kind]
    for noun in feature.nouns:
        thing = _thing_with(draft, noun, feature)
        if thing is None:
            return False
        if feature.kind == "sort_by" and _is_of_parts(draft, noun):
            asks.unmet.append(f"{feature.phrase} (a list is sorted by the fields of its own rows)")
            continue
        other = draft.find(noun)
        if other is not None and any((link.child, link.parent) == (other.noun, thing.noun) for link in draft.links):
            return feature.kind == "search_by"
        if other is not None and feature.kind == "search_by" and other is thing:
            continue
        if other is thing and (parts := [link.child for link in draft.links if link.parent == thing.noun]):
            thing = draft.things[parts[0]]
        if other is not None and any((link.child, link.parent) == (thing.noun, other.noun) for link in draft.links):
            refers = asks.sort if feature.kind == "sort_by" else asks.filters
            refers.setdefault(thing.noun, []).append(f"@{other.noun}")
            continue
        if feature.kind == "sort_by" and (reason := _only_in_parts(draft, subject_of(draft, feature) or thing, noun)):
            asks.unmet.append(f"{feature.phrase} ({reason})")
            continue
        found = _text_of(thing, noun) or ensure_field(thing, noun)
        if feature.kind == "search_by" and found.type not in ("string", "text", "email", "url"):
            asks.filters.setdefault(thing.noun, []).append(found.name)
        else:
            kept.setdefault(thing.noun, []).append(found.name)
    return True


def _text_of(thing: Thing, noun: str) -> FieldDraft | None:
    """`search by text` where the text is called otherwise (`body`)."""
    named = any(singular_of(noun) in own.name.split("_") for own in thing.fields)
    texts = [own for own in thing.fields if own.type == "text"]
    return texts[0] if singular_of(noun) in _TEXTS and texts and not named else None


def _is_of_parts(draft: Draft, noun: str) -> bool:
    """`last watering`, `number of votes`: what only the parts of a row know."""
    first, _, rest = noun.partition(" ")
    return first in ("last", "latest", "next", "number", "total", "average", "most") and draft.find(rest) is not None


def _only_in_parts(draft: Draft, thing: Thing, noun: str) -> str:
    """Why a list cannot be sorted by a score that only the reviews of a thing have."""
    parts = [draft.things[link.child] for link in draft.links if link.parent == thing.noun and not link.many]
    scored = singular(noun) in SCORES and not any(own.name in SCORES for own in thing.fields)
    part = next((one for one in parts if scored and one.field(singular(noun))), None)
    return f"{thing.plural} show their average {noun}, but the list is not sorted by it" if part else ""


def _thing_with(draft: Draft, noun: str, feature: Feature) -> Thing | None:
    name = singular_of(noun).replace(" ", "_")
    subject = subject_of(draft, feature)
    if name in _TEXTS:
        subject = _with_text(draft, subject) or subject
    if subject is None or any(name in (own.name, singular(own.name)) for own in subject.fields):
        return subject
    owners = [one for one in draft.things.values() if any(name in (own.name, singular(own.name)) for own in one.fields)]
    return subject if draft.find(noun) or not owners else owners[0]


def _with_text(draft: Draft, subject: Thing | None) -> Thing | None:
    """The thing with a text of its own, the one that is spoken of first."""
    order = [*([subject] if subject else []), *draft.things.values()]
    return next((one for one in order if any(own.type == "text" and own.required for own in one.fields)), None)


def _range(draft: Draft, asks: Asks, feature: Feature) -> bool:
    low, high = float(feature.parts.get("low", 1)), float(feature.part("high", "top") or 0)
    numbers = [(thing, own) for thing in draft.things.values() for own in thing.fields if own.type in NUMBERS]
    rated = [pair for pair in numbers if pair[1].name in SCORES or pair[0].noun in SCORES]
    near = draft.before(feature.start)
    fitting = [pair for pair in rated if pair[0] is near] or rated or [pair for pair in numbers if pair[0] is near]
    if not fitting or low >= high:
        return False
    thing, own = fitting[0]
    thing.fields = [replace(old, minimum=low, maximum=high) if old is own else old for old in thing.fields]
    return True


def _default_page(draft: Draft, asks: Asks, feature: Feature) -> bool:
    size = min(int(feature.parts["n"]), 100)
    for thing in draft.things.values():
        asks.rule(
            RuleDraft("page_size", thing.noun, f"Lists of {thing.plural} show {size} at a time.", number=max(size, 1))
        )
    return True


_HANDLERS: dict[str, Callable[[Draft, Asks, Feature], bool]] = {
    "csv": reports.csv_export, "shortener": reports.shortener, "clicks": reports.clicks, "low_stock": reports.low_stock,
    "period_totals": reports.period_totals, "totals": reports.totals, "average": reports.average,
    "count_per": reports.count_per, "tally": reports.tally, "no_overlap": limits.no_overlap,
    "no_double_booking": limits.double_booking,
    "capacity": places.capacity, "capacity_of": places.capacity, "one_per": limits.one_per, "unique": limits.unique,
    "returning": limits.returning, "one_at_a_time": limits.one_at_a_time, "search_by": _listed, "filter_by": _listed,
    "minimum": values.minimum, "unique_within": limits.unique_within, "only_once": limits.only_once,
    "limit_per": limits.limit_per, "times_counted": values.times_counted, "ordered": values.ordered,
    "max_length": values.max_length, "ranking": values.ranking, "approval": values.approval,
    "sort_by": _listed, "range": _range, "default_page": _default_page,
}  # fmt: skip
