"""What the features of a sentence mean for its things: rules, and the fields and things that these need."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from llm.offline.reader.complete import ensure_field
from llm.offline.reader.draft import Draft, FieldDraft, Thing, singular_of, typed_field
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, things, words
from llm.offline.reader.relations import typical

USER = "user"
_NUMBERS = ("integer", "number", "decimal")
_TIMES = ("starts_at", "ends_at")
_SCORES = ("rating", "stars", "score", "grade", "points")


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
        """Add a rule once per kind and thing."""
        if not any((old.kind, old.noun, old.parent) == (new.kind, new.noun, new.parent) for old in self.rules):
            self.rules.append(new)


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
        elif feature.kind == "auth" and feature.phrase.startswith("by ") and (made := draft.before(feature.start)):
            draft.by_users[made.noun] = feature.phrase
        elif feature.kind == "own_rows" and (noun := feature.part("noun", "only", "per")):
            one = singular(noun)
            if one not in draft.things and (one in things() or not draft.things):
                draft.add(one, "listed", feature.start)
        elif feature.kind in ("average", "totals") and (noun := feature.part("noun")):
            _anticipate_score(draft, noun, feature)


def _anticipate_one(draft: Draft, feature: Feature) -> None:
    """`one vote per user` needs votes; `each user can vote once` too."""
    noun = singular(feature.part("noun") or "") or words().verbs.get(feature.part("verb", "past") or "", "")
    if not noun or noun in draft.things:
        return
    event = draft.add(noun, "listed", feature.start)
    if not any(parent in draft.things for parent in typical(noun).parents) and draft.head in draft.things:
        draft.link(event.noun, draft.head or "")


def _anticipate_score(draft: Draft, noun: str, feature: Feature) -> None:
    """`average rating` of things that nobody rates yet: ratings are given in reviews."""
    one = singular(noun)
    if one in _SCORES and not any(thing.field(one) or thing.noun == one for thing in draft.things.values()):
        reviewable = draft.before(feature.start)
        by_action = any(words().verbs.get(action.verb) == "review" for action in draft.actions)
        if reviewable and not by_action and "review" not in draft.things and one == "rating":
            draft.add("review", "inferred", reviewable.start)
            draft.link("review", reviewable.noun)


def apply(draft: Draft, features: list[Feature]) -> Asks:
    """Turn features into rules and asks; what finds no thing to apply to is said in `unmet`."""
    asks = Asks()
    for noun, (name, values) in draft.flows.items():
        _status_flow(draft, asks, noun, name, values)
    for feature in features:
        handler = _HANDLERS.get(feature.kind)
        if handler is not None and not handler(draft, asks, feature):
            asks.unmet.append(feature.phrase)
    _voting_once(draft, asks)
    _single_loans(draft, asks)
    _ordered_times(draft, asks)
    return asks


def _status_flow(draft: Draft, asks: Asks, noun: str, name: str, values: tuple[str, ...]) -> None:
    thing = draft.things.get(noun)
    if thing is None:
        return
    thing.put(FieldDraft(name, "enum", required=False, values=values, default=values[0]))
    shown = ", ".join(value.replace("_", " ") for value in values)
    asks.rule(
        RuleDraft(
            "status_flow",
            noun,
            f"The {name} of {_a(noun)} goes through {shown}, one step at a time.",
            fields=(name,),
            values=values,
        )
    )


def _subject(draft: Draft, feature: Feature, noun: str | None = None) -> Thing | None:
    """The thing that a phrase is about: the one it names, else the one named last before it."""
    if noun and singular_of(noun) in draft.things:
        return draft.things[singular_of(noun)]
    if noun and draft.find(noun):
        return draft.find(noun)
    head = draft.things.get(draft.head or "")
    before = draft.before(feature.start)
    return before if before and head is None else head or before


def _child_of(draft: Draft, parent: str, *, with_field: tuple[str, ...] = ()) -> Thing | None:
    """A thing that refers to `parent`; one that has a field of the types asked for, when there are several."""
    children = [draft.things[link.child] for link in draft.links if link.parent == parent and not link.many]
    fitting = [child for child in children if any(own.type in with_field for own in child.fields)]
    return (fitting or ([] if with_field else children) or [None])[0]


def _parents(draft: Draft, noun: str) -> list[str]:
    return [link.parent for link in draft.links if link.child == noun and not link.many]


def _value_of(thing: Thing, noun: str | None = None) -> FieldDraft | None:
    """The number of a thing that is counted up: the one named, else money, hours, scores before plain counts."""
    numbers = [own for own in thing.fields if own.type in _NUMBERS]
    if noun:
        name = noun.replace(" ", "_")
        named = [own for own in numbers if own.name in (name, singular(name)) or singular(own.name) == singular(name)]
        if named:
            return named[0]
    ranked = sorted(numbers, key=lambda own: (own.name not in _SCORES, own.type != "decimal"))
    return ranked[0] if ranked else None


def _csv(draft: Draft, asks: Asks, feature: Feature) -> bool:
    thing = _subject(draft, feature)
    if thing is None:
        return False
    asks.rule(RuleDraft("csv_export", thing.noun, f"{thing.plural.capitalize()} can be exported as CSV."))
    return True


def _shortener(draft: Draft, asks: Asks, feature: Feature) -> bool:
    link = draft.things["link"]
    if link.field("clicks") is None:
        link.put(FieldDraft("clicks", "integer", required=False, default=0, minimum=0))
    asks.rule(
        RuleDraft("counter_redirect", "link", "Following a short link redirects to its address and counts a click.")
    )
    return True


def _clicks(draft: Draft, asks: Asks, feature: Feature) -> bool:
    return any(rule.kind == "counter_redirect" for rule in asks.rules) or "link" in draft.things


def _low_stock(draft: Draft, asks: Asks, feature: Feature) -> bool:
    counted = ("quantity", "stock", "stock_level", "count", "amount", "units", "in_stock_count")
    candidates = [
        thing
        for thing in draft.things.values()
        if any(own.name in counted and own.type in _NUMBERS for own in thing.fields)
    ]
    subject = _subject(draft, feature)
    thing = subject if subject in candidates else candidates[0] if candidates else subject
    if thing is None:
        return False
    own = next((own for own in thing.fields if own.name in counted and own.type in _NUMBERS), None)
    if own is None:
        own = FieldDraft("quantity", "integer", minimum=0)
        thing.put(own)
    statement = f"{thing.plural.capitalize()} that are running low are listed."
    asks.rule(RuleDraft("low_stock", thing.noun, statement, fields=(own.name,), number=5))
    return True


def _no_overlap(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """The thing with a parent that is taken for a time: the subject, or the first child that fits."""
    likely = (
        "reservation",
        "booking",
        "appointment",
        "rental",
        "shift",
        "session",
        "meeting",
        "lesson",
        "screening",
        "lease",
    )
    subject = _subject(draft, feature)
    candidates = [thing for thing in draft.things.values() if _parents(draft, thing.noun)]
    chosen = [thing for thing in candidates if thing.noun.split(" ")[-1] in likely]
    thing = (
        subject
        if subject in chosen
        else (chosen or [subject] if subject in candidates else chosen or candidates or [None])[0]
    )
    if thing is None:
        return False
    parent = _taken_resource(draft, thing)
    start, end = _interval(thing)
    statement = f"{thing.plural.capitalize()} of the same {parent} never overlap."
    asks.rule(RuleDraft("no_overlap", thing.noun, statement, parent=parent, fields=(start, end)))
    return True


def _taken_resource(draft: Draft, thing: Thing) -> str:
    """What cannot be used twice at a time: rather a room or a doctor than the customer who asks for it."""
    askers = words().actors - {
        "doctor",
        "teacher",
        "instructor",
        "trainer",
        "coach",
        "driver",
        "employee",
        "volunteer",
        "worker",
        "technician",
        "lawyer",
    }
    parents = _parents(draft, thing.noun)
    return next((noun for noun in parents if noun.split(" ")[-1] not in askers), parents[0])


def _interval(thing: Thing) -> tuple[str, str]:
    """Names of the fields that say from when to when; added when the thing has none."""
    pairs = (
        _TIMES,
        ("start_time", "end_time"),
        ("start_date", "end_date"),
        ("starts", "ends"),
        ("start", "end"),
        ("check_in", "check_out"),
        ("departure", "arrival"),
    )
    for start, end in pairs:
        if thing.field(start) and thing.field(end):
            both = (thing.field(start), thing.field(end))
            thing.fields = [replace(own, required=True) if own in both else own for own in thing.fields]
            return start, end
    moments = [
        own.name
        for own in thing.fields
        if own.type in ("date", "datetime", "integer")
        and own.name in ("date", "time", "starts_at", "ends_at", "duration")
    ]
    thing.fields = [own for own in thing.fields if own.name not in moments]
    for name in _TIMES:
        thing.put(FieldDraft(name, "datetime"))
    return _TIMES


def _double_booking(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """Of a thing with places: one booking each and no more than fit. Of a room or a person: no overlapping times."""
    for thing in draft.things.values():
        if any(_capacity_field(draft.things[parent]) for parent in _parents(draft, thing.noun)) and not thing.field(
            "ends_at"
        ):
            _one_each(draft, asks, thing)
            return _capacity(draft, asks, feature)
    return _no_overlap(draft, asks, feature)


def _one_each(draft: Draft, asks: Asks, thing: Thing, target: str | None = None) -> None:
    """Nobody has two of these for the same parent."""
    parents = _parents(draft, thing.noun)
    persons = [noun for noun in parents if noun.split(" ")[-1] in words().actors]
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


def _capacity_field(thing: Thing) -> FieldDraft | None:
    names = ("capacity", "seats", "places", "spots", "max_participants", "slots")
    return next((own for own in thing.fields if own.name in names and own.type == "integer"), None)


def _capacity(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """Find the thing with places and the things that take them; makes the field, and bookings, when they are missing."""
    likely = (
        "booking",
        "enrolment",
        "enrollment",
        "registration",
        "reservation",
        "ticket",
        "attendee",
        "participant",
        "rsvp",
        "signup",
        "application",
        "membership",
    )
    pairs = [
        (draft.things[link.child], draft.things[link.parent]) for link in draft.links
        if not link.many and (link.child.split(" ")[-1] in likely or _capacity_field(draft.things[link.parent]))
        and link.parent.split(" ")[-1] not in words().actors
    ]  # fmt: skip
    if not pairs:
        return False
    child, parent = next(((one, two) for one, two in pairs if _capacity_field(two)), pairs[0])
    places = _capacity_field(parent)
    if places is None:
        places = typed_field("capacity")
        parent.put(places)
    if not places.required:
        parent.put(replace(places, required=True))
    statement = f"{_a(parent.noun).capitalize()} takes no more {child.plural} than its {places.name}."
    asks.rule(RuleDraft("capacity", child.noun, statement, parent=parent.noun, fields=(places.name,)))
    if child.noun in draft.by_users or any(
        noun.split(" ")[-1] in words().actors for noun in _parents(draft, child.noun)
    ):
        _one_each(draft, asks, child, parent.noun)
    return True


def _one_per(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`one vote per user`, `one review per user per movie`, `each user can vote once`."""
    noun = feature.part("noun") or words().verbs.get(feature.part("verb", "past") or "", "")
    thing = draft.find(noun) if noun else _subject(draft, feature)
    who = feature.part("per", "who", "single", "by") or ""
    if thing is None:
        return False
    keys = [_key(draft, part) for part in (who, feature.part("more") or "") if part]
    if not all(keys):
        return False
    if USER in keys:
        draft.uses_accounts = True
        draft.by_users.setdefault(thing.noun, "per user")
    if len(keys) < 2:
        top = _topmost(draft, thing.noun)
        keys += [top] if top and top not in keys else []
    fields = tuple(key for key in keys if key)
    statement = f"One {thing.noun} per {' and '.join(fields)}."
    asks.rule(RuleDraft("unique_per", thing.noun, statement, fields=fields))
    return True


def _key(draft: Draft, noun: str) -> str | None:
    if singular(noun) in words().users | {"account"}:
        return USER
    thing = draft.find(noun)
    return thing.noun if thing else noun if field_kind(noun.replace(" ", "_")) else None


def _topmost(draft: Draft, noun: str) -> str | None:
    """Of the things referred to, the one that the others are parts of: a vote on a choice is a vote on its question."""
    parents = [parent for parent in _parents(draft, noun) if parent.split(" ")[-1] not in words().actors]
    return next(
        (one for one in parents if any(one in _parents(draft, other) for other in parents)),
        parents[0] if parents else None,
    )


def _unique(draft: Draft, asks: Asks, feature: Feature) -> bool:
    noun = feature.part("noun", "field", "dup", "same")
    thing = _subject(draft, feature)
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


def _period_totals(draft: Draft, asks: Asks, feature: Feature) -> bool:
    dated = [
        thing for thing in draft.things.values()
        if _value_of(thing) and any(own.type in ("date", "datetime") for own in thing.fields)
    ]  # fmt: skip
    thing = next((one for one in dated if one.noun == draft.head), dated[0] if dated else _subject(draft, feature))
    value = _value_of(thing) if thing else None
    if thing is None or value is None:
        return False
    date = _date_of(thing)
    wanted = feature.part("noun", "and")
    groups = ["month", *([_group(draft, thing, wanted)] if wanted else []), *_group_parents(draft, thing.noun)]
    statement = f"{thing.plural.capitalize()} are totalled by month."
    chosen = tuple(dict.fromkeys(group for group in groups if group))
    asks.rule(RuleDraft("totals", thing.noun, statement, parent=date, fields=(value.name, *chosen)))
    if (feature.part("period") or "").startswith(("week", "dai")):
        asks.unmet.append(f"{feature.phrase} (totals are by month)")
    return True


def _date_of(thing: Thing) -> str:
    own = next((own for own in thing.fields if own.type in ("date", "datetime")), None)
    if own is None:
        own = FieldDraft("date", "date")
        thing.put(own)
    return own.name


def _group(draft: Draft, thing: Thing, noun: str) -> str | None:
    if noun in ("month", "year"):
        return "month"
    parent = draft.find(noun)
    if parent and parent.noun in _parents(draft, thing.noun):
        return parent.noun
    return next((own.name for own in thing.fields if own.name == singular(noun)), None)


def _group_parents(draft: Draft, noun: str) -> list[str]:
    return [parent for parent in _parents(draft, noun) if singular(parent.split(" ")[-1]) in words().group_nouns]


def _totals(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`total hours per project`, `total per donor`, `total amount`: sums of a thing over what it refers to."""
    per, noun = feature.part("per", "unit"), feature.part("noun", "all")
    group = draft.find(per) if per else None
    if group is not None:
        candidates = [draft.things[link.child] for link in draft.links if link.parent == group.noun and not link.many]
    else:
        candidates = [thing for thing in draft.things.values()]
    valued = [thing for thing in candidates if _value_of(thing, noun)]
    exact = [
        thing
        for thing in valued
        if noun and any(singular(own.name) == singular(noun.replace(" ", "_")) for own in thing.fields)
    ]
    thing = (exact or valued or [None])[0]
    value = _value_of(thing, noun) if thing else None
    if thing is None or value is None:
        return False
    groups = [group.noun] if group else [] if per is None else [_group(draft, thing, per)]
    dates = [own.name for own in thing.fields if own.type in ("date", "datetime")]
    groups += ["month"] if dates else []
    groups += _group_parents(draft, thing.noun)
    chosen = tuple(dict.fromkeys(one for one in groups if one))
    if not chosen:
        return False
    statement = f"{thing.plural.capitalize()} are totalled by {chosen[0].replace('_', ' ')}."
    asks.rule(
        RuleDraft("totals", thing.noun, statement, parent=dates[0] if dates else None, fields=(value.name, *chosen))
    )
    return True


def _average(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`average rating`, `average per student`: counts and averages of a thing's parts."""
    per, noun = feature.part("per"), feature.part("noun")
    parent = draft.find(per) if per else None
    named = draft.find(noun.split(" ")[0]) if noun and " " in noun else None
    pairs = [
        (draft.things[link.parent], draft.things[link.child]) for link in draft.links
        if not link.many and (parent is None or link.parent == parent.noun) and (named is None or named.noun in (link.parent, link.child))
        and any(own.type in _NUMBERS for own in draft.things[link.child].fields)
    ]  # fmt: skip
    wanted = singular((noun or "").split(" ")[-1])
    exact = [
        pair
        for pair in pairs
        if wanted and (pair[1].noun == wanted or any(own.name == wanted for own in pair[1].fields))
    ]
    plain = [pair for pair in exact or pairs if pair[0].noun.split(" ")[-1] not in words().actors or parent]
    if not plain:
        return False
    whole, part = plain[0]
    value = _value_of(part, wanted if wanted != part.noun else None)
    statement = f"{_a(whole.noun).capitalize()} shows how many {part.plural} it has and their average {value.name if value else ''}."
    asks.rule(
        RuleDraft("child_summary", whole.noun, statement, parent=part.noun, fields=(value.name,) if value else ())
    )
    return True


def _count_per(draft: Draft, asks: Asks, feature: Feature) -> bool:
    part, whole = draft.find(feature.part("noun", "one", "what") or ""), draft.find(feature.part("per", "unit") or "")
    if part is None or whole is None or whole.noun not in _parents(draft, part.noun):
        return False
    statement = f"{_a(whole.noun).capitalize()} shows how many {part.plural} it has."
    asks.rule(RuleDraft("child_summary", whole.noun, statement, parent=part.noun))
    return True


def _listed(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`search by`, `filter by` and `sorted by`: fields are added where the thing has none of the name."""
    kept = {"search_by": asks.search, "filter_by": asks.filters, "sort_by": asks.sort}[feature.kind]
    for noun in feature.nouns:
        thing = _thing_with(draft, noun, feature)
        if thing is None:
            return False
        parent = draft.find(noun)
        if (
            parent
            and feature.kind != "search_by"
            and any(link.child == thing.noun and link.parent == parent.noun for link in draft.links)
        ):
            kept.setdefault(thing.noun, []).append(f"@{parent.noun}")
            continue
        found = ensure_field(thing, noun)
        if feature.kind == "search_by" and found.type not in ("string", "text", "email", "url"):
            asks.filters.setdefault(thing.noun, []).append(found.name)
        else:
            kept.setdefault(thing.noun, []).append(found.name)
    return True


def _thing_with(draft: Draft, noun: str, feature: Feature) -> Thing | None:
    name = singular_of(noun).replace(" ", "_")
    subject = _subject(draft, feature)
    if subject is None or any(name in (own.name, singular(own.name)) for own in subject.fields):
        return subject
    owners = [one for one in draft.things.values() if any(name in (own.name, singular(own.name)) for own in one.fields)]
    return subject if draft.find(noun) or not owners else owners[0]


def _range(draft: Draft, asks: Asks, feature: Feature) -> bool:
    low, high = float(feature.parts.get("low", 1)), float(feature.part("high", "top") or 0)
    numbers = [(thing, own) for thing in draft.things.values() for own in thing.fields if own.type in _NUMBERS]
    rated = [pair for pair in numbers if pair[1].name in _SCORES]
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


def _voting_once(draft: Draft, asks: Asks) -> None:
    """People rate and vote once, like once, enrol once."""
    for action in draft.actions:
        usual = words().verbs[action.verb]
        thing = draft.find(usual)
        if (
            thing
            and usual in ("review", "vote", "like", "favourite", "follow", "enrolment", "registration")
            and action.target in _parents(draft, thing.noun)
        ):
            _one_each(draft, asks, thing, action.target)


def _single_loans(draft: Draft, asks: Asks) -> None:
    """What is lent out cannot be lent out again before it is back."""
    loans = ("loan", "borrowing", "checkout")
    people = words().actors
    for thing in draft.things.values():
        lent = [noun for noun in _parents(draft, thing.noun) if noun.split(" ")[-1] not in people]
        if thing.noun.split(" ")[-1] in loans and lent:
            statement = f"{_a(lent[0]).capitalize()} is lent to one person at a time."
            asks.rule(RuleDraft("single_active", thing.noun, statement, parent=lent[0], fields=("returned_at",)))


def _ordered_times(draft: Draft, asks: Asks) -> None:
    for thing in draft.things.values():
        for start, end in (_TIMES, ("start_date", "end_date"), ("start_time", "end_time"), ("check_in", "check_out")):
            if thing.field(start) and thing.field(end):
                statement = f"{_a(thing.noun).capitalize()} ends after it starts."
                asks.rule(RuleDraft("ordered_fields", thing.noun, statement, fields=(start, end)))


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


_HANDLERS: dict[str, Callable[[Draft, Asks, Feature], bool]] = {
    "csv": _csv, "shortener": _shortener, "clicks": _clicks, "low_stock": _low_stock, "no_overlap": _no_overlap,
    "no_double_booking": _double_booking, "capacity": _capacity, "capacity_of": _capacity, "one_per": _one_per, "unique": _unique,
    "period_totals": _period_totals, "totals": _totals, "average": _average, "count_per": _count_per, "search_by": _listed,
    "filter_by": _listed, "sort_by": _listed, "range": _range, "default_page": _default_page,
}  # fmt: skip
