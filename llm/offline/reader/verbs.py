"""Who does what: `members can borrow books`, `users rate movies`, `posts can be liked by users`."""

from llm.offline.reader.draft import PLACES, Action, Draft, Thing
from llm.offline.reader.inflection import base_verb, is_plural, singular
from llm.offline.reader.lexicon import field_kind, is_person, things, words
from llm.offline.reader.phrases import (
    ADJECTIVES,
    BREAK,
    CRUD_VERBS,
    MODALS,
    STOP,
    TIME_NOUNS,
    Cursor,
    Phrase,
    acts_unknown,
)
from llm.offline.reader.relations import typical

_MAKING = frozenset({
    "create", "add", "write", "post", "share", "publish", "track", "log", "save", "record", "manage", "keep", "store",
    "make", "submit", "plan", "note", "upload", "organize", "enter", "maintain", "own", "offer", "start", "ask", "launch",
    "propose", "request", "prepare", "host", "teach", "lead", "place", "take", "sell", "deliver", "report", "send", "open",
})  # fmt: skip
_SHOWING = frozenset(["view", "see", "list", "browse", "read", "find", "access", "show"])
_ASIDE = frozenset({
    "for", "in", "on", "to", "out", "up", "at", "of", "their", "his", "her", "its", "the", "a", "an", "each", "every",
    "own", "as", "about", "by",
})  # fmt: skip
_PRONOUNS = frozenset({"them", "it"})
_CAN = MODALS | {
    "able", "to", "be", "only", "also", "are", "is", "who", "that", "lets", "let", "allowed",
}  # fmt: skip


_ENTRIES = frozenset(
    {"registration", "enrolment", "booking", "reservation", "membership", "attendance", "participation"}
)


def read_action(cursor: Cursor, draft: Draft, *, going_on: bool) -> Thing | None:
    """Read `[actor] [can] verb object` at the cursor; the thing that is acted on, or None with nothing taken.

    Without an actor a verb counts only after `can` or (`going_on`) behind another action.
    """
    begin = cursor.position
    actor = _actor(cursor)
    allowed = actor is not None or going_on
    while cursor.peek() in _CAN or cursor.peek() in ("where", "so"):
        allowed = allowed or cursor.peek() in MODALS | {"lets", "to"}
        cursor.position += 1
    if actor is None and field_kind(f"{cursor.peek()}_{cursor.peek(1)}"):
        cursor.position = begin
        return None
    verbs = _verbs(cursor) if allowed or _acts_on_pronoun(cursor) else []
    if verbs and cursor.peek() in _PRONOUNS and (meant := draft.before(cursor.tokens[begin].start)) is not None:
        return _record_pronoun(cursor, draft, begin, actor, verbs, meant)
    phrase = _object(cursor) if verbs else None
    if actor and phrase is None and (taken := _taken_by(draft, actor, verbs)) is not None:
        return _record_taking(cursor, draft, begin, actor, verbs, taken)
    if phrase is None or not verbs:
        cursor.position = begin
        return None
    if singular(phrase.last) in words().users or phrase.noun in ("other", "other user"):
        cursor.position = begin
        return None
    if set(verbs) <= _SHOWING and not (phrase.noun in draft.things or typical(phrase.noun).fields):
        cursor.position = begin
        return None
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or f"{actor or 'users'} {verbs[0]} {phrase.noun}"
    return _record(cursor, draft, actor, verbs, phrase)


def read_bare_verb(cursor: Cursor, draft: Draft, meant: Thing) -> bool:
    """`friends suggest movies and vote`: a verb without an object is about the thing acted on last."""
    verb, ends = base_verb(cursor.peek()), not cursor.peek(1)[:1].isalnum() or cursor.peek(1) == "and"
    if verb not in words().verbs or cursor.peek() != verb or not ends or cursor.peek(-1) not in ("and", ","):
        return False
    makers = [link.parent for link in draft.links if link.child == meant.noun and is_person(link.parent)]
    actor = draft.actions[-1].actor if draft.actions else makers[0] if makers else "user"
    draft.actions.append(Action(actor, verb, meant.noun, meant.start))
    cursor.take(f"{verb} {meant.plural}")
    return True


def _acts_on_pronoun(cursor: Cursor) -> bool:
    """`... and lend them`: a verb in front of a pronoun needs no actor."""
    return base_verb(cursor.peek()) in words().verbs and cursor.peek(1) in _PRONOUNS


def _record_pronoun(
    cursor: Cursor, draft: Draft, begin: int, actor: str | None, verbs: list[str], meant: Thing
) -> Thing:
    cursor.position += 1
    for verb in verbs:
        if verb in words().verbs:
            draft.actions.append(Action(actor or "somebody", verb, meant.noun, meant.start))
    if cursor.peek() == "to" and cursor.peek(1)[:1].isalpha():
        cursor.position += 1
        target = cursor.phrase()
        if target is not None and singular(target.last) not in words().users and draft.actions:
            draft.add(target.noun, "listed", target.start)
            draft.actions[-1] = Action(target.noun, draft.actions[-1].verb, meant.noun, meant.start)
    if actor and actor != "user":
        draft.add(actor, "listed", meant.start - 1)
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or f"{verbs[0]} {meant.plural}"
    return meant


def _taken_by(draft: Draft, actor: str, verbs: list[str]) -> Thing | None:
    """What `attendees register` is about: the thing with a capacity, else the one listed last that is no person."""
    if not verbs or verbs[-1] not in words().verbs or words().verbs[verbs[-1]] not in _ENTRIES:
        return None
    listed = [thing for thing in draft.things.values() if thing.source == "listed" and not is_person(thing.noun)]
    listed = [thing for thing in listed if thing.noun not in (actor, words().verbs[verbs[-1]])]
    placed = [thing for thing in listed if any(field.name in PLACES for field in thing.fields)]
    usual = [thing for thing in listed if thing.noun in typical(words().verbs[verbs[-1]]).parents]
    return next(iter([*placed, *usual, *reversed(listed)]), None)


def _record_taking(cursor: Cursor, draft: Draft, begin: int, actor: str, verbs: list[str], taken: Thing) -> Thing:
    if actor == "user":
        draft.uses_accounts = True
    else:
        draft.add(actor, "listed", cursor.tokens[begin].start)
    draft.actions.append(Action(actor, verbs[-1], taken.noun, taken.start))
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = token.reading or f"{actor} {verbs[-1]} for {taken.plural}"
    return taken


def _actor(cursor: Cursor) -> str | None:
    begin = cursor.position
    while cursor.peek() in (
        "where",
        "so",
        "that",
        "each",
        "every",
        "a",
        "an",
        "the",
        "all",
        "and",
        "registered",
        "any",
        "which",
        "lets",
        "allows",
        "allowing",
        "letting",
        "our",
        "my",
        "their",
        "its",
        "for",
    ):
        cursor.position += 1
    if cursor.peek()[:1].isalpha() and is_plural(cursor.peek(1)) and is_person(cursor.peek(1)) and _acts_next(cursor):
        cursor.position += 1
    one = singular(cursor.peek())
    following = cursor.peek(1)
    is_actor = is_person(cursor.peek())
    unknown = is_plural(cursor.peek()) and one not in things() and following in MODALS
    acting = acts_unknown(cursor.peek(), following, cursor.peek(2))
    if acting:
        cursor.position += 1
        return one
    if (
        (is_actor or unknown)
        and cursor.peek()[:1].isalpha()
        and (following in MODALS | {"are", "to", "who", "should", "only", "sign"} or _is_verb(following))
    ):
        cursor.position += 1
        return "user" if one in words().users else one
    cursor.position = begin
    return None


def _acts_next(cursor: Cursor) -> bool:
    """`podcast listeners can ...`: a compound, and then what they do."""
    plain = not is_plural(cursor.peek()) and cursor.peek() not in STOP | ADJECTIVES and not _is_verb(cursor.peek())
    return plain and (cursor.peek(2) in MODALS or _is_verb(cursor.peek(2)))


def _with_particle(cursor: Cursor) -> str | None:
    """`sign up` is to register."""
    return words().verb_particles.get(f"{base_verb(cursor.peek())} {cursor.peek(1)}")


def _is_verb(word: str) -> bool:
    return base_verb(word) in CRUD_VERBS or base_verb(word) in words().verbs


def _verbs(cursor: Cursor) -> list[str]:
    """One verb, or several in a row: `create, edit and delete`."""
    found: list[str] = []
    if cursor.position and acts_unknown(cursor.peek(-1), cursor.peek(), cursor.peek(1)):
        cursor.position += 1
        return ["create"]
    while _is_verb(cursor.peek()) or _with_particle(cursor):
        particle = _with_particle(cursor)
        found.append(particle or base_verb(cursor.peek()))
        cursor.position += 2 if particle else 1
        if cursor.peek() == "to" and base_verb(cursor.peek(1)) in words().verbs:
            found.pop()
            cursor.position += 1
            continue
        ahead = 0
        while cursor.peek(ahead) in (",", "and", "or", "&", "/"):
            ahead += 1
        if not (ahead and _is_verb(cursor.peek(ahead))):
            break
        cursor.position += ahead
    return found


def _object(cursor: Cursor) -> Phrase | None:
    while cursor.peek() in _ASIDE:
        cursor.position += 1
    if cursor.peek() in (BREAK, ",", "and"):
        return None
    return cursor.phrase()


def _record(cursor: Cursor, draft: Draft, actor: str | None, verbs: list[str], phrase: Phrase) -> Thing:
    thing = draft.add(phrase.noun, "listed", phrase.start)
    thing.start = max(thing.start, phrase.start)
    known = words()
    if actor and actor != "user":
        draft.add(actor, "listed", phrase.start - 1)
    if len(verbs) > 1 and "register" in verbs:
        verbs = [verb for verb in verbs if verb != "register"]
        draft.uses_accounts = True
    for verb in verbs:
        if verb == "submit" and phrase.noun not in ("assignment", "homework", "challenge", "problem", "solution"):
            verb = "create"
        if verb in known.verbs:
            draft.actions.append(Action(actor or "user", verb, phrase.noun, phrase.start))
        elif actor == "user" and verb in _MAKING:
            draft.uses_accounts = True
            draft.by_users[phrase.noun] = verb
        elif actor and actor != "user" and verb in _MAKING | {"assign", "list"}:
            draft.link(phrase.noun, actor, required=False)
    _read_target(cursor, draft, thing)
    return thing


def _read_target(cursor: Cursor, draft: Draft, thing: Thing) -> None:
    """`add comments to posts`, `log harvests for each plant`: what the thing is about."""
    if cursor.peek() not in ("to", "for", "on", "of", "in", "from") or not cursor.peek(1)[:1].isalpha():
        return
    begin = cursor.position
    cursor.position += 1
    target = cursor.phrase()
    if target is not None and target.last in TIME_NOUNS:
        for token in cursor.tokens[begin : cursor.position]:
            token.reading = f"{thing.plural} for a {target.noun}"
        return
    if (
        target is None
        or not (target.is_plural or target.single or target.noun in draft.things)
        or base_verb(target.words[0]) in CRUD_VERBS
    ):
        for token in cursor.tokens[begin : cursor.position]:
            token.reading = None
        cursor.position = begin
        return
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = f"{thing.plural} for {target.noun}"
    if singular(target.last) not in words().users:
        draft.add(target.noun, "listed", target.start)
        draft.link(thing.noun, target.noun)


def read_passive(cursor: Cursor, draft: Draft, thing: Thing) -> bool:
    """`(books) can be borrowed by members`, `(tickets) assigned to agents`, `(posts) liked by users`."""
    begin = cursor.position
    while cursor.peek() in ("can", "may", "be", "are", "is", "that", "which"):
        cursor.position += 1
    verb, preposition = base_verb(cursor.peek()), cursor.peek(1)
    linking = verb in words().verbs or verb in (
        "assign",
        "own",
        "write",
        "create",
        "post",
        "author",
        "teach",
        "manage",
        "make",
    )
    if not linking or not cursor.peek().endswith(("ed", "en", "t", "n")) or preposition not in ("by", "to"):
        cursor.position = begin
        return False
    cursor.position += 2
    phrase = cursor.phrase()
    if phrase is None:
        cursor.position = begin
        return False
    for token in cursor.tokens[begin : cursor.position]:
        token.reading = f"{thing.plural} {verb} by {phrase.noun}"
    actor = "user" if singular(phrase.last) in words().users else phrase.noun
    if actor != "user":
        draft.add(actor, "listed", phrase.start)
    if verb in words().verbs:
        draft.actions.append(Action(actor, verb, thing.noun, thing.start))
    elif actor == "user":
        draft.uses_accounts = True
        draft.by_users[thing.noun] = verb
    else:
        draft.link(thing.noun, actor, required=False)
    return True
