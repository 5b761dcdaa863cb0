"""What a phrase of a clause names, by its words and by what stands around it."""

from llm.offline.reader.draft import Draft, Thing
from llm.offline.reader.inflection import singular
from llm.offline.reader.lexicon import field_kind, words
from llm.offline.reader.owners import State
from llm.offline.reader.phrases import HAVE, OPENERS, Cursor, Phrase, Role, role_of
from llm.offline.reader.relations import typical


def role_here(cursor: Cursor, draft: Draft, state: State, phrase: Phrase, owner: Thing | None) -> tuple[Role, Phrase]:
    """The role of the phrase that the cursor stands behind, and the phrase, longer where it names the head again."""
    inside = state.subject is not None and (state.every or state.fresh or state.fields_seen)
    if inside and state.fresh and _lists_things(state, phrase):
        inside = False
    role = role_of(phrase, known=frozenset(draft.things), has_owner=owner is not None, in_fields=inside)
    if role == "field" and state.acting and not (inside or phrase.single or field_kind("_".join(phrase.words))):
        role = "noise"
    if phrase.words == ("people",) and (cursor.peek() == "(" or cursor.peek() in OPENERS | HAVE):
        role = "thing"
    follows = cursor.peek()
    described = follows in HAVE | {"belong", "belongs", "("} or (phrase.is_plural and follows in OPENERS)
    opened = state.first and phrase.is_plural and (follows == "(" or follows in OPENERS)
    if role == "noise" and opened and not only_containers(phrase):
        role = "thing"
    if role == "field" and owner is not None and owner.source == "head" and phrase.noun == owner.noun.split(" ")[-1]:
        role, phrase = "thing", Phrase(tuple(owner.noun.split(" ")), phrase.tokens)
    if role == "field" and only_containers(phrase) and not field_kind("_".join(phrase.words)):
        role = "noise"
    if role == "thing" and not described and _among_fields(draft, state, phrase):
        role = "field"
    if role == "thing" and not described and not _is_credible(draft, state, phrase):
        role = "noise"
    elif role != "users" and cursor.peek() in HAVE | {"belong", "belongs"}:
        role = "thing"
    return role, phrase


def only_containers(phrase: Phrase) -> bool:
    plain = words().containers | words().filler | {"rest", "restful"}
    return all(word in plain or singular(word) in plain for word in phrase.words)


def _among_fields(draft: Draft, state: State, phrase: Phrase) -> bool:
    """`donations: donor name, item, value`: one thing between fields is a field too, if nothing else is said of it."""
    plain = not phrase.is_plural and not phrase.single and phrase.noun not in draft.things and state.subject is None
    return plain and state.fields_seen and draft.listed_after_colon and state.separated_by == ","


def _lists_things(state: State, phrase: Phrase) -> bool:
    """`Photo contest with photos and votes`: what is listed with a title that is no usual thing has rows of its own."""
    subject = state.subject
    unusual = subject is not None and subject.source == "head" and not typical(subject.noun).fields
    return unusual and phrase.is_plural and bool(typical(phrase.noun).fields)


def _is_credible(draft: Draft, state: State, phrase: Phrase) -> bool:
    """Unknown nouns count as things only in the list that opens a description, and alone only in the plural."""
    known = phrase.noun in draft.things or typical(phrase.noun).fields or singular(phrase.last) in words().actors
    listing = phrase.is_plural and bool(state.listed) and bool(state.separated_by)
    return bool(known) or listing or (state.first and (phrase.is_plural or draft.listed_after_colon))
