"""Exports, totals, averages, counts, low stock, redirects: what is asked to be shown."""

from llm.offline.reader.ask_model import NUMBERS, Asks, RuleDraft, parents_of, subject_of, with_article
from llm.offline.reader.complete import SCORES
from llm.offline.reader.draft import Draft, FieldDraft, Thing, singular_of
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, is_person, words

_COUNTED = frozenset({"vote", "like", "upvote", "rsvp", "pledge", "answer", "response", "favourite", "registration"})
"""What is counted where a sentence says `the counts` or `the results` and no more."""


def _value_of(thing: Thing, noun: str | None = None) -> FieldDraft | None:
    """The number of a thing that is counted up: the one named, else money, hours, scores before plain counts."""
    numbers = [own for own in thing.fields if own.type in NUMBERS]
    if noun:
        name = noun.replace(" ", "_")
        named = [own for own in numbers if own.name in (name, singular(name)) or singular(own.name) == singular(name)]
        named = named or [own for own in numbers if own.name.startswith(f"{singular(name)}_")]
        if named:
            return named[0]
    ranked = sorted(numbers, key=lambda own: (own.name not in SCORES, own.type != "decimal"))
    return ranked[0] if ranked else None


def _fits(thing: Thing, noun: str | None) -> bool:
    """False when a number is named that the thing does not have: the year of a book is no value of it."""
    kind = field_kind(noun) if noun else None
    return kind is None or kind.type not in NUMBERS or _named_value(thing, noun or "")


def _named_value(thing: Thing, noun: str) -> bool:
    name = singular_of(noun).replace(" ", "_")
    return any(singular(own.name) == name for own in thing.fields if own.type in NUMBERS)


def csv_export(draft: Draft, asks: Asks, feature: Feature) -> bool:
    thing = subject_of(draft, feature)
    if thing is None:
        return False
    asks.rule(RuleDraft("csv_export", thing.noun, f"{thing.plural.capitalize()} can be exported as CSV."))
    return True


def shortener(draft: Draft, asks: Asks, feature: Feature) -> bool:
    link = draft.things["link"]
    if link.field("clicks") is None:
        link.put(FieldDraft("clicks", "integer", required=False, default=0, minimum=0))
    asks.rule(
        RuleDraft("counter_redirect", "link", "Following a short link redirects to its address and counts a click.")
    )
    return True


def clicks(draft: Draft, asks: Asks, feature: Feature) -> bool:
    return any(rule.kind == "counter_redirect" for rule in asks.rules) or "link" in draft.things


def _is_counted(own: FieldDraft) -> bool:
    """`quantity`, `stock level`, `stock in kg`: how much of something there is."""
    named = own.name in ("quantity", "stock", "count", "amount", "units", "in_stock_count")
    return own.type in NUMBERS and (named or own.name.split("_")[0] in ("stock", "quantity"))


def low_stock(draft: Draft, asks: Asks, feature: Feature) -> bool:
    candidates = [thing for thing in draft.things.values() if any(_is_counted(own) for own in thing.fields)]
    subject = subject_of(draft, feature)
    candidates = [thing for thing in candidates if thing.noun not in ("order", "order item", "line item")]
    kept = next((thing for thing in draft.things.values() if not parents_of(draft, thing.noun)), subject)
    thing = subject if subject in candidates else candidates[0] if candidates else kept
    if thing is None:
        return False
    own = next((own for own in thing.fields if _is_counted(own)), None)
    if own is None:
        own = FieldDraft("quantity", "integer", minimum=0)
        thing.put(own)
    statement = f"{thing.plural.capitalize()} that are running low are listed."
    asks.rule(
        RuleDraft(
            "low_stock",
            thing.noun,
            statement,
            fields=(own.name,),
            number=int(feature.part("threshold", "reorder") or 5),
        )
    )
    return True


def period_totals(draft: Draft, asks: Asks, feature: Feature) -> bool:
    dated = [
        thing for thing in draft.things.values()
        if _value_of(thing) and any(own.type in ("date", "datetime") for own in thing.fields)
    ]  # fmt: skip
    thing = next((one for one in dated if one.noun == draft.head), dated[0] if dated else subject_of(draft, feature))
    value = _value_of(thing) if thing else None
    if thing is None or value is None:
        return False
    date = _date_of(thing)
    wanted = feature.part("noun", "and")
    named = _group(draft, thing, wanted) if wanted else None
    if wanted and named is None:
        asks.unmet.append(f"{feature.phrase} (by month only)")
    groups = ["month", *([named] if named else []), *_group_parents(draft, thing.noun)]
    statement = f"{thing.plural.capitalize()} are totalled by month."
    chosen = tuple(dict.fromkeys(group for group in groups if group))
    asks.rule(RuleDraft("totals", thing.noun, statement, parent=date, fields=(value.name, *chosen)))
    if (feature.part("period", "period2") or "").startswith(("week", "dai")):
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
    if noun == "day" and (weekday := thing.field("weekday")):
        return weekday.name
    parent = draft.find(noun)
    if parent and parent is not thing:
        if parent.noun not in parents_of(draft, thing.noun):
            draft.link(thing.noun, parent.noun, required=False, stated=False)
        return parent.noun
    return next((own.name for own in thing.fields if own.name == singular(noun)), None)


def _group_parents(draft: Draft, noun: str) -> list[str]:
    return [parent for parent in parents_of(draft, noun) if singular(parent.split(" ")[-1]) in words().group_nouns]


def totals(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`total hours per project`, `total per donor`, `total amount`: sums of a thing over what it refers to."""
    per, noun = feature.part("per", "unit", "whom"), feature.part("noun", "all", "what", "sum")
    group = draft.find(per) if per else None
    if group is not None:
        candidates = [draft.things[link.child] for link in draft.links if link.parent == group.noun and not link.many]
    else:
        named = draft.find(feature.part("of") or "")
        candidates = [named] if named else list(draft.things.values())
    if noun and group is not None and not any(_named_value(thing, noun) for thing in candidates):
        elsewhere = [one for one in draft.things.values() if one is not group and _named_value(one, noun)]
        if elsewhere and _joined(draft, elsewhere[0].noun, group.noun):
            candidates = elsewhere[:1]
    meant = (
        draft.find(noun.split(" ")[-1]) if noun and not any(_named_value(thing, noun) for thing in candidates) else None
    )
    if meant and group and meant is not group and _value_of(meant) and _joined(draft, meant.noun, group.noun):
        candidates = [meant]
    if meant and noun and " " in noun and singular_of(noun) != meant.noun:
        asks.unmet.append(f"{noun.split(' ')[0]} in {feature.phrase} (all {meant.plural} are totalled)")
    valued = [thing for thing in candidates if _value_of(thing, noun) and (thing is meant or _fits(thing, noun))]
    exact = [
        thing
        for thing in valued
        if noun and any(singular(own.name) == singular(noun.replace(" ", "_")) for own in thing.fields)
    ]
    thing = next(iter(exact or valued), None)
    value = _value_of(thing, noun) if thing else None
    if thing is None or value is None:
        return False
    groups = [group.noun] if group else [] if per is None else [_group(draft, thing, per)]
    dates = [own.name for own in thing.fields if own.type in ("date", "datetime")]
    groups += ["month"] if dates else []
    if "of" in feature.parts:
        groups += [own.name for own in thing.fields if own.type == "enum"][:1]
    groups += _group_parents(draft, thing.noun)
    chosen = tuple(dict.fromkeys(one for one in groups if one))
    if not chosen:
        asks.unmet.append(
            f"{feature.phrase} (a total is shown per group, and {thing.plural} have none to be grouped by)"
        )
        return True
    statement = f"{thing.plural.capitalize()} are totalled by {chosen[0].replace('_', ' ')}."
    asks.rule(
        RuleDraft("totals", thing.noun, statement, parent=dates[0] if dates else None, fields=(value.name, *chosen))
    )
    return True


def average(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`average rating`, `average per student`: counts and averages of a thing's parts."""
    per, noun = feature.part("per"), feature.part("noun")
    noun = noun.removesuffix(" shown").removesuffix(" displayed").removesuffix(" visible") if noun else None
    parent = draft.find(per) if per else None
    named = draft.find(noun.split(" ")[0]) if noun and " " in noun else None
    if (
        parent
        and noun
        and not any(_named_value(draft.things[one.child], noun) for one in draft.links if one.parent == parent.noun)
    ):
        elsewhere = [one for one in draft.things.values() if one is not parent and _named_value(one, noun)]
        if elsewhere and not any(link.parent == elsewhere[0].noun for link in draft.links):
            _joined(draft, elsewhere[0].noun, parent.noun)
    pairs = [
        (draft.things[link.parent], draft.things[link.child]) for link in draft.links
        if not link.many and (parent is None or link.parent == parent.noun)
        and (named is None or named.noun in (link.parent, link.child))
        and any(own.type in NUMBERS for own in draft.things[link.child].fields)
    ]  # fmt: skip
    wanted = singular((noun or "").split(" ")[-1])
    exact = [
        pair
        for pair in pairs
        if wanted
        and (
            pair[1].noun == wanted
            or any(own.name == wanted or own.name.startswith(f"{wanted}_") for own in pair[1].fields)
        )
    ]
    plain = [
        pair
        for pair in exact or (pairs if not wanted or named else [])
        if pair[0].noun.split(" ")[-1] not in words().actors or parent
    ]
    if not plain:
        return False
    whole, part = plain[0]
    value = _value_of(part, wanted if wanted != part.noun else None)
    shown = f"how many {part.plural} it has and their average {value.name.replace('_', ' ') if value else ''}"
    statement = f"{with_article(whole.noun).capitalize()} shows {shown}."
    asks.rule(
        RuleDraft("child_summary", whole.noun, statement, parent=part.noun, fields=(value.name,) if value else ())
    )
    return True


def _joined(draft: Draft, child: str, parent: str) -> bool:
    """Let what is counted per something refer to it."""
    if parent not in parents_of(draft, child):
        if child in parents_of(draft, parent) and any(
            link.stated for link in draft.links if (link.child, link.parent) == (parent, child)
        ):
            return False
        draft.links = [link for link in draft.links if (link.child, link.parent) != (parent, child)]
        draft.link(child, parent, stated=False)
    return True


def count_per(draft: Draft, asks: Asks, feature: Feature) -> bool:
    part, whole = draft.find(feature.part("noun", "one", "what") or ""), draft.find(feature.part("per", "unit") or "")
    if part is None or whole is None or part is whole or not _joined(draft, part.noun, whole.noun):
        return False
    statement = f"{with_article(whole.noun).capitalize()} shows how many {part.plural} it has."
    asks.rule(RuleDraft("child_summary", whole.noun, statement, parent=part.noun))
    return True


def tally(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`show the counts`, `show the results`: how many votes, likes or answers each of what they are given to has."""
    said = draft.find(feature.part("noun", "what") or "")
    counted = [said] if said else [thing for thing in draft.things.values() if thing.noun.split(" ")[-1] in _COUNTED]
    part = next((thing for thing in counted if parents_of(draft, thing.noun)), None)
    if part is None:
        return False
    parents = [noun for noun in parents_of(draft, part.noun) if not is_person(noun.split(" ")[-1])]
    inner = [noun for noun in parents if set(parents_of(draft, noun)) & set(parents)]
    whole = next(iter([*inner, *parents]), None)
    if whole is None:
        return False
    statement = f"{with_article(whole).capitalize()} shows how many {part.plural} it has."
    asks.rule(RuleDraft("child_summary", whole, statement, parent=part.noun))
    return True
