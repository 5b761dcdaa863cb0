"""Where the reading of a clause stands, and which thing the fields of it are of."""

from dataclasses import dataclass, field

from llm.offline.reader.draft import Draft, Thing
from llm.offline.reader.inflection import is_plural, singular
from llm.offline.reader.lexicon import field_kind, is_person, things
from llm.offline.reader.phrases import BREAK, OPENERS, TODAY, Cursor, Phrase
from llm.offline.reader.relations import typical


@dataclass
class State:
    """Where the reading of a clause stands.

    `owner` is what the fields of the top-level list belong to, `subject` the thing that a sub-list describes,
    `every` says that all things of the sub-list are parts of the subject (`has`), `fresh` that it has just begun,
    `acting` that somebody does something in this clause.
    """

    owner: Thing | None = None
    subject: Thing | None = None
    last: Thing | None = None
    every: bool = False
    fresh: bool = False
    fields_seen: bool = False
    separated_by: str = ""
    acting: bool = False
    first: bool = True
    listed: list[str] = field(default_factory=list)

    def open(self, subject: Thing | None, *, every: bool) -> None:
        self.subject, self.every, self.fresh, self.fields_seen = subject, every, True, False

    def close(self) -> None:
        self.subject, self.every, self.fresh, self.fields_seen = None, False, False, False


def closer_owner(owner: Thing, state: State, phrase: Phrase) -> Thing:
    """A field of the top-level list is the head's, unless it is typical of the thing named last and not of the head."""
    last = state.last
    if last is None or owner is not state.owner or owner is last:
        return owner
    name = "_".join(phrase.words)
    return last if state.acting or (_is_usual(last, name) and not _is_usual(owner, name)) else owner


def usual_owner(draft: Draft, phrase: Phrase) -> Thing | None:
    """The thing that usually has such a field, else the one named last."""
    name = "_".join(phrase.words)
    usual = (thing for thing in draft.things.values() if _is_usual(thing, name))
    return next(usual, None) or draft.before(phrase.start)


def _is_usual(thing: Thing, name: str) -> bool:
    return any(field.rstrip("?!").partition(":")[0].rstrip("?!") == name for field in typical(thing.noun).fields)


def stray_field(cursor: Cursor, draft: Draft, state: State, phrase: Phrase) -> Thing | None:
    """`; daily rate`: a clause that is a field and nothing else is one of the main thing; `hobbies` of a list is a text."""
    if state.subject is not None and phrase.is_plural and (state.fields_seen or state.fresh):
        return state.subject
    alone = len(cursor.tokens) == len(phrase.tokens) and field_kind("_".join(phrase.words))
    return (draft.things.get(draft.head or "") or next(iter(draft.things.values()), None)) if alone else None


def each_of(cursor: Cursor, draft: Draft, phrase: Phrase) -> Thing | None:
    """`points per team`: the thing that a field is stated of in passing."""
    if cursor.peek() not in ("per", "of", "for") or not cursor.peek(1)[:1].isalpha():
        return None
    ahead = 2 if cursor.peek(1) in ("a", "an", "the", "each", "every") else 1
    thing = draft.things.get(singular(cursor.peek(ahead)))
    ends = not cursor.peek(ahead + 1)[:1].isalnum() or cursor.peek(ahead + 1) in ("and", "or")
    if thing is None or not ends:
        return None
    for _ in range(ahead + 1):
        cursor.take(f"{' '.join(phrase.words)} of {thing.plural}")
    return thing


def is_behind(cursor: Cursor, phrase: Phrase, *before: str) -> bool:
    """True when a phrase stands behind one of some words: `stations and their measurements`, `many authors`."""
    index = next((at for at, token in enumerate(cursor.tokens) if token is phrase.tokens[0]), 0)
    return index > 0 and cursor.tokens[index - 1].word in before


def known_noun(draft: Draft, noun: str, *, described: bool) -> str:
    """`payments have ...` behind `rent payments` describes these."""
    longer = [known for known in draft.things if known.endswith(f" {noun}")]
    return longer[0] if described and noun not in draft.things and len(longer) == 1 else noun


def is_known_next(draft: Draft, cursor: Cursor) -> bool:
    """True when a thing of the draft, or a plural one, follows the word at the cursor."""
    word = cursor.peek(1)
    return singular(word) in draft.things or (is_plural(word) and (singular(word) in things() or is_person(word)))


def leave_unread(cursor: Cursor) -> bool:
    """`and who presents which paper`: a question inside a list is no thing and no field; it is reported as it stands."""
    while not cursor.done and cursor.peek() not in (",", BREAK):
        cursor.position += 1
    return True


def is_showing(cursor: Cursor) -> bool:
    """True for `show free spots`, `list plants by name`: what is to be seen, and neither a thing nor a field."""
    begins = cursor.position == 0 or cursor.peek(-1) in (",", "and", BREAK)
    many = is_plural(cursor.peek(1)) or cursor.peek(1) in ("the", "all", "only") or is_plural(cursor.peek(2))
    verb = cursor.peek() in ("show", "display", "see", "view", "list", "shows", "displays")
    return verb and begins and many and cursor.peek(1)[:1].isalpha() and cursor.peek(1) not in ("and", "or", "with")


def read_showing(cursor: Cursor, draft: Draft) -> bool:
    """Read the verb alone before a thing that is known or described; the rest is left to be reported."""
    passed = {"the", "all"} | TODAY
    following = [token.word for token in cursor.tokens[cursor.position + 1 :] if token.word not in passed]
    word, after = [*following, "", ""][:2]
    known = singular(word) in draft.things or (singular(word) in things() and is_plural(word))
    if after in OPENERS or after == "(" or (known and after in ("", ",", BREAK, "and")):
        cursor.take("grammar")
        return True
    cursor.position += 1
    return leave_unread(cursor)
