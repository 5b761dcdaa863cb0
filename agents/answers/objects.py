"""Reads the JSON object of an answer: the one that fits the schema, or the last whole one, and never a guess between two."""

import functools
import html
import itertools
import json
import re
from collections.abc import Iterator
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from agents.answers.candidates import Candidate, Search
from agents.answers.cleaning import normalize
from agents.answers.errors import AnswerError
from agents.answers.lenient_json import Word
from agents.answers.mending import Mender
from agents.answers.reasoning import OPENING, TAG, without_leading_reasoning
from core.types import Json, JsonObject

Schema = TypeVar("Schema", bound=BaseModel)
_ESCAPED = re.compile(r'\{\s*(?:\\[nt]\s*)*\\"')
_UNESCAPE = re.compile(r'\\(["\\nt/])')
_UNESCAPED = {"n": "\n", "t": "\t"}
_BARE_MEMBER = re.compile(
    r"\s*(?:(?:`{3,}|~{3,})\w*\s*\n\s*)?(?P<member>[\"'\u201c](?P<name>\w{1,40})[\"'\u201d]\s*[:：])"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_ALTERNATIVE = re.compile(
    r"\b(?:or|alternatively|option|either|versus|vs|and this|another|also|second)\b", re.IGNORECASE
)
_CORRECTION = re.compile(
    r"\b(?:actually|correct\w*|final\w*|reconsider\w*|better|instead|wait|updated?|revised?|should be|fixed|my answer)\b",
    re.IGNORECASE,
)
_DIGITS = str.maketrans("123456789", "000000000")
_LONG_NUMBER = "0" * 19
_DEPTH_OF_WRAPPING = 3
_MAX_TOLD = 5


def decode_json(text: str, schema: type[BaseModel] | None = None, *, finished: bool = True) -> JsonObject:
    """Read the JSON object of an answer, bare, fenced or amid prose.

    With a `schema` the object that fits it wins, its names and words of choices are brought into the schema's case, and what
    comes back is valid by it: the members that were given, in JSON's types. `finished` says that the model ended by itself.

    Raises AnswerError, with the place, when there is no such object or more than one.
    """
    if schema is not None:
        return decode_as(text, schema, finished=finished).model_dump(mode="json", exclude_unset=True)
    exact = _exact(text)
    return _search(_normal(text), None, finished)[0] if exact is None else exact


def decode_as(text: str, schema: type[Schema], *, finished: bool = True) -> Schema:
    """The same, as an object of the schema's class. Raises AnswerError."""
    exact = _exact(text)
    if exact is not None:
        made = _validated(exact, schema) or _fitting(exact, schema)
        if made is not None:
            return made
    found = _search(_normal(text), schema, finished)[1]
    assert isinstance(found, schema)
    return found


def _normal(text: str) -> str:
    text = normalize(text)
    if not text.strip():
        raise AnswerError("the answer is empty")
    return text


def _exact(text: str) -> JsonObject | None:
    """The object of an answer that is nothing but JSON, or JSON in one fence."""
    stripped = text.strip()
    if stripped[:3] in ("```", "~~~"):
        begin, end = stripped.find("\n"), stripped.rfind("\n")
        if end <= begin or stripped[end + 1 :].strip("`~") or stripped.find(stripped[:3], 3) < end:
            return None
        stripped = stripped[begin:end]
    elif stripped[:1] not in ("{", '"'):
        return None
    try:
        value = _standard(stripped)
        if isinstance(value, str):
            value = _standard(value)
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, dict) else None


def _standard(text: str) -> Json:
    """What a text of standard JSON means. Raises ValueError, or TypeError for what nobody could write down."""
    value: Json = orjson.loads(text)
    orjson.dumps(value)
    if _LONG_NUMBER in text.translate(_DIGITS):
        value = json.loads(text)  # orjson makes floats of integers beyond 64 bits
    return value


def _search(text: str, schema: type[BaseModel] | None, finished: bool) -> tuple[JsonObject, BaseModel | None]:
    """The best object of the text, or of the text without what lies on all of it. The first problem is the one that is told."""
    problem: AnswerError | None = None
    for attempt in _attempts(text, schema):
        try:
            return _best(attempt, schema, finished)
        except AnswerError as error:
            problem = problem or error
    assert problem is not None
    raise problem if finished else AnswerError(f"the answer is cut off: {problem}") from problem


def _attempts(text: str, schema: type[BaseModel] | None) -> Iterator[str]:
    yield text
    if _ESCAPED.search(text):
        yield _UNESCAPE.sub(lambda match: _UNESCAPED.get(match[1], match[1]), text)
    if "{&quot;" in text or "{&#34;" in text:
        yield html.unescape(text)
    bare = _BARE_MEMBER.match(text) if schema is not None else None
    if bare and schema is not None and bare["name"] in schema.model_fields:
        yield "{" + text[bare.start("member") :]


def _best(text: str, schema: type[BaseModel] | None, finished: bool) -> tuple[JsonObject, BaseModel | None]:
    """Without what was thought aloud: behind the last end tag, unless that stands in a string of the answer."""
    text = without_leading_reasoning(text)
    search = _run(text, schema)
    tags = list(TAG.finditer(text)) if "<" in text else []
    end = next((tag.end() for tag in reversed(tags) if tag["end"]), None)
    if end is not None and not any(found.start < end <= found.end for found in search.candidates):
        text = text[end:]
        search = _run(text, schema)
    chosen = _choose(text, search, schema, finished)
    if OPENING.match(text) and (not finished or text[chosen.end :].strip("`~ \n")):
        raise AnswerError("the thinking is not closed by </think>, so that the answer in it cannot be told from drafts")
    assert isinstance(chosen.value, dict)
    return chosen.value, chosen.made


def _run(text: str, schema: type[BaseModel] | None) -> Search:
    search = Search(text, _mender(schema).names if schema else frozenset())
    search.run()
    if schema is not None:
        search.candidates = [found._replace(made=_fitting(found.value, schema)) for found in search.candidates]
    return search


def _choose(text: str, search: Search, schema: type[BaseModel] | None, finished: bool) -> Candidate:
    whole = [found for found in search.candidates if finished or found.whole]
    if schema is None:
        if not whole or search.broken_at is not None:
            raise AnswerError(search.problem)
        if any(found.words for found in whole):
            raise AnswerError("a string in the JSON stands without quotes")
        return whole[-1]
    fitting = [found for found in whole if found.made is not None] or _unwrapped(whole, schema)
    if not fitting:
        last = next((found for found in reversed(whole) if found.value), None)
        raise AnswerError(search.problem if last is None or search.broken_at is not None else _why(last.value, schema))
    for earlier, later in itertools.pairwise(fitting):
        if earlier.made != later.made and not _corrects(text[earlier.end : later.start]):
            raise AnswerError(
                "there are two answers that differ, and nothing says which one counts: give one JSON object"
            )
    if (
        search.broken_at is not None
        and search.broken_at > fitting[-1].start
        and _begins(text, search.broken_at, schema)
    ):
        raise AnswerError(search.problem)
    return fitting[-1]


def _corrects(between: str) -> bool:
    """Whether words between two objects say that the second takes the place of the first; any words but those of a choice do."""
    if _CORRECTION.search(between):
        return True
    return _WORDS.search(between.replace("json", "")) is not None and not _ALTERNATIVE.search(between)


def _begins(text: str, position: int, schema: type[BaseModel]) -> bool:
    """Whether what could not be read begins as an answer does."""
    member = _BARE_MEMBER.match(text, position + 1)
    return member is not None and member["name"] in schema.model_fields


def _unwrapped(candidates: list[Candidate], schema: type[BaseModel]) -> list[Candidate]:
    """Objects that fit inside of others, as in {"response": {...}}."""
    found: list[Candidate] = []
    for candidate in candidates:
        made = [one for one in _inside(candidate.value, schema, _DEPTH_OF_WRAPPING) if one is not None]
        if any(one != made[0] for one in made[1:]):
            raise AnswerError("there are two answers that differ in one object: give one JSON object")
        found += [candidate._replace(value={}, made=made[0])] if made else []
    return found


def _inside(value: Json, schema: type[BaseModel], depth: int) -> Iterator[BaseModel | None]:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for entry in entries:
        if isinstance(entry, str) and entry.lstrip().startswith("{"):
            entry = _exact(entry) or {}
        if isinstance(entry, dict) and (made := _fitting(entry, schema)) is not None:
            yield made
        elif isinstance(entry, dict | list) and depth:
            yield from _inside(entry, schema, depth - 1)


@functools.cache
def _mender(schema: type[BaseModel]) -> Mender:
    return Mender(schema.model_json_schema())


def _validated(value: Json, schema: type[Schema]) -> Schema | None:
    try:
        return schema.model_validate(value)
    except ValidationError:
        return None


def _fitting(value: Json, schema: type[Schema]) -> Schema | None:
    mended = _mender(schema).mend(value)
    return None if _holds_word(mended) else _validated(mended, schema)


def _holds_word(value: Json) -> bool:
    if isinstance(value, dict):
        return any(_holds_word(entry) for entry in value.values())
    if isinstance(value, list):
        return any(_holds_word(entry) for entry in value)
    return isinstance(value, Word)


def _why(value: Json, schema: type[BaseModel]) -> str:
    """What of a value does not fit, member by member."""
    mended = _mender(schema).mend(value)
    try:
        schema.model_validate(mended)
    except ValidationError as error:
        told = [
            f"`{'.'.join(str(part) for part in one['loc']) or 'the object'}`: {one['msg']}"
            for one in error.errors()[:_MAX_TOLD]
        ]
        return "the JSON does not fit: " + "; ".join(told)
    return "a string in the JSON stands without quotes"
