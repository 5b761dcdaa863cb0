"""The head of a sentence: `Build a simple recipe app`, `REST API for a todo list`, `Library`, `Track my houseplants`."""

from llm.offline.reader.draft import Draft, singular_of
from llm.offline.reader.inflection import base_verb, is_plural, singular
from llm.offline.reader.lexicon import is_person, things, words
from llm.offline.reader.phrases import ADJECTIVES, BREAK, CRUD_VERBS, HAVE, MODALS, STOP, Cursor, Phrase

_REQUEST = frozenset({
    "build", "create", "make", "develop", "write", "design", "implement", "generate", "please", "i", "we", "want",
    "need", "would", "like", "to", "me", "us", "can", "you", "could", "help", "let", "have", "give", "set", "up",
    "produce", "prototype", "code", "there", "should", "be", "i'd", "we'd", "it", "must", "app-idea", "idea",
    "looking", "for", "hello", "hi", "hey", "so", "just", "project:", "i'm", "building", "creating", "making",
    "developing", "something", "love", "require", "allow", "enable", "support", "lets",
})  # fmt: skip
_TRACKING = frozenset({
    "track", "manage", "keep", "log", "record", "organize", "organise", "store", "handle", "list", "catalogue",
    "catalog", "collect", "monitor", "maintain", "administer", "run", "own", "operate", "take", "organising", "organizing",
})  # fmt: skip
_CONNECTING = frozenset(["for", "to", "that", "which", "of", "where"])


def read_head(cursor: Cursor, draft: Draft) -> None:
    """Read what the application is about; the cursor then stands behind it, or at a list of things."""
    _skip_request(cursor)
    begin = cursor.position
    phrase = cursor.phrase()
    if phrase is None:
        return
    if _is_subject(cursor, phrase):
        cursor.position = begin
        return
    domain, contained = _without_containers(phrase)
    if phrase.words[-1] in words().containers and len(phrase.words) == 1 and cursor.peek() in _CONNECTING:
        domain = []
    draft.title = _title(phrase)
    if not domain:
        _mark(phrase, "application")
        _read_behind_container(cursor, draft)
        draft.head_alone = _is_alone(cursor)
        return
    _read_domain(cursor, draft, phrase, domain, contained)
    draft.head_alone = _is_alone(cursor)
    if draft.setting and not draft.things and cursor.peek() == "(":
        draft.head = draft.add(words().settings[draft.setting][0].replace("_", " "), "head", phrase.start).noun
    _read_audience(cursor, draft)


def _is_alone(cursor: Cursor) -> bool:
    """True when a list or a clause of its own follows the name of the application."""
    return cursor.done or cursor.peek() in (":", ",", "-", "where", "so")


def _skip_request(cursor: Cursor) -> None:
    while not cursor.done:
        word, following = cursor.peek(), cursor.peek(1)
        leading = (
            (word in _REQUEST and (word != "idea" or following in (BREAK, ":", ",", "for", "to", "of", "is")))
            or word in (BREAK, ":", ",", "and", "with", "for", "of")
            or (word in ADJECTIVES and following)
        )
        tracking = (
            word in _TRACKING
            and following[:1].isalpha()
            and (
                following in ADJECTIVES
                or is_plural(following)
                or following in ("track", "of")
                or (is_plural(cursor.peek(2)) and cursor.peek(2) not in HAVE)
            )
        )
        if not (leading or tracking):
            return
        cursor.take("request")
        if word == "keep" and cursor.peek() == "track":
            cursor.take("request")
            if cursor.peek() == "of":
                cursor.take("request")


def _is_subject(cursor: Cursor, phrase: Phrase) -> bool:
    """True for `users can ...`, `each invoice has ...`: a clause, not the name of an application."""
    follows, last = cursor.peek(), singular(phrase.last)
    actor = last in words().actors | words().users
    verb = base_verb(follows) in CRUD_VERBS or base_verb(follows) in words().verbs
    if follows == "to" and is_person(phrase.last):
        verb = (
            cursor.peek(1) in CRUD_VERBS | {"be"}
            or f"{cursor.peek(1)} {cursor.peek(2)}" in words().verb_particles
            or cursor.peek(1) in words().verbs
        )
    return follows in HAVE | MODALS | {"belong", "belongs"} or (actor and verb)


def _without_containers(phrase: Phrase) -> tuple[list[str], bool]:
    """The words that say what the application is about, and whether a word such as `app` stood behind them."""
    known, domain, contained = words(), list(phrase.words), False
    while domain:
        last = singular(domain[-1])
        before = singular(domain[-2]) if len(domain) > 1 else ""
        whole = singular_of(" ".join(domain[-2:]))
        guard = known.container_guards.get(last)
        whole_before = singular_of(" ".join(domain[-3:-1]))
        guarded = guard is not None and guard != frozenset("*") and before not in guard
        guarded = guarded and before not in things() and whole_before not in things()
        if last not in known.containers or guarded or (whole in things() and last not in ("app",)):
            break
        if last in known.settings and before and before not in things() and len(domain) == 1:
            break
        domain.pop()
        contained = True
    return [
        word for word in domain if word not in ADJECTIVES and word not in ("rest", "restful", "crud", "web")
    ], contained


def _read_behind_container(cursor: Cursor, draft: Draft) -> None:
    """`API for ...`, `app to ...`, `system that ...`, `list of ...`."""
    while cursor.peek() in _CONNECTING | {"manages", "lets", "let", "allows", "allowing"}:
        cursor.take("grammar")
    while (
        base_verb(cursor.peek()) in CRUD_VERBS
        and cursor.peek(1)[:1].isalpha()
        and cursor.peek(1) not in ("and", "or", "with")
    ):
        cursor.take("grammar")
        while cursor.peek() in ("track", "of", "up") and cursor.peek(1)[:1].isalpha():
            cursor.take("grammar")
    begin = cursor.position
    phrase = cursor.phrase()
    if phrase is None:
        return
    domain, contained = _without_containers(phrase)
    setting = bool(domain) and domain[-1] in words().settings and not phrase.is_plural
    if cursor.peek() == "to" and base_verb(cursor.peek(1)) in CRUD_VERBS and not _is_subject(cursor, phrase):
        _mark(phrase, "audience")
        draft.audience = " ".join(phrase.words)
        _read_behind_container(cursor, draft)
        return
    listed = phrase.is_plural or cursor.peek() == "and" or (cursor.peek() == "," and not _somebody_acts(cursor))
    plain_list = listed and not contained and not setting and cursor.peek() != ":"
    if _is_subject(cursor, phrase) or not domain or plain_list:
        draft.title = _title(phrase) if domain and not _is_subject(cursor, phrase) else ""
        cursor.position = begin
        for token in phrase.tokens:
            token.reading = None
        return
    draft.title = _title(phrase)
    _read_domain(cursor, draft, phrase, domain, contained)


def _somebody_acts(cursor: Cursor) -> bool:
    """True when `members log runs` follows the comma, and no list."""
    verb = base_verb(cursor.peek(2))
    return is_person(cursor.peek(1)) and (cursor.peek(2) in MODALS or verb in CRUD_VERBS or verb in words().verbs)


def _read_domain(cursor: Cursor, draft: Draft, phrase: Phrase, domain: list[str], contained: bool) -> None:
    nouns, setting = domain_nouns(domain)
    if setting and phrase.is_plural and not contained and cursor.peek() in ("with", "(", BREAK):
        nouns, setting = [singular_of(" ".join(domain))], None  # `bakeries with a name`: several, so each is a thing
    draft.setting = setting
    draft.goods = goods_of(domain) if setting else None
    draft.contained = contained
    draft.holds_head = contained and singular(phrase.last) in words().object_containers
    for noun in nouns:
        draft.add(noun, "head", phrase.start)
    if nouns:
        draft.head = nouns[-1]
    _mark(phrase, " ".join(phrase.words))


def domain_nouns(domain: list[str]) -> tuple[list[str], str | None]:
    """The things that a title names, the main one last, and the kind of place or trade that it is."""
    domain = [*domain[:-1], _thing_of_gerund(domain[-1])]
    known = words()
    if (
        len(domain) > 1
        and domain[-1] in known.object_containers
        and not {domain[-1], domain[-2]} <= known.settings.keys()
    ):
        domain = domain[:-1] if domain[-1] not in things() and domain[-2] not in known.settings else domain
    whole = singular_of(" ".join(domain))
    last = singular(domain[-1])
    if whole in things():
        return ([whole], None) if whole not in known.settings or len(domain) > 1 else ([], whole)
    if last in known.settings and (len(domain) == 1 or last not in things()):
        return [], last
    if domain[-1] in known.settings:
        return [], domain[-1]
    pair = singular_of(" ".join(domain[-2:]))
    if len(domain) > 1 and pair in things():
        return [*(singular(word) for word in domain[-3:-2] if singular(word) in things()), pair], None
    if last not in things():
        return [whole], None
    before = singular(domain[-2]) if len(domain) > 1 else ""
    if before in things() and before not in known.settings and before not in things()[last].parents:
        return [f"{before} {last}"], None
    parts = [before] if before in things() and before not in known.settings else []
    return [*parts, last], None


def goods_of(domain: list[str]) -> str | None:
    """What a shop or a collection is of: `flower shop`, `pet store`, `car dealership`."""
    if len(domain) < 2 or singular(domain[-1]) not in words().sellers:
        return None
    before = singular(domain[-2])
    return before if before in things() or before in words().goods else None


def _thing_of_gerund(word: str) -> str:
    """`ticketing` is about tickets, `invoicing` about invoices."""
    stem = word.removesuffix("ing")
    options = (stem, f"{stem}e", stem[:-1])
    known = (one for one in options if one in things() or one in words().settings)
    return next(known, word) if word.endswith("ing") and word not in things() else word


def _read_audience(cursor: Cursor, draft: Draft) -> None:
    """`... for a small team`, `... for meeting rooms`: a place, an audience, or what the head is about."""
    if cursor.peek() not in ("for", "of", "in", "at"):
        return
    cursor.take("grammar")
    begin = cursor.position
    phrase = cursor.phrase()
    if phrase is None:
        return
    domain, contained = _without_containers(phrase)
    _mark(phrase, "application")
    draft.audience = " ".join(phrase.words)
    person = singular(phrase.last) in words().actors | words().users
    titled = bool(draft.things or draft.setting) and cursor.peek() in (":", "with", "")
    audience = (
        not domain or person or not phrase.is_plural or (titled and singular_of(" ".join(domain)) not in things())
    )
    if not audience and not contained:
        cursor.position = begin
        for token in phrase.tokens:
            token.reading = None
    elif domain and not draft.things and draft.setting is None:
        nouns, draft.setting = domain_nouns(domain)
        for noun in nouns:
            draft.add(noun, "head", phrase.start)


def _title(phrase: Phrase) -> str:
    """`Recipe app`: the words as they were written, without articles and the word API."""
    shown = [
        token.text
        for token in phrase.tokens
        if token.word not in ADJECTIVES | STOP and token.word not in ("rest", "restful", "api", "backend")
    ]
    text = " ".join(shown)
    text = text.lower() if text.isupper() and " " in text else text
    return text[:1].upper() + text[1:]


def _mark(phrase: Phrase, reading: str) -> None:
    for token in phrase.tokens:
        token.reading = reading
