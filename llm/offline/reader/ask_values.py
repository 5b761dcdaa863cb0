"""What is asked of single values: bounds, states after an approval, counters, the order of dates, rankings."""

from dataclasses import replace

from llm.offline.reader.ask_limits import ordered_times
from llm.offline.reader.ask_model import NUMBERS, Asks, RuleDraft, parents_of, subject_of, with_article
from llm.offline.reader.complete import SCORES, ensure_field
from llm.offline.reader.draft import Draft, FieldDraft, Thing, singular_of
from llm.offline.reader.features import Feature
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, is_person


def _numbers_named(draft: Draft, said: str, near: Thing | None) -> list[tuple[Thing, FieldDraft]]:
    """Number fields that the last words of `said` name, the thing that is spoken of first."""
    words_said = said.split(" ")
    order = sorted(draft.things.values(), key=lambda thing: thing is not near)
    for begin in range(len(words_said)):
        name = singular_of(" ".join(words_said[begin:])).replace(" ", "_").replace("-", "_")
        found = [
            (thing, own) for thing in order for own in thing.fields
            if own.type in NUMBERS
            and (singular(own.name) == name or own.name.endswith(f"_{name}") or own.name.startswith(f"{name}_"))
        ]  # fmt: skip
        if found:
            return found
    return []


def minimum(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`prices cannot be negative`, `quantity must be at least 1`: bounds of every field of the name."""
    said = feature.part("noun", "named", "without") or ""
    near = draft.before(feature.start)
    found = _numbers_named(draft, said, near)
    if not found:
        last = said.split(" ")[-1]
        kind = field_kind(singular(last))
        if near is None or kind is None or kind.type not in NUMBERS:
            return False
        found = [(near, ensure_field(near, last))]
    for thing, own in found:
        smallest = 1.0 if own.type == "integer" else 0.01
        low = smallest if "positive" in feature.parts else float(feature.part("low", "from") or 0)
        high = float(feature.parts["to"]) if "to" in feature.parts else own.maximum
        thing.fields = [replace(old, minimum=low, maximum=high) if old is own else old for old in thing.fields]
    return True


def approval(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`managers approve or reject them`: a state that starts as pending; who decides is not told apart."""
    thing = draft.find(feature.part("noun") or "") or draft.before(feature.start)
    if thing is None:
        return False
    if thing.field("status") is None:
        states = ("pending", "approved", "rejected")
        thing.put(FieldDraft("status", "enum", required=False, values=states, default=states[0]))
    who = feature.part("who", "by")
    if who:
        asks.unmet.append(
            f"only {who} decide about {thing.plural} (roles are outside of what the offline model can build)"
        )
    return True


def times_counted(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`how many times each card was reviewed`: a number that starts at 0."""
    thing = draft.find(feature.parts["noun"])
    if thing is None:
        return False
    thing.put(FieldDraft(f"times_{feature.parts['verb']}", "integer", required=False, default=0, minimum=0))
    return True


def max_length(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`posts of at most 280 characters`: the longest text of the thing named before."""
    thing = draft.before(feature.start) or next(iter(draft.things.values()), None)
    texts = [own for own in thing.fields if own.type in ("text", "string")] if thing else []
    if thing is None or not texts:
        return False
    chosen = min(texts, key=lambda own: own.type != "text")
    most = max(1, min(int(feature.parts["n"]), 100_000))
    thing.fields = [replace(own, max_length=most) if own is chosen else own for own in thing.fields]
    return True


def ordered(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`the end date must be after the start date`: true of whatever has both."""
    ordered_times(draft, asks)
    return any(rule.kind == "ordered_fields" for rule in asks.rules)


def ranking(draft: Draft, asks: Asks, feature: Feature) -> bool:
    """`top 10`, `leaderboard`, `standings`: a list that can be sorted by the number that decides."""
    by, noun = feature.part("by"), feature.part("noun")
    if by and by.startswith("total "):
        return _totals_of_people(draft, asks, by.removeprefix("total "))
    named = draft.find(noun) if noun else None
    if by and (found := _numbers_named(draft, by, named or subject_of(draft, feature))):
        asks.sort.setdefault(found[0][0].noun, []).append(found[0][1].name)
        return True
    scored = [
        (thing, own) for thing in draft.things.values() for own in thing.fields
        if own.type in NUMBERS and (own.name in SCORES or own.name in ("wins", "votes", "likes", "elo_rating"))
    ]  # fmt: skip
    if chosen := next((pair for pair in scored if named is None or pair[0] is named), None):
        asks.sort.setdefault(chosen[0].noun, []).append(chosen[1].name)
        return True
    return named is not None and _counted(draft, asks, feature, named)


def _totals_of_people(draft: Draft, asks: Asks, value: str) -> bool:
    """`leaderboard by total distance`: sums per person."""
    for thing, own in _numbers_named(draft, value, None):
        people = [noun for noun in parents_of(draft, thing.noun) if is_person(noun.split(" ")[-1])]
        if people:
            statement = f"{thing.plural.capitalize()} are totalled by {people[0]}."
            asks.rule(RuleDraft("totals", thing.noun, statement, fields=(own.name, people[0])))
            return True
    return False


def _counted(draft: Draft, asks: Asks, feature: Feature, whole: Thing) -> bool:
    """`most popular books`: how many votes or loans each has is shown; the list is not sorted by it."""
    events = ("vote", "like", "favourite", "review", "loan", "order", "booking", "follow", "enrolment", "registration")
    parts = [noun for noun in draft.things if whole.noun in parents_of(draft, noun) and noun in events]
    if not parts:
        return False
    part = draft.things[parts[0]]
    statement = f"{with_article(whole.noun).capitalize()} shows how many {part.plural} it has."
    asks.rule(RuleDraft("child_summary", whole.noun, statement, parent=part.noun))
    asks.unmet.append(f"{feature.phrase} (the number of {part.plural} is shown, but the list is not sorted by it)")
    return True
