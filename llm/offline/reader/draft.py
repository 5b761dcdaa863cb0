"""What has been read so far: things with their fields and links, in the words of the sentence."""

from dataclasses import dataclass, field, replace
from typing import Literal

from core.plan import FieldType
from core.types import Json
from llm.offline.reader.inflection import plural, singular
from llm.offline.reader.lexicon import field_kind, is_boolean_marker, keeps_plural

Source = Literal["listed", "head", "setting", "verb", "inferred"]
_TYPE_WORDS: dict[str, FieldType] = {
    "string": "string", "str": "string", "text": "text", "integer": "integer", "int": "integer", "number": "number",
    "float": "number", "decimal": "decimal", "boolean": "boolean", "bool": "boolean", "date": "date", "datetime": "datetime",
    "timestamp": "datetime", "email": "email", "url": "url",
}  # fmt: skip
_WHOLE_UNITS = frozenset({
    "seconds", "minutes", "hours", "days", "weeks", "months", "years", "points", "pages", "steps", "pieces", "calories",
    "kcal", "cents",
})  # fmt: skip
UNITS = _WHOLE_UNITS | frozenset({
    "kg", "km", "miles", "grams", "g", "mg", "mcg", "meters", "metres", "m", "cm", "mm", "pounds", "lbs", "ounces", "tons",
    "tonnes", "litres", "liters", "l", "ml", "gallons", "percent", "dollars", "euros", "usd", "eur", "gbp", "hectares", "acres",
    "celsius", "fahrenheit", "degrees", "kelvin", "mph", "kmh", "knots", "kwh", "kw", "watts", "volts", "amps", "ohms", "inches",
    "feet", "yards", "bar", "hpa", "pascal", "decibels", "lumens", "kilometers", "kilometres", "kilograms", "kilos",
})  # fmt: skip
"""What amounts are counted in: `dosage in mg` is a number."""
PLACES = ("capacity", "seats", "places", "spots", "max_participants", "slots")
"""Names of the field that says how many something takes."""
QUALIFIERS = frozenset(["optional", "required", "mandatory", "unique", "nullable", "non-negative", "positive"])
_NOISE = frozenset({
    "a", "an", "the", "its", "their", "his", "her", "some", "any", "own", "each", "every", "many", "multiple",
    "several",
})  # fmt: skip


@dataclass(frozen=True)
class FieldDraft:
    """One field. `stated` is False for what the lexicon supplied."""

    name: str
    type: FieldType
    required: bool = True
    unique: bool = False
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    default: Json = None
    stated: bool = True


@dataclass
class Thing:
    """One entity in the making, by its singular noun in lower case (`job posting`)."""

    noun: str
    source: Source
    start: int
    fields: list[FieldDraft] = field(default_factory=list)
    prefix: str = ""

    def field(self, name: str) -> FieldDraft | None:
        return next((found for found in self.fields if found.name == name), None)

    def put(self, new: FieldDraft) -> None:
        """Add a field, or replace the one of the same name."""
        self.fields = [old for old in self.fields if old.name != new.name] + [new]

    @property
    def plural(self) -> str:
        return plural_of(self.noun)


@dataclass(frozen=True)
class Link:
    """`child` refers to `parent`, once or (many) any number of times."""

    child: str
    parent: str
    many: bool = False
    required: bool = True
    stated: bool = True


@dataclass(frozen=True)
class Action:
    """Somebody (`user` for people with accounts) does something to a thing."""

    actor: str
    verb: str
    target: str
    start: int


@dataclass
class Draft:
    """Everything that was read; `head` is the thing the application is about, `setting` the kind of place that
    it is, `goods` what this place is called by (`flower shop`). In a list of many matters (`health`) things stand
    `side_by_side`."""

    things: dict[str, Thing] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    title: str = ""
    audience: str = ""
    head: str | None = None
    head_alone: bool = False
    setting: str | None = None
    goods: str | None = None
    side_by_side: bool = False
    contained: bool = False
    holds_head: bool = False
    listed_after_colon: bool = False
    flows: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    actions: list[Action] = field(default_factory=list)
    by_users: dict[str, str] = field(default_factory=dict)
    uses_accounts: bool = False
    inferred: list[str] = field(default_factory=list)

    def add(self, noun: str, source: Source, start: int) -> Thing:
        """The thing of this noun; made when it is new, and raised to `listed` when it is listed later."""
        thing = self.things.setdefault(noun, Thing(noun, source, start))
        if source == "listed" and thing.source != "listed":
            thing.source = source
        return thing

    def link(self, child: str, parent: str, *, many: bool = False, required: bool = True, stated: bool = True) -> None:
        """Link two things once; stated links stand before inferred ones."""
        known = next((link for link in self.links if {link.child, link.parent} == {child, parent}), None)
        if known is None:
            self.links.append(Link(child, parent, many, required, stated))
        elif stated and known.stated and (known.child, known.parent) == (parent, child):
            self.make_many(child)

    def make_many(self, noun: str) -> None:
        """Let the link that was made last for a thing hold any number: `(many to many)`, or stated in both directions."""
        for index, link in reversed(list(enumerate(self.links))):
            if noun in (link.child, link.parent):
                self.links[index] = replace(link, many=True, required=False)
                return

    def find(self, noun: str) -> Thing | None:
        """The thing that a noun names, by all of its words or the last one, in singular or plural."""
        one = singular_of(noun)
        last = [
            thing
            for thing in self.things.values()
            if thing.noun.split(" ")[-1] == one or thing.noun.split(" ")[0] == one
        ]
        return self.things.get(one) or (last[0] if one and last else None)

    def before(self, position: int) -> Thing | None:
        """The thing named last before a position of the text; the head where none is."""
        named = [thing for thing in self.things.values() if thing.start <= position and thing.source != "inferred"]
        return max(named, key=lambda thing: thing.start) if named else self.things.get(self.head or "")


def plural_of(noun: str) -> str:
    """Plural of a noun of one or more words: only the last one changes."""
    *first, last = noun.split(" ")
    return " ".join([*first, plural(last)])


def singular_of(noun: str) -> str:
    *first, last = noun.split(" ")
    return " ".join([*first, singular(last)])


def field_from(words: list[str]) -> FieldDraft | None:
    """Read the words of one field: `unique code`, `price: decimal`, `duration in seconds`, `favourite flag`."""
    marks = {word for word in words if word in QUALIFIERS}
    words = [word for word in words if word not in QUALIFIERS and word not in _NOISE]
    stated_type: FieldType | None = None
    if len(words) > 1 and words[-1] in _TYPE_WORDS and words[-1] not in ("date", "number", "email", "url", "text"):
        stated_type, words = _TYPE_WORDS[words[-1]], words[:-1]
    if len(words) > 1 and is_boolean_marker(words[-1]):
        stated_type, words = "boolean", words[:-1]
    if not words:
        return None
    name, kind_name = _field_name(words)
    draft = typed_field(name, kind_name)
    if words[-1] in UNITS and len(words) > 2 and draft.type not in ("integer", "number", "decimal"):
        draft = FieldDraft(name, "integer" if words[-1] in _WHOLE_UNITS else "number", minimum=0)
    if stated_type and stated_type != draft.type:
        draft = FieldDraft(name, stated_type)
    if draft.type == "boolean":
        draft = replace(draft, required=False, default=False)
    if "unique" in marks:
        draft = replace(draft, unique=True, required=True)
    if marks & {"non-negative", "positive"} and draft.type in ("integer", "number", "decimal"):
        low = 0 if "non-negative" in marks else 1 if draft.type == "integer" else 0.01
        draft = replace(draft, minimum=low)
    if marks & {"optional", "nullable"}:
        return replace(draft, required=False)
    return replace(draft, required=True) if marks & {"required", "mandatory"} else draft


def _field_name(words: list[str]) -> tuple[str, str]:
    """Snake-case name, and the name that decides the type."""
    if len(words) > 2 and words[-2] == "in" and words[-1] in UNITS:
        base = _snake(words[:-2])
        return f"{base}_{words[-1]}", base
    if len(words) > 2 and words[0] in ("number", "count", "amount") and words[1] == "of":
        return f"{_snake(words[2:])}_count", "count"
    if len(words) == 3 and words[:2] == ["times", "per"]:
        return _snake(words), "count"
    if len(words) > 2 and words[-2] in ("per", "of", "in", "for") and words[0] != "date":
        return _snake(words), _snake(words[:-2])
    if words[0] in ("is", "has") and len(words) > 1:
        return _snake(words), "completed"
    return _snake(words), _snake(words)


def _snake(words: list[str]) -> str:
    *first, last = words
    whole = "_".join(words)
    last = last if keeps_plural(last) or (field_kind(whole) and not _plural_known(last)) else singular(last)
    name = (
        "_".join([*first, last])
        .replace("-", "_")
        .replace("'s", "")
        .replace("'", "")
        .replace("/", "_or_")
        .replace("&", "_and_")
    )
    return name[:60]


def _plural_known(word: str) -> bool:
    return singular(word) != word and field_kind(singular(word)) is not None


def typed_field(name: str, kind_name: str | None = None) -> FieldDraft:
    """A field of this name with the type and bounds that the lexicon gives to `kind_name` (the name itself by default)."""
    kind = field_kind(kind_name or name)
    if kind is None:
        if name.startswith(("is_", "has_")) or name.endswith("able"):
            return FieldDraft(name, "boolean", required=False, default=False)
        return FieldDraft(name, "string", max_length=200)
    details = dict(kind.details)
    if kind.type == "enum":
        return FieldDraft(
            name, "enum", required=False, values=kind.values, default=kind.values[0] if kind.values else None
        )
    if kind.type in ("integer", "number", "decimal") and "minimum" not in details:
        details["minimum"] = 0
    if kind.type == "boolean":
        return FieldDraft(name, "boolean", required=False, default=False)
    return FieldDraft(name, kind.type, required=not kind.optional, **details)


def typical_field(notation: str) -> FieldDraft:
    """Read the short notation of the lexicon: `name?!:type`."""
    name, _, stated = notation.partition(":")
    marks = {mark for mark in "?!" if mark in name}
    stated_marks = {mark for mark in "?!" if mark in stated}
    name, stated = name.rstrip("?!"), stated.rstrip("?!")
    draft = typed_field(name)
    if stated and stated != draft.type:
        draft = FieldDraft(name, _TYPE_WORDS[stated], minimum=0 if stated in ("integer", "number", "decimal") else None)
    marks |= stated_marks
    optional = "?" in marks or draft.type in ("boolean",) or draft.default is not None
    return replace(draft, required=not optional, unique="!" in marks or (draft.unique and not optional), stated=False)
