"""The grammar: clauses of a sentence, read from left to right into a draft."""

from llm.offline.reader.draft import Draft, FieldDraft, Thing, field_from
from llm.offline.reader.enums import enum_field, read_states, read_values, starts_values
from llm.offline.reader.features import Feature
from llm.offline.reader.fieldlists import read_parenthesis
from llm.offline.reader.heads import read_head
from llm.offline.reader.inflection import base_verb, is_plural, singular
from llm.offline.reader.lexicon import field_kind, is_person, things, words
from llm.offline.reader.linking import read_linking
from llm.offline.reader.owners import (
    State,
    closer_owner,
    each_of,
    is_behind,
    is_known_next,
    is_showing,
    known_noun,
    leave_unread,
    read_showing,
    stray_field,
    usual_owner,
)
from llm.offline.reader.phrases import (
    BREAK,
    CRUD_VERBS,
    HAVE,
    LEADING,
    MODALS,
    MOVES,
    OPENERS,
    SEPARATORS,
    STOP,
    Cursor,
    Phrase,
    role_of,
)
from llm.offline.reader.relations import relate, thing_noun
from llm.offline.reader.roles import only_containers, role_here
from llm.offline.reader.text import Sentence, Token
from llm.offline.reader.verbs import read_action, read_bare_verb, read_passive
from llm.offline.reader.worked import flagged, worked_on

_ENDS = frozenset({";", ".", "!", "?"})
_NEGATIONS = frozenset({"no", "not", "never", "cannot", "can't", "nobody", "none"})
"""Small words that change what is said: where no rule reads them, they are reported."""


def clauses(sentence: Sentence, features: list[Feature]) -> list[list[Token]]:
    """Tokens between hard stops; each run that a feature took stands as one break."""
    found: list[list[Token]] = [[]]
    for token in sentence.tokens:
        if token.reading is not None:
            if not found[-1] or found[-1][-1].word != BREAK:
                found[-1].append(Token(BREAK, BREAK, token.start, token.end, "feature"))
        elif token.word in _ENDS:
            token.reading = "punctuation"
            found.append([])
        else:
            found[-1].append(token)
    return [clause for clause in found if any(token.word != BREAK for token in clause)]


def read_clauses(sentence: Sentence, features: list[Feature]) -> Draft:
    """Read the head of the sentence, then every clause."""
    draft = Draft()
    for index, tokens in enumerate(clauses(sentence, features)):
        cursor = Cursor(tokens)
        state = State(first=index == 0)
        if index == 0:
            read_head(cursor, draft)
            state.owner = draft.things.get(draft.head or "")
        _read_clause(cursor, draft, state)
    return draft


def _read_clause(cursor: Cursor, draft: Draft, state: State) -> None:
    while not cursor.done:
        if cursor.peek() in SEPARATORS:
            word = cursor.take("separator").word
            state.separated_by = state.separated_by or word
        elif not _read_here(cursor, draft, state):
            _skip(cursor)


def _read_here(cursor: Cursor, draft: Draft, state: State) -> bool:
    """Read one construction at the cursor; False when nothing fits."""
    word = cursor.peek()
    if not (state.first and cursor.position == 0) and is_showing(cursor):
        return read_showing(cursor, draft)
    if cursor.position == 0 and not state.first and _opens_with_verb(cursor):
        cursor.take("request")
        return True
    if word == "(":
        return read_parenthesis(cursor, draft, state.last or state.subject or state.owner)
    if word == ":":
        cursor.take("punctuation")
        draft.listed_after_colon = draft.listed_after_colon or not state.listed
        state.separated_by = ""
        if state.acting and state.last is not None:
            state.open(state.last, every=False)
        return True
    if word in OPENERS:
        cursor.take("with")
        state.open(state.last or state.owner, every=False)
        state.separated_by = ""
        return True
    if word.isdigit() and state.subject is not None and is_plural(cursor.peek(1)):
        return _read_number(cursor, state.subject, state)
    if word in MOVES and cursor.peek(1) in ("from", "through"):
        return _read_moves(cursor, draft, state)
    if word == "who" and state.separated_by and state.listed:
        return leave_unread(cursor)
    if state.acting and state.last is not None and read_bare_verb(cursor, draft, state.last):
        return True
    if (thing := read_action(cursor, draft, going_on=state.acting)) is not None:
        state.close()
        state.acting, state.last, state.separated_by = True, thing, ""
        return True
    return _read_phrase(cursor, draft, state)


def _read_number(cursor: Cursor, owner: Thing, state: State) -> bool:
    """`tables with 8 seats`: a number that starts as said."""
    said = int(cursor.take("number").word)
    phrase = cursor.phrase()
    if phrase is None:
        return False
    name = "_".join(phrase.words).replace("-", "_")
    owner.put(
        FieldDraft(name if field_kind(name) else f"{name}_count", "integer", required=False, default=said, minimum=0)
    )
    _mark(phrase, f"{said} {' '.join(phrase.words)} of {owner.plural}")
    state.fields_seen, state.fresh = True, False
    return True


def _read_states_of_field(cursor: Cursor, draft: Draft, state: State, phrase: Phrase) -> bool:
    """`result is white, black or draw`: a field with these values, of the thing that is spoken of."""
    known = phrase.is_plural or phrase.noun in draft.things or phrase.noun in things()
    owner = state.subject or usual_owner(draft, phrase) or state.owner
    if known or owner is None or cursor.peek() not in ("is", "can", "must", "may"):
        return False
    states = read_states(cursor)
    if states:
        owner.put(enum_field("_".join(phrase.words).replace("-", "_"), states))
        _mark(phrase, f"{' '.join(phrase.words)} of {owner.plural}")
    return bool(states)


def _opens_with_verb(cursor: Cursor) -> bool:
    """`log fuel fill-ups with litres`: what is to be done with the thing that follows."""
    verb, following = cursor.peek(), cursor.peek(1)
    return verb in LEADING and following[:1].isalpha() and following not in STOP | HAVE and not is_plural(verb)


def _read_moves(cursor: Cursor, draft: Draft, state: State) -> bool:
    """`move from open to pending to solved`."""
    cursor.take("status")
    cursor.take("status")
    subject = state.subject or state.last or state.owner or draft.before(cursor.tokens[0].start)
    values = read_values(cursor, allow_to=True)
    if subject is None or len(values) < 2:
        return bool(values)
    draft.flows[subject.noun] = ("status", values)
    return True


def _read_phrase(cursor: Cursor, draft: Draft, state: State) -> bool:
    phrase = cursor.phrase()
    if phrase is None:
        return False
    if starts_values(cursor, phrase):
        return _read_enum(cursor, draft, state, phrase)
    if _read_states_of_field(cursor, draft, state, phrase):
        return True
    owner = state.subject or state.owner or (state.last if state.listed or state.acting else None)
    role, phrase = role_here(cursor, draft, state, phrase, owner)
    if role == "users":
        draft.uses_accounts = True
        _mark(phrase, "users")
    elif role == "noise" and (only := stray_field(cursor, draft, state, phrase)) is not None:
        _add_field(only, phrase, state)
    elif role == "noise":
        _mark(phrase, "application" if only_containers(phrase) else None)
    elif role == "field" and (one := each_of(cursor, draft, phrase)) is not None:
        _add_field(one, phrase, state)
    elif role == "field" and owner is not None and not _is_reference(draft, owner, phrase):
        _add_field(flagged(draft, state, closer_owner(owner, state, phrase), phrase), phrase, state)
    else:
        _read_thing(cursor, draft, state, phrase)
    state.separated_by = ""
    return True


def _mark(phrase: Phrase, reading: str | None) -> None:
    for token in phrase.tokens:
        token.reading = reading


def _is_reference(draft: Draft, owner: Thing, phrase: Phrase) -> bool:
    """A field that is named like another thing of the sentence refers to it."""
    return (
        phrase.noun in draft.things
        and draft.things[phrase.noun] is not owner
        and draft.things[phrase.noun].source == "listed"
    )


def _add_field(owner: Thing, phrase: Phrase, state: State) -> None:
    new = field_from(list(phrase.words))
    if new is not None and phrase.is_plural and not field_kind(new.name):
        new = FieldDraft("_".join(phrase.words).replace("-", "_"), "text", required=False)
    if new is not None:
        owner.put(new)
        _mark(phrase, f"{' '.join(phrase.words)} of {owner.plural}")
    state.fields_seen, state.fresh = True, False


def _read_enum(cursor: Cursor, draft: Draft, state: State, phrase: Phrase) -> bool:
    """`status of open, in progress and closed`, `a status workflow of ...`, `priority (low, medium, high)`."""
    listing = state.owner if state.fields_seen else None
    owner = state.subject or listing or state.last or state.owner or usual_owner(draft, phrase)
    names = [
        word for word in phrase.words if word not in ("workflow", "flow", "lifecycle", "pipeline", "values", "machine")
    ]
    is_flow = len(names) < len(phrase.words)
    values = read_values(cursor, allow_to=is_flow)
    name = "_".join(singular(word) for word in names) or "status"
    if is_flow and state.subject is None and state.owner is not None:
        owner = state.owner
    owner = worked_on(draft, state, name, is_flow=is_flow) or owner
    if owner is None or len(values) < 2:
        _mark(phrase, None)
        return True
    reading = f"{' '.join(phrase.words)} of {owner.plural}"
    _mark(phrase, reading)
    if is_flow:
        draft.flows[owner.noun] = (name, values)
    owner.put(enum_field(name, values))
    state.fields_seen, state.fresh, state.separated_by = True, False, ""
    return True


def _read_thing(cursor: Cursor, draft: Draft, state: State, phrase: Phrase) -> None:
    follows = cursor.peek()
    noun = known_noun(draft, thing_noun(phrase.noun), described=follows in HAVE | MODALS | OPENERS | {"is", "are", "("})
    if follows in ("belong", "belongs"):
        _read_belongs(cursor, draft, phrase)
        return
    main = state.owner
    if (
        main is not None
        and noun in draft.things
        and not phrase.is_plural
        and state.subject is None
        and main.noun != noun
    ):
        draft.link(main.noun, noun)
    thing = draft.add(noun, "listed", phrase.start)
    thing.start = max(thing.start, phrase.start)
    _mark(phrase, thing.plural)
    _link_to_subject(cursor, draft, state, thing, phrase)
    if state.last not in (None, thing) and is_behind(cursor, phrase, "their", "its", "his", "her"):
        relate(draft, state.last.noun, thing.noun, stated=True)
    state.last = thing
    state.listed.append(noun)
    if (
        follows in HAVE
        or (follows in ("that", "which", "who") and cursor.peek(1) in HAVE)
        or (follows in MODALS and cursor.peek(1) in HAVE)
    ):
        while cursor.peek() not in HAVE:
            cursor.take("has")
        cursor.take("has")
        state.open(thing, every=True)
    elif read_passive(cursor, draft, thing):
        state.acting = True
    elif states := read_states(cursor):
        thing.put(enum_field("status", states))
    elif read_linking(cursor, draft, thing):
        state.acting = True
    elif (
        follows in ("for", "of", "per", "across", "within", "inside", "in", "under", "between")
        or (follows == "by" and is_person(cursor.peek(1)))
    ) and cursor.peek(1)[:1].isalpha():
        _read_of(cursor, draft, state, thing)


def _link_to_subject(cursor: Cursor, draft: Draft, state: State, thing: Thing, phrase: Phrase) -> None:
    """A thing in the list of a subject is a part of it; what the lists of the head mean is decided when all is read."""
    subject = state.subject
    if subject is thing:
        state.close()
    if subject is None or subject is thing:
        return
    if subject.source == "head" and not state.every:
        state.close()
    elif singular(thing.noun.split(" ")[-1]) in words().group_nouns | words().many_nouns:
        relate(draft, subject.noun, thing.noun, stated=True)
    elif state.every and is_behind(cursor, phrase, "one", "single"):
        draft.link(subject.noun, thing.noun, required=False)
    elif state.every or state.fresh or (state.separated_by in ("and", "&") and not state.fields_seen):
        many = is_behind(cursor, phrase, "many", "multiple", "several")
        relate(draft, subject.noun, thing.noun, stated=True, many=many)
        state.fresh = False
    else:
        state.close()


def _read_belongs(cursor: Cursor, draft: Draft, phrase: Phrase) -> None:
    """`a product belongs to a supplier`, `comments belong to posts and users`."""
    cursor.take("belongs to")
    if cursor.peek() == "to":
        cursor.take("belongs to")
    child = draft.add(phrase.noun, "listed", phrase.start)
    _mark(phrase, child.plural)
    while (parent := cursor.phrase()) is not None:
        if (
            role_of(parent, known=frozenset(draft.things), has_owner=False, in_fields=False) == "users"
            or parent.noun == "user"
        ):
            draft.uses_accounts = True
            draft.by_users[child.noun] = "belongs to a user"
            _mark(parent, "users")
        else:
            draft.add(parent.noun, "listed", parent.start)
            many = singular(parent.last) in words().many_nouns
            draft.link(child.noun, parent.noun, many=many, required=not many)
            _mark(parent, f"{child.plural} belong to {parent.noun}")
        if cursor.peek() not in ("and", "or", "&"):
            break
        cursor.take("separator")


def _read_of(cursor: Cursor, draft: Draft, state: State, thing: Thing) -> None:
    """`comments of a post`, `reviews for products`."""
    begin, begin_word = cursor.position, cursor.peek() if cursor.peek() != "and" else "between"
    cursor.take("of")
    while begin_word == "for" and cursor.peek() in ("each", "every"):
        cursor.take("of")
    target = cursor.phrase()
    if target is None:
        return
    role = role_of(target, known=frozenset(draft.things), has_owner=False, in_fields=False)
    if role == "users":
        draft.uses_accounts = True
        _mark(target, "users")
    elif role == "thing" and (target.noun in draft.things or target.is_plural or target.single):
        parent = draft.add(target.noun, "listed", target.start)
        _mark(target, f"{thing.plural} of {parent.plural}")
        draft.link(thing.noun, parent.noun)
        thing.start = max(thing.start, target.start)
        if begin_word in ("between", "for") and cursor.peek() == "and" and is_known_next(draft, cursor):
            _read_of(cursor, draft, state, thing)
    else:
        for token in cursor.tokens[begin : cursor.position]:
            token.reading = None


def _skip(cursor: Cursor) -> None:
    """Step over a word that no rule reads; grammar words are fine, others stay unread."""
    token = cursor.tokens[cursor.position]
    known = (
        token.word in words().filler | words().containers or not token.is_word or base_verb(token.word) in CRUD_VERBS
    )
    known = known and token.word not in _NEGATIONS
    if known or token.word in words().grammar or token.word in HAVE | MODALS:
        token.reading = token.reading or "grammar"
    cursor.position += 1
