"""Clauses that say what a thing stands in relation to: `talks are given by a speaker`, `tenants live in one apartment`."""

from llm.offline.reader.draft import Draft, Thing, field_from
from llm.offline.reader.inflection import base_verb, is_participle, singular
from llm.offline.reader.lexicon import field_kind, things, words
from llm.offline.reader.phrases import BREAK, HAVE, MODALS, STANDING, TIME_NOUNS, Cursor, Phrase, role_of

_AUXILIARIES = MODALS | {
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "that",
    "which",
    "who",
    "has",
    "have",
    "always",
    "usually",
}
_BINDING = frozenset({"by", "to", "in", "into", "under", "from", "with", "at", "on", "for", "of"})
_INSIDE = frozenset(["in", "on", "at", "from", "for", "of"])
_LISTING = frozenset({
    "sorted", "ordered", "filtered", "searched", "ranked", "limited", "based", "called", "named", "used", "shown", "listed",
})  # fmt: skip


def read_linking(cursor: Cursor, draft: Draft, thing: Thing) -> bool:
    """Read `(talks) are given by a speaker in a room at a start time`: links, and fields of the thing."""
    begin = cursor.position
    optional = False
    while cursor.peek() in _AUXILIARIES:
        optional = optional or cursor.peek() in ("can", "may", "could", "might")
        cursor.position += 1
    passive = cursor.peek() not in _LISTING and is_participle(cursor.peek())
    active = cursor.position == begin and base_verb(cursor.peek()) in STANDING
    placed = cursor.position > begin and cursor.peek() in _INSIDE and cursor.peek(1) in ("a", "an", "one", "exactly")
    if not placed and (not (passive or active) or cursor.peek(1) not in _BINDING):
        cursor.position = begin
        return False
    verb = "is" if placed else cursor.peek()
    cursor.position += 0 if placed else 1
    found = False
    while cursor.peek() in _BINDING and _bind(cursor, draft, thing, verb, required=not optional):
        found = True
        if cursor.peek() in ("and", ",") and cursor.peek(1) in _BINDING:
            cursor.take("separator")
    if not found:
        cursor.position = begin
        return False
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or f"{thing.plural} {verb}"
    return True


def _bind(cursor: Cursor, draft: Draft, thing: Thing, verb: str, *, required: bool) -> bool:
    """One preposition with what follows it; False with nothing taken where that names neither a thing nor a field."""
    begin = cursor.position
    cursor.position += 1
    while cursor.peek() in ("each", "every", "exactly"):
        cursor.position += 1
    target = cursor.phrase()
    if target is None or target.last in TIME_NOUNS or target.noun == thing.noun or cursor.peek() in HAVE:
        return _back(cursor, begin)
    if role_of(target, known=frozenset(draft.things), has_owner=False, in_fields=False) == "users":
        draft.uses_accounts = True
        draft.by_users[thing.noun] = verb
    elif _names_thing(draft, target):
        known = draft.find(target.noun)
        noun = known.noun if known else target.noun
        draft.add(noun, "listed", target.start)
        many = singular(target.last) in words().many_nouns
        draft.link(thing.noun, noun, many=many, required=required and not many)
        draft.things[thing.noun].start = max(thing.start, target.start)
    elif (field := field_from(list(target.words))) is not None and field_kind("_".join(target.words)):
        thing.put(field)
    else:
        return _back(cursor, begin)
    for token in cursor.tokens[begin : cursor.position]:
        if token.word != BREAK:
            token.reading = f"{thing.plural} {verb} {' '.join(target.words)}"
    return True


def _names_thing(draft: Draft, target: Phrase) -> bool:
    known = target.noun in draft.things or target.noun in things() or singular(target.last) in words().actors
    if known and not (field_kind("_".join(target.words)) and target.noun not in draft.things and not target.is_plural):
        return True
    return target.is_plural and not field_kind("_".join(target.words))


def _back(cursor: Cursor, begin: int) -> bool:
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = None
    cursor.position = begin
    return False
