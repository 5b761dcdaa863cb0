"""Which thing refers to which: what the sentence states, then what such things usually do."""

import re

from llm.offline.reader.draft import Draft, FieldDraft, Link, Thing
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import Typical, things, words

_UNKNOWN = Typical(())
_PARTS_OF_PARTS = frozenset({
    "answer", "choice", "option", "comment", "reply", "subtask", "lesson", "exercise", "set", "card", "episode", "song",
    "question", "time entry", "line item", "application", "ticket",
})  # fmt: skip
NEED_AN_OBJECT = frozenset({
    "order", "booking", "reservation", "rental", "loan", "review", "rating", "vote", "favourite", "like", "comment", "bid",
})  # fmt: skip
_OFFERING = frozenset({
    "seller", "supplier", "vendor", "teacher", "instructor", "director", "landlord", "host", "organizer", "organiser", "creator",
    "artist", "author", "publisher", "manufacturer", "chef", "photographer", "entrant", "breeder", "owner", "provider", "tutor",
    "designer", "producer", "editor", "maker", "employer", "curator", "composer", "illustrator", "writer", "lecturer", "dealer",
    "finder", "poet", "painter",
})  # fmt: skip
"""People and firms that something is of."""
_STAFF = _OFFERING | {
    "moderator", "admin", "administrator", "manager", "staff", "agent", "judge", "librarian", "team", "employee", "technician",
    "trainer", "coach", "driver", "guide", "courier", "speaker", "doctor", "dentist", "vet", "nurse", "therapist", "stylist",
}  # fmt: skip
"""People who do not ask for what is listed with them."""
_PEOPLE_REFERENCES = frozenset({"assignee"})


def typical(noun: str) -> Typical:
    """What the lexicon knows of a noun, by all of its words or the last one."""
    return things().get(noun) or things().get(noun.split(" ")[-1]) or _UNKNOWN


def thing_noun(noun: str) -> str:
    """`attendance records` are attendance: a last word that says nothing is left out, unless the whole is a known thing."""
    *first, last = noun.split(" ")
    shorter = " ".join(first)
    generic = last in ("record", "entry", "log", "item", "list", "information", "detail", "listing")
    return shorter if generic and noun not in things() and shorter in things() else noun


def relate(draft: Draft, whole: str, part: str, *, stated: bool = False, many: bool = False) -> None:
    """Link a part to its whole, in the direction that such things usually have (`issues with labels`: many-to-many)."""
    last = singular(part.split(" ")[-1])
    single = any(field.rstrip("?!").partition(":")[0].rstrip("?!") == part for field in typical(whole).fields)
    if single:
        draft.link(whole, part, many=many, required=False, stated=stated)
    elif part in typical(whole).links or last in words().many_nouns:
        draft.link(whole, part, many=True, required=False, stated=stated)
    elif last in words().group_nouns or (part in typical(whole).parents and whole not in typical(part).parents):
        draft.link(whole, part, many=many, required=False, stated=stated)
    else:
        draft.link(part, whole, required=stated or whole in typical(part).parents, stated=stated)


def complete_links(draft: Draft) -> None:
    """Add the links that the sentence leaves to common sense."""
    _fields_to_links(draft)
    for thing in list(draft.things.values()):
        _typical_links(draft, thing)
    _objects_of_events(draft)
    _groups(draft)
    _companions_of_head(draft)
    _offered_by(draft)
    _taken_by(draft)
    _drop_detours(draft, _events_to_things(draft))


def _fields_to_links(draft: Draft) -> None:
    """A text field that is named like another thing (`author` beside authors) refers to it."""
    for thing in draft.things.values():
        for field in list(thing.fields):
            noun = " ".join(singular(word) for word in field.name.removesuffix("_id").split("_"))
            other = draft.things.get(noun)
            if other is None or other is thing or field.type not in ("string", "text"):
                continue
            many = field.name.split("_")[-1] != singular(field.name.split("_")[-1])
            thing.fields.remove(field)
            draft.link(thing.noun, noun, many=many, required=field.required and not many)


def _typical_links(draft: Draft, thing: Thing) -> None:
    usual = typical(thing.noun)
    settled = any(link.child == thing.noun and link.stated for link in draft.links) and thing.source == "verb"
    for target in usual.links:
        if target in draft.things and target != thing.noun:
            draft.link(thing.noun, target, many=True, required=False, stated=False)
    for parent in usual.parents:
        if settled and parent not in words().actors | words().group_nouns:
            continue
        if parent in draft.things and parent != thing.noun:
            draft.link(thing.noun, parent, required=_is_needed(thing.noun, parent), stated=False)
    for other in draft.things:
        if thing.noun != other and thing.noun.startswith(other + " ") and thing.noun not in things():
            owns = thing.noun.split(" ")[-1] in words().actors
            if owns and thing.noun.endswith("owner"):
                draft.link(other, thing.noun, stated=False)
            elif not owns:
                draft.link(thing.noun, other, stated=False)


def _is_needed(child: str, parent: str) -> bool:
    """A group may be missing; what a thing cannot be thought of without may not."""
    belongs = child.split(" ")[-1] in words().actors and parent not in typical(child).parents[:1]
    return singular(parent.split(" ")[-1]) not in words().group_nouns and not belongs


def _linked(draft: Draft) -> set[str]:
    return {noun for link in draft.links for noun in (link.child, link.parent)}


def _main(draft: Draft) -> str | None:
    """The thing the application turns on: the head, or the first listed thing that is not a mere group."""
    if draft.head in draft.things:
        return draft.head
    plain = [noun for noun in draft.things if singular(noun.split(" ")[-1]) not in words().group_nouns]
    return plain[0] if plain else None


def _objects_of_events(draft: Draft) -> None:
    """An order of nothing makes no sense: what has no link yet is what is ordered, booked or reviewed."""
    for noun in draft.things:
        objects = [link.parent for link in draft.links if link.child == noun and link.parent not in words().actors]
        if noun.split(" ")[-1] not in NEED_AN_OBJECT or objects:
            continue
        free = [
            other
            for other in draft.things
            if other != noun and other not in _linked(draft) and other not in words().actors
        ]
        free = [other for other in free if not is_event(draft.things[other])]
        if free and singular(free[0].split(" ")[-1]) not in words().group_nouns:
            draft.link(noun, free[0], stated=False)


def _groups(draft: Draft) -> None:
    """Labels, categories and the like belong to the main thing when nothing else claims them."""
    main = _main(draft)
    for noun in list(draft.things):
        is_group = singular(noun.split(" ")[-1]) in words().group_nouns
        if main and is_group and noun != main and noun not in _linked(draft):
            relate(draft, main, noun)


def _offered_by(draft: Draft) -> None:
    """`ads and sellers`, `photos and entrants`: who makes or offers the first thing of a list is referred to by it."""
    plain = [
        noun for noun, thing in draft.things.items()
        if noun.split(" ")[-1] not in words().actors | words().group_nouns and not is_event(thing) and thing.source != "verb"
    ]  # fmt: skip
    for noun in draft.things:
        if noun.split(" ")[-1] in _OFFERING and noun not in _linked(draft) and plain and plain[0] != noun:
            draft.link(plain[0], noun, stated=False)


def _taken_by(draft: Draft) -> None:
    """`tools, neighbours and loans`: the only people of a list that have nothing to do yet are those who borrow."""
    apart = _linked(draft)
    people = [noun for noun in draft.things if noun.split(" ")[-1] in words().actors - _STAFF and noun not in apart]
    for noun in draft.things:
        if len(people) == 1 and noun.split(" ")[-1] in NEED_AN_OBJECT and noun in apart and noun not in draft.by_users:
            draft.link(noun, people[0], stated=False)


def _companions_of_head(draft: Draft) -> None:
    """`Spaceship tracker with crews`: what is listed with a head and has no link yet is a part of it, if it is no person."""
    head = draft.head
    if head not in draft.things or head in words().actors or (draft.listed_after_colon and head not in things()):
        return
    for noun, thing in list(draft.things.items()):
        if noun != head and noun not in _linked(draft) and thing.source == "listed" and noun not in words().actors:
            draft.link(noun, head, required=False, stated=False)


_EVENT = re.compile(
    r"(?:[a-z]{2}tion|[a-z]{2}sion|[a-z]{2}ment|sale|drive|visit|test|harvest|reading|log|request|record|entry|result|check|viewing"
    r"|checkup|contract|lease|agreement|delivery|rental|repair|survey|dive|trip|report|fill-up|feeding|lesson|session|match|treatment)$"
)
_NO_EVENTS = frozenset({
    "apartment", "association", "collection", "department", "destination", "document", "edition", "element", "equipment",
    "garment", "government", "institution", "instrument", "location", "medication", "mission", "nation", "option",
    "organisation", "organization", "ornament", "position", "question", "region", "religion", "section", "segment", "station",
    "television", "version",
})  # fmt: skip


def is_event(thing: Thing) -> bool:
    """Something that happens to other things at a time: an inspection, a sale, what has a date."""
    last = thing.noun.split(" ")[-1]
    if last in _NO_EVENTS or last in words().actors:
        return False
    dated = any(own.type in ("date", "datetime") and own.name != "birth_date" for own in thing.fields if own.stated)
    return bool(_EVENT.search(last)) or (dated and not any(own.name in ("title", "name") for own in thing.fields))


def _events_to_things(draft: Draft) -> set[str]:
    """`hives with a name, inspections with a date`: what happens and has no link yet happens to what is listed before it.

    Returns the nouns that were linked."""
    order, linked = [thing for thing in draft.things.values() if thing.source in ("listed", "head")], set[str]()
    people = [thing.noun for thing in order if thing.noun.split(" ")[-1] in words().actors]
    for index, event in enumerate(order):
        known = {link.parent for link in draft.links if link.child == event.noun and not link.many}
        is_whole = any(link.parent == event.noun for link in draft.links)
        if not is_event(event) or event.noun == draft.head or is_whole or event.noun in people:
            continue
        plain = [
            one.noun for one in order[:index]
            if one.noun not in people and not is_event(one) and singular(one.noun.split(" ")[-1]) not in words().group_nouns
        ]  # fmt: skip
        usual = typical(event.noun).parents
        foreign = bool(usual and plain) and plain[0] in things() and not set(usual) & set(plain)
        if not known - set(people) and plain and not (foreign and draft.side_by_side):
            draft.link(event.noun, plain[0], stated=False)
            linked.add(event.noun)
        whole = known | set(plain[:1])
        through = {
            link.parent for link in draft.links if link.child in whole and (link.stated or link.parent == "owner")
        }
        if not (known | through) & set(people) and len(people) == 1 and (plain or not known):
            draft.link(event.noun, people[0], required=not plain, stated=False)
    return linked


def _drop_detours(draft: Draft, events: set[str]) -> None:
    """An inferred reference to a grandparent is left out when the parent in between has it (`answer` to `quiz`)."""
    pairs = {(link.child, link.parent) for link in draft.links if not link.many}

    def is_detour(link: Link) -> bool:
        between = {parent for child, parent in pairs if child == link.child and parent != link.parent}
        inferred = not link.stated and not link.many and link.child in _PARTS_OF_PARTS
        return inferred and any((parent, link.parent) in pairs for parent in between)

    draft.links = [link for link in draft.links if not is_detour(link) and not _is_met_elsewhere(draft, link, events)]


def _is_met_elsewhere(draft: Draft, link: Link, events: set[str]) -> bool:
    """An inferred link between two things that a stated one brings together (`patient` to `doctor` beside appointments)."""
    if link.stated or link.many or link.child.split(" ")[-1] in words().verbs.values():
        return False
    if link.parent in _OFFERING and link.parent not in typical(link.child).parents:
        return False
    pair = {link.child, link.parent}
    return any(
        pair
        <= {
            other.parent
            for other in draft.links
            if other.child == noun and not other.many and (other.stated or noun in events)
        }
        for noun in draft.things
    )


def reference_name(link: Link) -> str:
    """`author_id`, `tag_ids`; `owner_id` is kept for the account, so a pet's owner is `pet_owner_id`."""
    snake = link.parent.replace(" ", "_").replace("-", "_")
    if link.many:
        return f"{snake}_ids"
    return f"{link.child.replace(' ', '_')}_owner_id" if snake == "owner" else f"{snake}_id"


def has_name_like(thing: Thing, field: FieldDraft) -> bool:
    """True when a stated field says already what `field` would: it shares a word with it."""
    taken = {word for known in thing.fields for word in known.name.split("_")}
    return bool(taken & set(field.name.split("_")))
