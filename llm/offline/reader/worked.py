"""Whose a state or a flag in the list of a title is: `tickets, agents and a status of new, done` speaks of the tickets."""

from llm.offline.reader.complete import names_again
from llm.offline.reader.draft import Draft, Thing
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, is_boolean_marker, is_person, things, words
from llm.offline.reader.owners import State
from llm.offline.reader.phrases import Phrase

_LIVING = frozenset({
    "ticket", "issue", "task", "todo", "request", "order", "case", "application", "claim", "deal", "bug", "incident", "job",
    "complaint", "lead", "shipment", "parcel", "delivery", "package", "invoice", "project", "story", "idea", "proposal",
    "suggestion", "submission", "booking", "reservation", "appointment", "article", "contract", "repair", "return", "defect",
    "chore", "assignment", "card", "quote", "report", "inspection",
})  # fmt: skip
"""What begins, is worked on and comes to an end."""
_ASIDE = frozenset({"vote", "comment", "like", "review", "rating", "reply", "message", "attachment", "note", "upvote"})
_STATES = frozenset({"status", "state", "stage", "priority", "severity", "phase", "urgency", "progress"})
_HOLDERS = frozenset({"list", "watchlist", "wishlist", "collection", "playlist", "notebook", "folder", "board"})


def worked_on(draft: Draft, state: State, name: str, *, is_flow: bool) -> Thing | None:
    """The thing in the list of a title that has the state `name`; None where no list of things was read.

    A workflow (`is_flow`) is rather of a title that lives than of what was described last (`grant applications: grants
    with a budget and a status workflow of ...`)."""
    title = draft.things.get(draft.head or "")
    if is_flow and state.subject and title and _lives(title) and not _lives(state.subject):
        return title
    if state.subject is not None or not state.listed or name.split("_")[-1] not in _STATES:
        return None
    listed = [draft.things[noun] for noun in state.listed if noun in draft.things]
    again = next((thing for thing in listed if title and names_again(title.noun, thing.noun)), title)
    order = [*([again] if again else []), *listed]
    living = next((thing for thing in order if _lives(thing)), None)
    return living or next((thing for thing in order if _is_plain(thing)), None)


def _lives(thing: Thing) -> bool:
    return thing.noun.split(" ")[-1] in _LIVING


def flagged(draft: Draft, state: State, owner: Thing, phrase: Phrase) -> Thing:
    """`lists and items, a done flag`: the thing listed last; what stands behind the things of a list is of these too."""
    kind = field_kind("_".join(phrase.words))
    is_flag = is_boolean_marker(phrase.last) or (kind is not None and kind.type == "boolean")
    holds = owner.noun.split(" ")[-1] in _HOLDERS
    if state.subject is not None or owner is not state.owner or owner.fields or not (is_flag or holds):
        return owner
    listed = [draft.things[noun] for noun in state.listed if noun in draft.things]
    return next((thing for thing in reversed(listed) if _is_plain(thing)), owner)


def _is_plain(thing: Thing) -> bool:
    last = singular(thing.noun.split(" ")[-1])
    known = last in things() or thing.source == "listed"
    return known and not is_person(last) and last not in _ASIDE | words().group_nouns
