"""Capacity, one of each, no overlaps, one loan at a time, status flows: what is asked to be refused."""

import re
from dataclasses import replace

from llm.offline.reader.ask_model import USER, Asks, RuleDraft, parents_of, subject_of, with_article
from llm.offline.reader.ask_places import TAKING, capacity, capacity_field, one_each
from llm.offline.reader.complete import ensure_field
from llm.offline.reader.draft import Draft, FieldDraft, Thing, singular_of
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, words
from llm.offline.reader.phrases import TIME_NOUNS

_TIMES = ("starts_at", "ends_at")
_STARTS = re.compile(r"(?:start|check_?in|arriv|from|pick_?up|begin)")
_ENDS = re.compile(r"(?:end|check_?out|depart|to$|until|return|drop_?off)")
_TIMED = frozenset({
    "reservation", "booking", "appointment", "rental", "shift", "session", "meeting", "lesson", "screening", "lease",
    "performance", "contract", "tenancy", "stay",
})  # fmt: skip
_SERVING = frozenset({
    "doctor", "teacher", "instructor", "trainer", "coach", "driver", "employee", "volunteer", "worker", "technician", "lawyer",
    "dentist", "therapist", "vet", "stylist", "barber", "tutor", "nurse", "mechanic", "consultant", "photographer", "guide",
})  # fmt: skip


def status_flow(draft: Draft, asks: Asks, noun: str, name: str, values: tuple[str, ...]) -> None:
    thing = draft.things.get(noun)
    if thing is None:
        return
    thing.put(FieldDraft(name, "enum", required=False, values=values, default=values[0]))
    shown = ", ".join(value.replace("_", " ") for value in values)
    asks.rule(
        RuleDraft(
            "status_flow",
            noun,
            f"The {name} of {with_article(noun)} goes through {shown}, one step at a time.",
            fields=(name,),
            values=values,
        )
    )


def no_overlap(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """The thing with a parent that is taken for a time: the subject, or the first child that fits."""
    subject = subject_of(draft, feature)
    candidates = [thing for thing in draft.things.values() if parents_of(draft, thing.noun)]
    candidates.sort(key=lambda thing: not any(own.type in ("date", "datetime") for own in thing.fields))
    chosen = [thing for thing in candidates if thing.noun.split(" ")[-1] in _TIMED]
    ranked = [
        *(one for one in chosen if one is subject),
        *chosen,
        *(one for one in candidates if one is subject),
        *candidates,
    ]
    thing = next(iter(ranked), None)
    if thing is None:
        return False
    named = draft.find(feature.part("per") or "")
    named = named if named and named.noun in parents_of(draft, thing.noun) else None
    parent = named.noun if named else _taken_resource(draft, thing)
    start, end = _interval(thing)
    statement = f"{thing.plural.capitalize()} of the same {parent} never overlap."
    asks.rule(RuleDraft("no_overlap", thing.noun, statement, parent=parent, fields=(start, end)))
    return True


def _taken_resource(draft: Draft, thing: Thing) -> str:
    """What cannot be used twice at a time: rather a room or a doctor than the customer who asks for it."""
    askers = words().actors - _SERVING
    parents = parents_of(draft, thing.noun)
    return next((noun for noun in parents if noun.split(" ")[-1] not in askers), parents[0])


def _interval(thing: Thing) -> tuple[str, str]:
    """Names of the fields that say from when to when; added when the thing has none."""
    moments = [own for own in thing.fields if own.type in ("date", "datetime")]
    start = next((own for own in moments if _STARTS.match(own.name)), None)
    end = next((own for own in moments if _ENDS.match(own.name)), None)
    if start and end and start.type == end.type:
        thing.fields = [replace(own, required=True) if own in (start, end) else own for own in thing.fields]
        return start.name, end.name
    single = [own.name for own in moments] + [own.name for own in thing.fields if own.name == "duration"]
    thing.fields = [own for own in thing.fields if own.name not in single]
    for name in _TIMES:
        thing.put(FieldDraft(name, "datetime"))
    return _TIMES


def double_booking(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """Of a thing with places: one booking each and no more than fit. Of a room or a person: no overlapping times."""
    for thing in draft.things.values():
        placed = any(capacity_field(draft.things[parent]) for parent in parents_of(draft, thing.noun))
        if placed and not any(_ENDS.match(own.name) and own.type in ("date", "datetime") for own in thing.fields):
            one_each(draft, asks, thing)
            return capacity(draft, asks, feature)
    return no_overlap(draft, asks, feature)


def one_per(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`one vote per user`, `one review per user per movie`, `each user can vote once`."""
    said = feature.part("noun")
    noun = words().verbs.get(said, said) if said else words().verbs.get(feature.part("verb", "verb3", "past") or "", "")
    thing = draft.find(noun) if noun else subject_of(draft, feature)
    thing = (draft.before(feature.start) if "single" in feature.parts else None) or thing
    who = feature.part("per", "who", "who3", "single", "single2", "by") or ""
    if thing is None:
        return False
    keys = [_key(draft, part) for part in (who, feature.part("more", "more2", "more3") or "") if part]
    if not all(key and (key in (USER, *draft.things) or thing.field(key.replace(" ", "_"))) for key in keys):
        return False
    if USER in keys:
        draft.uses_accounts = True
        draft.by_users.setdefault(thing.noun, "per user")
    if len(keys) < 2:
        top = _topmost(draft, thing.noun)
        keys += [top] if top and top not in keys else []
    fields = tuple(key for key in keys if key)
    for key in fields:
        if key in draft.things:
            _ensure_link(draft, thing.noun, key)
    statement = f"One {thing.noun} per {' and '.join(fields)}."
    asks.rule(RuleDraft("unique_per", thing.noun, statement, fields=fields))
    return True


def unique_within(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`shirt number must be unique per team`: no two of the same parent, or of the same account, share the value."""
    said, per = feature.part("field", "named") or "", feature.part("per", "each") or ""
    key, near = _key(draft, per), draft.before(feature.start)
    name = singular_of(said).replace(" ", "_")
    owner = next((one for one in draft.things.values() if one.field(name) and one.noun != key), near)
    if owner is not None and owner.noun == key:
        parts = sorted(
            (one for one in draft.things if key in parents_of(draft, one)), key=lambda one: one not in TAKING
        )
        owner = draft.things[parts[0]] if parts else None
    if owner is None or key is None:
        return False
    found = ensure_field(owner, said)
    owner.fields = [own for own in owner.fields if own is not found]
    owner.put(replace(found, name=found.name if found.stated else name, required=True, stated=True))
    if key == USER:
        draft.uses_accounts = True
        draft.by_users.setdefault(owner.noun, "per user")
    elif key in draft.things:
        _ensure_link(draft, owner.noun, key)
    name = owner.fields[-1].name
    statement = f"No two {owner.plural} of one {key} have the same {name.replace('_', ' ')}."
    asks.rule(RuleDraft("unique_per", owner.noun, statement, fields=(key, name)))
    return True


def _ensure_link(draft: Draft, child: str, parent: str) -> None:
    """Let `child` refer to `parent`, also where an inferred link says the opposite."""
    draft.links = [link for link in draft.links if link.stated or (link.child, link.parent) != (parent, child)]
    draft.link(child, parent)
    draft.links = [
        replace(link, required=True) if (link.child, link.parent, link.many) == (child, parent, False) else link
        for link in draft.links
    ]


def only_once(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`no seat may be sold twice for the same screening`; of a time, nothing overlaps."""
    what, per = feature.part("what", "thing") or "", feature.part("per", "each") or "time"
    whole = draft.find(per)
    if whole is None or singular(per.split(" ")[-1]) in TIME_NOUNS:
        return no_overlap(draft, asks, feature)
    parts = [noun for noun in draft.things if whole.noun in parents_of(draft, noun)]
    parts.sort(key=lambda noun: noun.split(" ")[-1] not in TAKING)
    if not parts:
        return False
    part, taken = draft.things[parts[0]], draft.find(what)
    if taken is not None and taken is not part:
        _ensure_link(draft, part.noun, taken.noun)
        key = taken.noun
    else:
        part.put(replace(ensure_field(part, what), required=True))
        key = ensure_field(part, what).name
    statement = f"No {what} is taken twice for one {whole.noun}."
    asks.rule(RuleDraft("unique_per", part.noun, statement, fields=(whole.noun, key)))
    return True


def limit_per(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`max 3 books per member`, `each shift takes at most 3 volunteers`: a number of the whole that its parts never exceed."""
    whole, part = draft.find(feature.part("per", "who") or ""), draft.find(feature.part("noun", "what") or "")
    number = int(feature.part("n", "m") or 0)
    if singular(feature.part("per", "who") or "") in words().users:
        asks.unmet.append(f"{feature.phrase} (limits per account are outside of what the offline model can build)")
        return True
    if whole is None or part is None or whole is part or not number:
        return False
    events = [noun for noun in draft.things if {whole.noun, part.noun} <= set(parents_of(draft, noun))]
    counted = draft.things[events[0]] if events and whole.noun not in parents_of(draft, part.noun) else part
    if counted is part:
        _ensure_link(draft, part.noun, whole.noun)
    name = "capacity" if part.noun.split(" ")[-1] in words().actors else f"max_{part.plural.replace(' ', '_')}"
    most = float(min(number, 1_000_000))
    whole.put(FieldDraft(name, "integer", required=False, default=int(most), minimum=1, maximum=most))
    statement = (
        f"{with_article(whole.noun).capitalize()} has at most {number} {part.plural if number > 1 else part.noun}."
    )
    asks.rule(RuleDraft("capacity", counted.noun, statement, parent=whole.noun, fields=(name,)))
    return True


def _key(draft: Draft, noun: str) -> str | None:
    if singular(noun) in words().users | {"account"}:
        return USER
    thing = draft.find(noun)
    return thing.noun if thing else noun if field_kind(noun.replace(" ", "_")) else None


def _topmost(draft: Draft, noun: str) -> str | None:
    """Of the things referred to, the one that the others are parts of: a vote on a choice is a vote on its question."""
    parents = [parent for parent in parents_of(draft, noun) if parent.split(" ")[-1] not in words().actors]
    return next(
        (one for one in parents if any(one in parents_of(draft, other) for other in parents)),
        parents[0] if parents else None,
    )


def unique(draft: Draft, asks: Asks, feature: Feature) -> bool:
    noun = feature.part("noun", "field", "dup", "same")
    thing = subject_of(draft, feature)
    first, _, rest = (noun or "").partition(" ")
    if rest and (named := draft.find(first.removesuffix("'s"))):
        thing, noun = named, rest
    if thing is None or noun is None:
        return False
    owner = next(
        (
            one
            for one in draft.things.values()
            if any(singular_of(noun).replace(" ", "_") == own.name for own in one.fields)
        ),
        thing,
    )
    found = ensure_field(owner, noun)
    owner.put(replace(found, unique=True, required=True))
    return True


def voting_once(draft: Draft, asks: Asks) -> None:
    """People rate and vote once, like once, enrol once."""
    for action in draft.actions:
        usual = words().verbs[action.verb]
        thing = draft.find(usual)
        if (
            thing
            and usual in ("review", "vote", "like", "favourite", "follow", "enrolment", "registration")
            and action.target in parents_of(draft, thing.noun)
        ):
            one_each(draft, asks, thing, action.target)


def single_loans(draft: Draft, asks: Asks) -> None:
    """What is lent out cannot be lent out again before it is back."""
    loans = ("loan", "borrowing", "checkout")
    people = words().actors
    for thing in draft.things.values():
        lent = [noun for noun in parents_of(draft, thing.noun) if noun.split(" ")[-1] not in people]
        if thing.noun.split(" ")[-1] in loans and lent:
            statement = f"{with_article(lent[0]).capitalize()} is lent to one person at a time."
            asks.rule(RuleDraft("single_active", thing.noun, statement, parent=lent[0], fields=("returned_at",)))


def returning(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`... and return them` needs something that is lent."""
    single_loans(draft, asks)
    return any(rule.kind == "single_active" for rule in asks.rules)


def one_at_a_time(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`a bike can only be rented once at a time`: loans have it anyway, of what is taken for a time no two overlap."""
    return returning(draft, asks, feature) or no_overlap(draft, asks, feature)


def ordered_times(draft: Draft, asks: Asks) -> None:
    """What has a start and an end of one type ends after it starts."""
    for thing in draft.things.values():
        moments = [own for own in thing.fields if own.type in ("date", "datetime")]
        start = next((own for own in moments if _STARTS.match(own.name)), None)
        end = next((own for own in moments if _ENDS.match(own.name) and start and own.type == start.type), None)
        if start and end:
            statement = f"{with_article(thing.noun).capitalize()} ends after it starts."
            asks.rule(RuleDraft("ordered_fields", thing.noun, statement, fields=(start.name, end.name)))
