"""Field lists in parentheses: `(name, sku, price, quantity)`, `(title: string, status: open/closed, notes (optional))`."""

from dataclasses import replace

from llm.offline.reader.draft import QUALIFIERS, Draft, Thing, field_from
from llm.offline.reader.enums import enum_field, read_values, starts_values
from llm.offline.reader.inflection import is_plural, singular
from llm.offline.reader.lexicon import things
from llm.offline.reader.phrases import BREAK, Cursor, Phrase
from llm.offline.reader.text import Token

_SEPARATORS = frozenset({",", "and", "&", ";", "or", "plus", BREAK, "with", "including"})
_CARDINALITY = frozenset({
    "many", "to", "one", "many-to-many", "one-to-many", "many-to-one", "n-to-n", "m2m", "or", "more", "several", "each", "per",
})  # fmt: skip


def read_parenthesis(cursor: Cursor, draft: Draft, owner: Thing | None) -> bool:
    """Read a parenthesis as the fields of `owner`; False (nothing taken) when there is no owner."""
    if owner is None:
        return False
    inside = _inside(cursor)
    if _qualifies(inside, draft, owner):
        return True
    if _names_things(inside, owner):
        for segment in _segments(inside):
            noun = singular(segment[-1].word)
            draft.add(noun, "listed", segment[-1].start)
            _mark(segment, noun)
        return True
    for segment in _segments(inside):
        _read_segment(segment, owner)
    return True


def _qualifies(inside: list[Token], draft: Draft, owner: Thing) -> bool:
    """`email (unique)`: words about the field that stands in front."""
    said = [token.word for token in inside if token.is_word]
    if said and set(said) <= _CARDINALITY:
        _mark(inside, " ".join(said))
        if said.count("many") > 1 or set(said) & {"many-to-many", "m2m", "n-to-n"}:
            draft.make_many(owner.noun)
        return True
    if not said or not owner.fields or not set(said) <= QUALIFIERS:
        return False
    last = owner.fields[-1]
    changed = field_from([*last.name.split("_"), *said])
    if changed is not None:
        low = changed.minimum if {"non-negative", "positive"} & set(said) else last.minimum
        owner.put(replace(last, required=changed.required, unique=changed.unique, minimum=low))
    _mark(inside, f"{' '.join(said)} {last.name}")
    return True


def _inside(cursor: Cursor) -> list[Token]:
    """Tokens up to the parenthesis that closes the one at the cursor, without both."""
    depth, taken = 0, list[Token]()
    while not cursor.done:
        token = cursor.tokens[cursor.position]
        depth += (token.word == "(") - (token.word == ")")
        cursor.position += 1
        taken.append(token)
        if depth == 0:
            break
    for token in (taken[0], taken[-1]):
        token.reading = token.reading or "punctuation"
    return taken[1:-1] if taken[-1].word == ")" else taken[1:]


def _segments(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    position = 0
    while position < len(tokens):
        token, depth = tokens[position], 0
        rest = Cursor(tokens[position:])
        if found[-1] and starts_values(rest, _phrase(found[-1])):
            read_values(rest, allow_to=False)
            found[-1] += tokens[position : position + rest.position]
            position += rest.position
            continue
        if token.word in _SEPARATORS and depth == 0:
            token.reading = token.reading or "separator"
            found.append([])
        else:
            found[-1].append(token)
        position += 1
    return [segment for segment in found if any(token.is_word for token in segment)]


def _phrase(tokens: list[Token]) -> Phrase:
    return Phrase(tuple(token.word for token in tokens), tuple(tokens))


def _names_things(tokens: list[Token], owner: Thing) -> bool:
    """`Parking lot (spots, vehicles, tickets)`: a place or an application with its things in parentheses."""
    last_words = [segment[-1].word for segment in _segments(tokens)]
    return owner.source == "head" and bool(last_words) and all(
        is_plural(word) and singular(word) in things() for word in last_words
    )  # fmt: skip


def _read_segment(segment: list[Token], owner: Thing) -> None:
    named = [token for token in segment if token.reading != "values"]
    values = [token for token in segment if token.reading == "values"]
    words_read = [token.word for token in named if token.word[:1].isalnum() and token.word != BREAK]
    if not words_read:
        return
    if values:
        found = read_values(Cursor(values), allow_to=False)
        name = "_".join(word for word in words_read if word not in ("a", "an", "the"))
        owner.put(enum_field(name.replace("-", "_"), found))
        _mark(named, f"{name} of {owner.plural}")
        return
    new = field_from(words_read)
    if new is not None:
        owner.put(new)
        _mark(named, f"{' '.join(words_read)} of {owner.plural}")


def _mark(tokens: list[Token], reading: str) -> None:
    for token in tokens:
        token.reading = token.reading or reading
