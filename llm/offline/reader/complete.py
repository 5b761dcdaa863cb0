"""Makes a draft whole: which things stay, what people's actions create, and the fields that go without saying."""

from llm.offline.reader.draft import (
    PLACES,
    Action,
    Draft,
    FieldDraft,
    Thing,
    plural_of,
    singular_of,
    typed_field,
    typical_field,
)
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import keeps_plural, things, words
from llm.offline.reader.relations import NEED_AN_OBJECT, complete_links, has_name_like, typical

_SAME = (
    ("loan", "borrowing", "checkout", "rental"), ("booking", "reservation", "meeting"), ("review", "rating"),
    ("order", "purchase"), ("enrolment", "enrollment", "registration"), ("favourite", "favorite"),
    ("registration", "signup", "attendance", "rsvp", "booking", "participation"),
    ("application", "job application"), ("vote", "upvote"),
    ("todo", "task"), ("rental", "lease", "tenancy"), ("podcast", "show"), ("timesheet", "time entry"),
)  # fmt: skip
SCORES = ("rating", "stars", "score", "grade", "points")
"""Names of numbers that say how good something is; a thing has one of them."""
_NAMES = ("title", "name", "subject", "text", "headline")
_ALIKE = (SCORES, PLACES, ("completed", "done", "finished"))
_TRAITS = ("unit", "colour", "color", "size", "material", "currency")
"""Texts that tell nothing of what a row is called."""
_MOMENTS = ("date", "datetime")
_COUNTED = ("integer", "number", "decimal")
_UNFIT = frozenset({
    "other", "each", "which", "thing", "stuff", "them", "it", "they", "this", "that", "one",
})  # fmt: skip
_PLACES = frozenset({
    "practice", "company", "bank", "pool", "centre", "center", "studio", "society", "association", "office", "committee",
    "housing", "household", "dealership", "canteen", "church", "hostel", "academy", "institute", "agency", "firm", "business",
    "organisation", "organization", "community", "home", "group", "house", "garden",
})  # fmt: skip
"""Where an application is used; in a title they name no rows of it."""
_BOOKED = frozenset(["appointment", "consultation", "viewing", "lesson", "visit", "session", "meeting", "delivery"])
"""What is itself the booking: `patients book appointments`."""
_JOINED = frozenset({
    "club", "team", "gym", "group", "plan", "community", "society", "association", "organization", "organisation", "family",
    "league", "program", "programme", "band", "guild",
})  # fmt: skip
"""What one is a member of; in anything else (`passengers join a ride`) one takes part."""
_LIKE_MEMBERSHIP = {"membership": ("joined_on?:date",), "follow": (), "subscription": ("subscribed_on?:date",)}


def complete(draft: Draft) -> None:
    """Resolve the head, the actions, the links and the fields, in this order."""
    _drop_unfit(draft)
    _resolve_head(draft)
    for action in draft.actions:
        _resolve_action(draft, action)
    _furnish(draft)
    _companions(draft)
    complete_links(draft)
    for thing in draft.things.values():
        _fill_fields(draft, thing)


def _drop_unfit(draft: Draft) -> None:
    for noun in [noun for noun in draft.things if noun in _UNFIT or (noun == "user" and len(draft.things) > 1)]:
        if noun == "user":
            draft.uses_accounts = True
        del draft.things[noun]
    draft.links = [link for link in draft.links if link.child in draft.things and link.parent in draft.things]


def _resolve_head(draft: Draft) -> None:
    """Let go of head nouns that a listed thing names again (`job` beside `job posting`) or that only title a list."""
    listed = [thing for thing in draft.things.values() if thing.source == "listed"]
    for head in [thing for thing in draft.things.values() if thing.source == "head"]:
        titled = draft.title.lower().split(" ")[-1:] if " " in draft.title else []
        container = next((thing for thing in listed if thing.noun in titled and thing.noun != head.noun), None)
        if container is not None and not head.fields and len(listed) > 1:
            _rename(draft, head.noun, None)
            continue
        twin = next((thing for thing in listed if names_again(head.noun, thing.noun)), None)
        loose = draft.listed_after_colon or not draft.holds_head
        place = head.noun.split(" ")[-1] in _PLACES
        said_alone = draft.head_alone and len(listed) > 1 and not head.fields
        only_title = bool(listed) and (place or (head.noun not in things() and (loose or said_alone)))
        generic = (
            next((thing for thing in listed if _stands_for(thing.noun, head.noun)), None) if not head.fields else None
        )
        if twin is None and generic is not None and head.noun not in words().verbs.values():
            _rename(draft, head.noun, generic.noun)
        elif twin is not None:
            twin.fields = [*head.fields, *twin.fields]
            twin.prefix = _prefix(head.noun, twin.noun)
            _rename(draft, head.noun, twin.noun)
        elif only_title and not head.fields:
            _rename(draft, head.noun, None)
        elif listed and (_is_umbrella(draft, head, listed) or _is_whole_list(draft, head, listed)):
            draft.side_by_side = True
            _hand_down(draft, head, listed[0])
        elif only_title and not (place or draft.listed_after_colon) and (first := _known_plain(listed)) is not None:
            _hand_down(draft, head, first)


def _hand_down(draft: Draft, head: Thing, listed: Thing) -> None:
    """The fields of a mere title are those of what it is about."""
    listed.fields += head.fields
    _rename(draft, head.noun, listed.noun if head.fields else None)


def _known_plain(listed: list[Thing]) -> Thing | None:
    """The first listed thing where it is a usual one: `a pastebin API with snippets and expiry dates`."""
    plain = [thing for thing in listed if singular(thing.noun.split(" ")[-1]) not in words().group_nouns]
    first = plain[0] if plain else None
    usual = first is not None and first.noun in things() and first.noun.split(" ")[-1] not in words().actors
    return first if usual else None


def _is_whole_list(draft: Draft, head: Thing, listed: list[Thing]) -> bool:
    """`Fundraiser API: campaigns, donations`: all that there is, if all of it is known and nothing is of the head."""
    alone = draft.listed_after_colon and draft.contained and draft.head_alone and not head.fields and len(listed) > 1
    known = all(thing.noun in things() and thing.noun not in words().group_nouns for thing in listed)
    return alone and known and not _has_parts(draft, head, listed)


def _is_umbrella(draft: Draft, head: Thing, listed: list[Thing]) -> bool:
    """`Fitness tracker with workouts`: a field of life, or a word for the whole, that no listed thing belongs to."""
    plain = any(thing.noun.split(" ")[-1] not in words().group_nouns for thing in listed)
    return head.noun in words().umbrellas and plain and not _has_parts(draft, head, listed)


def _has_parts(draft: Draft, head: Thing, listed: list[Thing]) -> bool:
    """True when a listed thing is usually one of the head's, or said to be."""
    nouns = {thing.noun for thing in listed}
    bound = any(link.stated and head.noun in (link.child, link.parent) for link in draft.links)
    own = nouns & {*typical(head.noun).parents, *typical(head.noun).links}
    parts = {
        noun for noun in nouns - words().group_nouns
        if head.noun in (*typical(noun).parents, *typical(noun).links) and not nouns & set(typical(noun).parents)
    }  # fmt: skip
    return bool(own - words().group_nouns or parts or bound)


def names_again(head: str, listed: str) -> bool:
    """True for the same noun, a longer or shorter form of it, or another word for the same event."""
    same_event = any(head in group and listed in group for group in _SAME)
    shortened = len(listed) > 3 and head.endswith(listed) and " " not in head
    begins = head == listed.split(" ")[0] and listed in things()
    return head.split(" ")[-1] == listed.split(" ")[-1] or begins or shortened or same_event


def _stands_for(listed: str, head: str) -> bool:
    """`items` of an equipment rental, `animals` of a pet adoption."""
    return listed == "item" or (listed == "animal" and head in ("pet", "dog", "cat"))


def _prefix(head: str, listed: str) -> str:
    """The word of the head that tells the listed noun apart (`gym` of `gym class`), for names that are taken otherwise."""
    return " ".join(word for word in head.split(" ") if word not in listed.split(" "))


def _rename(draft: Draft, old: str, new: str | None) -> None:
    del draft.things[old]
    if new is None:
        draft.links = [link for link in draft.links if old not in (link.child, link.parent)]
    if draft.head == old:
        draft.head = new
    if old in draft.flows and new:
        draft.flows[new] = draft.flows.pop(old)


def _resolve_action(draft: Draft, action: Action) -> None:
    """`members borrow books` makes loans of books to members."""
    if action.target not in draft.things:
        return
    usual = words().verbs[action.verb]
    if usual == "membership" and action.target.split(" ")[-1] not in _JOINED:
        usual = "participation"
    if usual in ("booking", "reservation", "order") and action.target.split(" ")[-1] in _BOOKED:
        if action.actor == "user":
            draft.uses_accounts = True
            draft.by_users[action.target] = action.verb
        elif action.actor in draft.things:
            draft.link(action.target, action.actor)
        return
    group = next((same for same in _SAME if usual in same), (usual,))
    noun = next(
        (thing.noun for thing in draft.things.values() if thing.noun in group or thing.noun.split(" ")[-1] == usual),
        usual,
    )
    event = draft.things.get(noun)
    if event is None:
        event = draft.add(noun, "verb", draft.things[action.target].start)
    if event.noun == action.target:
        return
    draft.link(noun, action.target)
    if noun == "review":
        target = draft.things[action.target]
        target.fields = [field for field in target.fields if field.name not in SCORES]
    if action.actor == "user":
        draft.uses_accounts = True
        draft.by_users[noun] = action.verb
    elif action.actor in draft.things and action.actor != noun:
        draft.link(noun, action.actor)


def _furnish(draft: Draft) -> None:
    """A place of which no things of its own are listed has its usual ones: all for a bare title, else the first."""
    if draft.setting is None:
        return
    usual = words().settings[draft.setting]
    usual = (draft.goods, *usual[1:]) if draft.goods else usual
    named = [singular(noun.split(" ")[-1]) for noun in draft.things]
    bare = all(noun in words().group_nouns for noun in named)
    about = [noun for noun in named if noun in NEED_AN_OBJECT or noun == "drive"]
    own = [noun for noun in named if noun not in words().group_nouns | words().actors and noun not in about]
    if own or usual[0] in draft.things or not (bare or about):
        return
    for noun in usual if bare else usual[:1]:
        draft.add(noun, "setting", 0)
        draft.inferred.append(f"{draft.setting}: {noun} (usual for it)")


def _companions(draft: Draft) -> None:
    """What a thing is of no use without."""
    for noun, companion in words().companions.items():
        if list(draft.things) == [noun]:
            draft.add(companion, "inferred", draft.things[noun].start)
            draft.inferred.append(f"{companion}: a {noun} is of little use without")


def _fill_fields(draft: Draft, thing: Thing) -> None:
    """Typical fields where the sentence states few; a name for people in any case."""
    known = things().get(thing.noun) or things().get(thing.noun.split(" ")[-1])
    known = None if thing.source == "verb" and thing.noun in _LIKE_MEMBERSHIP and thing.noun != "membership" else known
    linked = [link for link in draft.links if link.child == thing.noun]
    usual = (
        [typical_field(notation) for notation in known.fields] if known else _unknown_fields(thing, linked=bool(linked))
    )
    stated = len(thing.fields)
    person = (
        any(link.parent.split(" ")[-1] in words().actors for link in linked) and thing.noun in words().verbs.values()
    )
    referenced = {link.parent.split(" ")[-1] for link in linked}
    added: list[FieldDraft] = []
    for field in usual:
        is_name = field.type in ("string", "text", "email", "url")
        named = any(
            (own.type in ("string", "email") and own.name not in _TRAITS)
            or own.name in ("description", "body", "text", "content")
            or (own.type == "url" and thing.noun in ("bookmark", "link"))
            for own in thing.fields
        )
        wanted = (
            stated == 0
            or (stated < 3 and (field.required or stated == 1))
            or (is_name and field.required and not named)
        )
        scored = any(field.name in same and any(own.name in same for own in thing.fields) for same in _ALIKE)
        if (
            scored
            or field.name.replace("_", " ") in draft.things
            or (person and field.name in ("name", "email", "author_name"))
        ):
            continue
        if field.name in _NAMES and any(own.name.split("_")[-1] in _NAMES for own in thing.fields):
            continue
        moment = field.type in _MOMENTS and any(own.type in _MOMENTS for own in thing.fields)
        counted = field.name == "amount" and any(own.stated and own.type in _COUNTED for own in thing.fields)
        same_type = moment or counted or any(own.type == field.type == "decimal" for own in thing.fields)
        fresh = not has_name_like(thing, field) and not same_type and field.name not in referenced
        if wanted and fresh and not (stated >= 3 and named):
            added.append(field)
    if added:
        draft.inferred.append(f"{', '.join(field.name.replace('_', ' ') for field in added)} of {thing.plural}")
    names = [field for field in added if field.name in _NAMES]
    thing.fields = [*names, *thing.fields, *(field for field in added if field not in names)]


def _unknown_fields(thing: Thing, *, linked: bool) -> list[FieldDraft]:
    notation = _LIKE_MEMBERSHIP.get(thing.noun)
    if notation is not None:
        return [typical_field(one) for one in notation]
    person = singular(thing.noun.split(" ")[-1]) in words().actors
    return [typical_field(one) for one in (("name", "email!") if person else ("name", "description?"))]


def ensure_field(thing: Thing, noun: str) -> FieldDraft:
    """The field of a thing that a phrase such as `search by ingredient` names; added when the thing has none."""
    name = singular_of(noun).replace(" ", "_").replace("-", "_")
    for field in thing.fields:
        forms = {field.name, singular(field.name), "_".join(singular(word) for word in field.name.split("_"))}
        if name in forms:
            return field
    for field in thing.fields:
        if name in field.name.split("_") or field.name in name.split("_"):
            return field
    several = plural_of(name)
    is_text_of_many = keeps_plural(several) and typed_field(several).type == "text"
    new = typed_field(several if is_text_of_many else name)
    thing.put(new)
    return new
