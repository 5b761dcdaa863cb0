"""Noun phrases: which words make one, and whether it names a thing, a field or the people who use the application."""

from dataclasses import dataclass
from typing import Literal

from llm.offline.reader.draft import UNITS, singular_of
from llm.offline.reader.inflection import base_verb, is_participle, is_plural, singular
from llm.offline.reader.lexicon import field_kind, is_boolean_marker, is_person, keeps_plural, things, words
from llm.offline.reader.text import Token

BREAK = "\x1f"
"""Stands in a clause for a phrase that a feature took."""
SEPARATORS = frozenset({",", "and", "&", "plus", "or", BREAK, "also", "as", "well"})
OPENERS = frozenset(["with", "including", "having", "containing", "featuring", "holding"])
HAVE = frozenset({
    "has", "have", "contain", "contains", "include", "includes", "hold", "holds", "stores", "store", "consist",
    "consists", "comprise", "comprises", "get", "gets", "carries", "carry",
})  # fmt: skip
MODALS = frozenset({
    "can", "could", "may", "should", "shall", "will", "must", "might", "would",
})  # fmt: skip
STOP = frozenset({
    "with", "including", "having", "containing", "featuring", "where", "that", "which", "who", "whose", "whom", "and",
    "or", "plus", "of", "for", "to", "in", "on", "at", "by", "from", "per", "is", "are", "was", "were", "be", "been",
    "has", "have", "had", "can", "could", "may", "should", "shall", "will", "must", "might", "would", "so", "then",
    "when", "while", "if", "but", "as", "via", "into", "about", "over", "under", "between", "through", "within",
    "without", "using", "each", "every", "it", "they", "them", "also", "belong", "belongs", "after", "before", "during", "until",
    "across", "among", "amongst", "inside", "against", "towards", "around", "than", "no", "not", "never", "cannot", "can't",
})  # fmt: skip
ADJECTIVES = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "its", "their", "his", "her", "our", "my", "your", "some",
    "any", "all", "one", "own", "simple", "small", "basic", "minimal", "tiny", "little", "clean", "modern", "nice",
    "good", "great", "beautiful", "cool", "fast", "quick", "easy", "complete", "full", "robust", "scalable", "secure",
    "lightweight", "personal", "private", "public", "new", "proper", "working", "standard", "typical", "online",
    "web", "web-based", "internal", "self-hosted", "open-source", "free", "multiple", "several", "many", "various",
    "different", "more", "most", "other", "please", "responsive", "production-ready", "fully", "functional",
    "individual", "daily", "weekly", "registered", "existing", "custom", "mini",
    "really", "very", "super", "quite", "truly", "iot", "short", "long",
})  # fmt: skip
CRUD_VERBS = frozenset({
    "create", "add", "manage", "edit", "update", "delete", "remove", "view", "see", "list", "track", "log", "record",
    "organize", "store", "keep", "save", "post", "write", "share", "browse", "publish", "maintain", "define", "enter",
    "note", "upload", "assign", "schedule", "plan", "complete", "mark", "read", "collect", "catalogue", "show",
    "display", "handle", "administer", "monitor", "build", "make", "run", "give", "set", "own", "receive", "submit",
    "find", "access", "archive", "start", "place", "offer", "ask", "launch", "propose", "request", "prepare", "host", "teach",
    "lead", "take", "sell", "deliver", "serve", "report", "treat", "perform", "breed", "grow", "send", "invite",
    "announce", "open",
})  # fmt: skip
LEADING = frozenset({
    "track", "log", "list", "show", "record", "display", "store", "keep", "manage", "add", "create", "save", "view", "handle",
})  # fmt: skip
"""Verbs that may open a clause in front of the things that it is about."""
_NOUN_LIKE = frozenset(
    ["request", "report", "host", "offer", "list", "post", "record", "plan", "log", "order", "review", "visit"]
)
"""Verbs whose form with an s is a plural noun as often: `customer requests for parts`."""
_CONTAINING = frozenset({
    "contain", "contains", "include", "includes", "hold", "holds", "consist", "consists", "comprise", "comprises",
})  # fmt: skip
STANDING = frozenset({
    "live", "work", "play", "sit", "stay", "refer", "relate", "point", "come", "stand", "happen", "occur", "study", "serve",
})  # fmt: skip
"""Verbs that say where a thing belongs: `tenants live in one apartment`."""
_PASSING = frozenset({
    "next", "previous", "popular", "recent", "latest", "newest", "upcoming", "overdue", "unpaid", "unread", "past", "future",
    "active", "current", "favourite", "favorite", "best", "top", "available", "open",
})  # fmt: skip
"""Words that say which ones of a known thing are meant, and name no other thing: `the next book`."""
TODAY = frozenset(["upcoming", "overdue", "unpaid", "unread", "past", "future"])
"""Those of them that ask for a list of its own: they are reported as not read."""
TIME_NOUNS = frozenset({
    "period", "day", "week", "month", "year", "hour", "minute", "time", "date", "while", "night", "duration", "moment",
    "weekend", "season",
})  # fmt: skip
MOVES = frozenset({
    "move", "moves", "go", "goes", "progress", "progresses", "change", "changes", "transition", "transitions",
    "advance", "advances", "moving", "going", "pass", "passes",
})  # fmt: skip
ENUM_NOUNS = frozenset({
    "status", "state", "stage", "priority", "severity", "phase", "difficulty", "type", "kind", "level", "size",
    "gender", "condition", "category", "mood", "role", "color", "colour", "frequency", "format", "tier", "importance",
    "urgency", "visibility", "outcome",
})  # fmt: skip
_SMALL_NOUNS = frozenset({
    "number", "count", "date", "list", "time", "name", "place", "year", "amount", "title", "day",
})  # fmt: skip
_PURE_ENUMS = frozenset({
    "status", "state", "stage", "priority", "severity", "phase", "difficulty", "condition", "mood", "gender",
})  # fmt: skip
_PER = frozenset({
    "night", "hour", "day", "week", "month", "year", "unit", "person", "kg", "km", "litre", "liter", "session", "serving",
})  # fmt: skip
FLOW_WORDS = frozenset(["workflow", "flow", "lifecycle", "pipeline", "machine"])
_NOUN_LIKE_PLURALS = frozenset({
    "ingredients", "participants", "players", "attendees", "guests", "rooms", "repetitions", "steps", "credits",
    "slots", "comments",
})  # fmt: skip
Role = Literal["thing", "field", "users", "noise"]


@dataclass(frozen=True)
class Phrase:
    """The words of a noun phrase without articles; `single` when an article says that there is one."""

    words: tuple[str, ...]
    tokens: tuple[Token, ...]
    single: bool = False

    @property
    def noun(self) -> str:
        return singular_of(" ".join(self.words))

    @property
    def last(self) -> str:
        return self.words[-1]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def is_plural(self) -> bool:
        return is_plural(self.last)


class Cursor:
    """Reads a clause from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.position = tokens, 0

    def peek(self, ahead: int = 0) -> str:
        """The word at the cursor (`""` at the end)."""
        index = self.position + ahead
        return self.tokens[index].word if index < len(self.tokens) else ""

    def take(self, reading: str = "") -> Token:
        token = self.tokens[self.position]
        token.reading = reading if token.reading is None else token.reading
        self.position += 1
        return token

    @property
    def done(self) -> bool:
        return self.position >= len(self.tokens)

    def skip_determiners(self) -> bool:
        """Step over articles and adjectives that say nothing about the model; True when one of them says `a`."""
        single = False
        while self.peek() in ADJECTIVES and (self.peek(1)[:1].isalnum() and self.peek(1) not in STOP):
            if is_boolean_marker(self.peek(1)):
                break
            if self.peek() in ("daily", "weekly") and (kind := field_kind(self.peek(1))) and kind.type == "decimal":
                break
            single = single or self.peek() in ("a", "an")
            self.take()
        return single

    def phrase(self) -> Phrase | None:
        """Read one noun phrase; None (and nothing taken) where there is none."""
        begin = self.position
        single = self.skip_determiners()
        taken: list[Token] = []
        while not self.done and len(taken) < 5 and self._goes_on(taken):
            taken.append(self.take())
        if not taken:
            self.position = begin
            return None
        words_read = [token.word.replace("'s", "").strip("'") for token in taken]
        words_read = self._tail(words_read, taken)
        if len(words_read) > 1 and words_read[-1] in ("list", "overview") and is_plural(words_read[-2]):
            words_read = words_read[:-1]
        if len(words_read) > 1 and words_read[0] in _PASSING and singular_of(" ".join(words_read[1:])) in things():
            words_read = words_read[1:]
            if taken[0].word in TODAY:
                taken[0].reading = None
                taken = taken[1:]
        return Phrase(tuple(words_read), tuple(taken), single)

    def _goes_on(self, taken: list[Token]) -> bool:
        word = self.peek()
        if not word[:1].isalpha() or word == BREAK:
            return False
        if word in STOP:
            return bool(taken) and self._stamped(taken[-1].word)
        if (
            taken
            and base_verb(word) in STANDING
            and self.peek(1) in ("in", "at", "for", "to", "from", "on", "under", "with")
        ):
            return False
        if taken and word in _CONTAINING and is_plural(taken[-1].word):
            return False
        if (
            taken
            and taken[-1].word in _PURE_ENUMS
            and word not in FLOW_WORDS
            and self.peek(1) in (",", "or", "and", "/")
        ):
            return False
        if taken and word in MOVES and self.peek(1) in ("from", "through"):
            return False
        if taken and is_participle(word) and self.peek(1) in ("by", "to", "into") and not field_kind(word):
            return False
        if len(taken) == 1 and acts_unknown(taken[0].word, word, self.peek(1)):
            return False
        verb = base_verb(word)
        acts = verb in CRUD_VERBS or verb in words().verbs
        return not (taken and is_person(taken[-1].word) and acts and self._object_follows())

    def _stamped(self, before: str) -> bool:
        """`starts at`, `paid on date`, `recorded at`: a moment, when nothing but a separator follows."""
        if self.peek() not in ("at", "on"):
            return False
        follows = self.peek(1)
        ends = not follows[:1].isalnum() or follows in ("and", "or", "date", "time")
        return before in ("starts", "ends", "begins", "start", "end") or (is_participle(before) and ends)

    def _object_follows(self) -> bool:
        following = self.peek(1)
        if (
            base_verb(self.peek()) in _NOUN_LIKE
            and self.peek().endswith("s")
            and following in ("for", "of", "by", "from")
        ):
            return False
        return following[:1].isalpha() and following not in ("and", "or", "with", "are", "is", "have", "has")

    def _tail(self, words_read: list[str], taken: list[Token]) -> list[str]:
        """Take `of birth`, `of pages`, `in seconds`, `per night` along with the noun that they belong to."""
        preposition, following = self.peek(), self.peek(1)
        if not following[:1].isalpha() or following in STOP:
            return words_read
        of_small = preposition == "of" and words_read[-1] in _SMALL_NOUNS
        per = (
            preposition == "per"
            and following in _PER
            and field_kind("_".join([*words_read[:-1], singular(words_read[-1])]))
        )
        times = preposition == "per" and words_read == ["times"]
        if of_small or per or times or (preposition == "in" and following in UNITS):
            taken += [self.take(), self.take()]
            return [*words_read, preposition, following]
        return words_read


def acts_unknown(before: str, word: str, after: str) -> bool:
    """`friends suggest movies`: a word that is in no list, between a plural and a plural, is a verb."""
    if not (is_plural(before) and word.isalpha() and len(word) > 3 and is_plural(after) and after not in STOP):
        return False
    noun = (
        word in things() or field_kind(word) or is_plural(word) or word in words().containers | words().settings.keys()
    )
    known = singular(after) in things() or is_person(before)
    other = word in STOP | ADJECTIVES | HAVE | MODALS | words().filler or word.endswith(
        ("ing", "ed", "al", "ic", "ive", "ion")
    )
    return bool(known and not noun and not other and word not in words().verbs and word not in CRUD_VERBS)


def role_of(phrase: Phrase, *, known: frozenset[str], has_owner: bool, in_fields: bool) -> Role:
    """What a phrase names. `known` are the nouns read already; `in_fields`: it stands in a list that describes one thing."""
    lexicon, last, one = words(), phrase.last, singular(phrase.last)
    if phrase.words in (("user",), ("users",), ("people",), ("everyone",), ("user", "account"), ("user", "accounts")):
        return "users"
    if phrase.noun in known and (not in_fields or phrase.is_plural):
        return "thing"
    whole = phrase.noun.replace(" ", "_")
    if len(phrase.words) == 1 and last in lexicon.filler and phrase.noun not in things() and not field_kind(one):
        return "noise"
    if "of" in phrase.words or "in" in phrase.words or "per" in phrase.words:
        return "field" if has_owner else "noise"
    if not has_owner:
        return "thing"
    if phrase.is_plural:
        return _plural_role(phrase, whole, one, last, in_fields)
    if phrase.noun in known:
        return "thing"
    is_thing = phrase.noun in things() or (one in lexicon.group_nouns)
    if (
        phrase.noun in ("attendance", "equipment", "feedback", "inventory", "stock")
        and phrase.noun in things()
        and not in_fields
    ):
        return "thing"
    if in_fields or phrase.single:
        return "field"
    return "field" if field_kind(whole) or not is_thing else "thing"


def _plural_role(phrase: Phrase, whole: str, one: str, last: str, in_fields: bool) -> Role:
    if keeps_plural(last) and (in_fields or last not in _NOUN_LIKE_PLURALS) and phrase.noun not in things():
        return "field"
    if keeps_plural(last) and last not in _NOUN_LIKE_PLURALS and last in ("notes", "hours", "terms", "details"):
        return "field"
    if phrase.noun in things():
        return (
            "thing"
            if not (
                in_fields
                and field_kind(one)
                and one in ("rating", "score", "photo", "picture", "video", "payment", "seat")
            )
            else "field"
        )
    person = one in words().actors
    if not in_fields and (person or (one in things() and len(phrase.words) > 1)):
        return "thing"
    kind = field_kind(whole)
    if (
        kind
        and kind.type in ("string", "text")
        and not in_fields
        and not keeps_plural(last)
        and ((kind.type == "string" and one != "assignee") or one == "definition")
    ):
        return "thing"
    staged = kind is not None and kind.type == "enum" and one in ("stage", "state", "phase") and not in_fields
    if kind and kind == field_kind(one) and not staged:
        return "field"
    return "thing"
