"""Lists of values: `status of open, in progress and closed`, `priority (low, medium, high)`, `status: open/closed`."""

from llm.offline.reader.draft import FieldDraft
from llm.offline.reader.inflection import base_verb, is_plural, singular
from llm.offline.reader.lexicon import field_kind, things, words
from llm.offline.reader.phrases import BREAK, CRUD_VERBS, ENUM_NOUNS, FLOW_WORDS, Cursor, Phrase

_INTRODUCTIONS = frozenset({
    "of", "is", "are", "can", "be", "being", "either", "like", "such", "as", "from", ":", "(", "with", "the",
    "values", "value", "one", "among", "options", "states", "statuses", "stages", "may", "which", "=", "-", "through",
})  # fmt: skip
_BETWEEN = frozenset({
    ",", "/", "|", "→", ">", "-", "then", "and", "or",
})  # fmt: skip
_NOT_IN_VALUES = frozenset({
    "with", "for", "that", "which", "where", "by", "per", "a", "an", "the", "who", "users", "user", "can", "each",
    "every", "must", "has", "have",
})  # fmt: skip
_QUOTES = frozenset("\"'`")
MAX_VALUES = 20


def starts_values(cursor: Cursor, phrase: Phrase) -> bool:
    """True when the cursor stands behind a noun such as `status`, before the values that it can take."""
    is_flow = bool(FLOW_WORDS & set(phrase.words))
    if not is_flow and (
        phrase.last not in ENUM_NOUNS and phrase.last not in ("statuses", "states", "stages", "priorities")
    ):
        return False
    following = cursor.peek()
    if following in ("of", ":", "(", "either", "like", "such", "from", "being", "=", "-", "as") or (
        is_flow and following == "with"
    ):
        return _values_ahead(cursor)
    if following in ("is", "are", "can", "may", "which"):
        return cursor.peek(1) in ("either", "one", "be", "can", "of") or _values_ahead(cursor)
    return (
        following[:1].isalpha()
        and ("/" in following or cursor.peek(1) in (",", "or", "/", "and"))
        and _values_ahead(cursor)
    )


def _values_ahead(cursor: Cursor) -> bool:
    begin = cursor.position
    found = _collect(cursor, allow_to=True)
    cursor.position = begin
    return len(found) >= 2


def read_states(cursor: Cursor) -> tuple[str, ...]:
    """`(articles) can be draft, in review or published`: states, joined by `or`; none (nothing taken) for anything else."""
    begin = cursor.position
    while cursor.peek() in ("can", "may", "must", "be", "is", "are", "either"):
        cursor.position += 1
    joined, opened = cursor.position > begin, cursor.position
    values = _collect(cursor, allow_to=False) if joined else ()
    tokens = cursor.tokens[opened : cursor.position]
    acts = all(base_verb(value) in words().verbs or base_verb(value) in CRUD_VERBS for value in values)
    named = any(singular(value.replace("_", " ")) in things() for value in values)
    ends = cursor.done or not cursor.peek()[:1].isalnum()
    if len(values) < 2 or not any(token.word == "or" for token in tokens) or acts or named or not ends:
        cursor.position = begin
        return ()
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or "values"
    return values


def read_values(cursor: Cursor, *, allow_to: bool) -> tuple[str, ...]:
    """Read the values, marking their words; `allow_to` reads `open to closed` as two values."""
    begin = cursor.position
    values = _collect(cursor, allow_to=allow_to)
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or "values"
    return values


def _collect(cursor: Cursor, *, allow_to: bool) -> tuple[str, ...]:
    opened = False
    while cursor.peek() in _INTRODUCTIONS:
        opened = opened or cursor.peek() == "("
        cursor.position += 1
    values: list[str] = []
    last_follows, good = False, cursor.position
    while not cursor.done and len(values) < MAX_VALUES:
        value = _one_value(cursor, allow_to=allow_to)
        if value is None or (values and not opened and _is_other_item(value, cursor, last_follows)):
            cursor.position = good
            break
        values += [part for part in value.split("/") if part]
        good = cursor.position
        if last_follows and not opened:
            break
        separators = _separators(cursor, allow_to=allow_to)
        if not separators:
            break
        last_follows = bool(separators & {"and", "or"})
    if opened and cursor.peek() == ")":
        cursor.position += 1
    return tuple(dict.fromkeys(value.replace(" ", "_").replace("-", "_") for value in values))


def _separators(cursor: Cursor, *, allow_to: bool) -> set[str]:
    found: set[str] = set()
    while cursor.peek() in _BETWEEN or (allow_to and cursor.peek() in ("to", "through", "over", "via", "until")):
        found.add(cursor.peek())
        cursor.position += 1
    return found


def _one_value(cursor: Cursor, *, allow_to: bool) -> str | None:
    taken: list[str] = []
    while not cursor.done and len(taken) < 3:
        word = cursor.peek()
        if word in _QUOTES:
            cursor.position += 1
            continue
        letter = word == "a" and cursor.peek(1) in (",", "/", "or", ")")
        stops = word in _BETWEEN or (word in _NOT_IN_VALUES and not letter) or not word[:1].isalnum() or word == BREAK
        if stops or (allow_to and taken and word in ("to", "through", "over", "via", "until")):
            break
        taken.append(word)
        cursor.position += 1
    return " ".join(taken) or None


def _is_other_item(value: str, cursor: Cursor, last_follows: bool) -> bool:
    """True when what follows a comma is a thing or a field again, not one more value."""
    last = value.rsplit(" ", 1)[-1]
    if is_plural(last) and (singular(value) in things() or singular(last) in things()):
        return True
    return (not last_follows and cursor.peek() in ("(",)) or bool(
        field_kind(value.replace(" ", "_")) and " " in value and not value.startswith(("in ", "on ", "out "))
    )


def enum_field(name: str, values: tuple[str, ...]) -> FieldDraft:
    """An optional field that starts as its first value."""
    safe = tuple(value if value[:1].isalpha() else f"v{value}" for value in values)
    return FieldDraft(name, "enum", required=False, values=safe, default=safe[0])
