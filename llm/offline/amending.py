"""Reads a wish about a finished application as changes of its plan; what it cannot do it says."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.plan import FieldSpec, FieldType, Plan
from llm.offline import plan_edits as edit
from llm.offline import value_edits as values
from llm.offline.plan_edits import Edited
from llm.offline.reader.draft import singular_of
from llm.offline.reader.inflection import is_plural
from llm.offline.reader.lexicon import field_kind, things

CAN = (
    "The offline model can add, remove and rename fields and the values of a choice, change a field's type, make fields "
    "optional, required or unique, limit numbers and texts, add search, filters, sorting and CSV export, change page sizes, "
    "require sign-in, and add and remove things."
)  # fmt: skip


NOT_MEANT = ""
"""What a pattern answers that matched words which mean something else."""


@dataclass(frozen=True)
class Change:
    """`plan` is None when nothing could be done; `said` tells what was done, `cannot` what was not, both for people."""

    plan: Plan | None
    said: str = ""
    cannot: str = ""


def amend(plan: Plan, wish: str) -> Change:
    """Apply every part of a wish that can be read."""
    changed, done, failed = plan, list[str](), list[str]()
    for part in _parts(wish):
        result = _apply(changed, part)
        if isinstance(result, Plan):
            changed = result
            done.append(part)
        else:
            failed.append(result)
    cannot = " ".join(failed)
    if changed == plan:
        return Change(None, cannot=cannot or f'"{wish.strip()[:200]}" names no change. {CAN}')
    covered = (*plan.covered, *(f"changed on request: {part}" for part in done))
    changed = changed.model_copy(update={"covered": covered})
    return Change(changed, said=f"Changed: {'; '.join(done)}.", cannot=cannot)


def _parts(wish: str) -> list[str]:
    """Single wishes: sentences, and clauses joined by `and` or a comma in front of a verb; praise is left out."""
    text = " ".join(wish.lower().replace("’", "'").split())
    verbs = rf"(?={_alternatives('verbs')})"
    split = rf"[.;!\n]+|\bbut\b|,\s*(?:and\s+|then\s+)?{verbs}|\band (?:also |then |please )?{verbs}"
    lead = rf"^(?:{_alternatives('lead')}[ ,:]+)+"
    found = [re.sub(lead, "", piece.strip(" ,?")).strip(" ,?\"'") for piece in re.split(split, text) if piece]
    return [piece for piece in found if len(piece) > 2 and not re.fullmatch(_alternatives("praise"), piece)]


@cache
def _raw() -> dict[str, Any]:
    text = (Path(__file__).parent / "data" / "changes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _alternatives(name: str) -> str:
    return f"(?:{'|'.join(_raw()[name])})"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Kind and pattern of every change that can be read, in the order of the data file."""
    return tuple(
        (entry["kind"], re.compile(_expanded(text))) for entry in _raw()["change"] for text in entry["patterns"]
    )


def _expanded(text: str) -> str:
    while found := re.search(r"<<(\w+)>>", text):
        text = text.replace(found.group(), _raw()["macros"][found.group(1)])
    return text


def _apply(plan: Plan, part: str) -> Edited:
    problem = ""
    for kind, pattern in _patterns():
        match = pattern.match(part)
        if match:
            result = _CHANGES[kind](plan, match)
            if isinstance(result, Plan):
                return result
            problem = problem or result
    return problem or f'"{part[:200]}" is not a change that could be read. {CAN}'


def _words(match: re.Match[str], group: str = "field") -> list[str]:
    return [
        word
        for word in re.split(r"[ _-]+", match[group])
        if word not in ("the", "a", "an", "new", "field", "also", "column")
    ]


def _text(match: re.Match[str], group: str = "field") -> str:
    return " ".join(_words(match, group))


def _entity(match: re.Match[str]) -> str | None:
    value = match.groupdict().get("entity")
    return (
        re.sub(r"^(?:the|a|an|each|every|all) |'s$| (?:list|form|page|table|api|endpoint)s?$", "", value.strip())
        if value
        else None
    )


def _owned(plan: Plan, text: str) -> tuple[str, str | None]:
    """`book's isbn`, `post title`, `title of a post`: the field and the entity."""
    possessive = re.fullmatch(r"(?:the |a |an )?(.+?)'s? (.+)", text)
    if possessive and edit.find_entity(plan, possessive[1]):
        return possessive[2], possessive[1]
    first, _, rest = text.partition(" ")
    if rest and edit.find_entity(plan, first) and edit.find_field(plan, rest, edit.find_entity(plan, first)):
        return rest, first
    return text, None


def _set(change: Callable[[FieldSpec], FieldSpec]) -> Callable[[Plan, re.Match[str]], Edited]:
    def apply(plan: Plan, match: re.Match[str]) -> Edited:
        words, owner = _owned(plan, re.sub(r"^(?:the|a|an) ", "", match["field"].strip()))
        words = re.sub(r" (?:field|column|property)$", "", words)
        return edit.change_field(plan, words, _entity(match) or owner, change)

    return apply


def _add(plan: Plan, match: re.Match[str]) -> Edited:
    """A field of something, or a new kind of thing."""
    text, target = _text(match), _entity(match)
    asks_field = re.search(r"\b(?:field|flag|column|checkbox|property|attribute)s?\b", match.group()) is not None
    noun = singular_of(text)
    is_thing = is_plural(text.split(" ")[-1]) and (noun in things() or field_kind(noun.replace(" ", "_")) is None)
    if (is_thing and not asks_field) or " with " in text or "(" in match.group():
        return edit.add_entity(plan, match["field"], target)
    if not asks_field and target is None and field_kind(noun.replace(" ", "_")) is None and not is_thing:
        return f'It is not clear what "{text}" is to be a field of. {CAN}'
    several = [part.strip() for part in re.split(r",| and ", match["field"]) if part.strip()]
    for one in several:
        words = [word for word in re.split(r"[ _-]+", one) if word not in ("the", "a", "an", "new", "field", "another")]
        words = [word for word in words if word not in ("field", "column", "property", "attribute")]
        result = edit.add_field(plan, words, target)
        if isinstance(result, str):
            return result
        plan = result
    return plan


def _add_choice(plan: Plan, match: re.Match[str]) -> Edited:
    added = edit.add_field(plan, _words(match), _entity(match))
    return _choice(added, match) if isinstance(added, Plan) else added


def _have(plan: Plan, match: re.Match[str]) -> Edited:
    if edit.find_entity(plan, _entity(match)) is None:
        return f'There is nothing called "{match["entity"]}".'
    return _add(plan, match)


def _each(change: Callable[[Plan, str, str | None], Edited]) -> Callable[[Plan, re.Match[str]], Edited]:
    """Apply to every field of a list: `sort by price and date`."""

    def apply(plan: Plan, match: re.Match[str]) -> Edited:
        for one in re.split(r",| and | or ", match["field"]):
            words = re.sub(r"^\s*(?:the|their|its) ", "", one.strip())
            if not words:
                continue
            result = change(plan, words, _entity(match))
            if isinstance(result, str):
                return result
            plan = result
        return plan

    return apply


def _size(plan: Plan, match: re.Match[str]) -> Edited:
    number = match.groupdict().get("n")
    entity = match.groupdict().get("entity")
    rows = match.groupdict().get("rows")
    named = next(
        (word for word in re.findall(r"[a-z]+", f"{entity or ''} {rows or ''}") if edit.find_entity(plan, word)), None
    )
    at_most = re.search(r"\b(?:at most|max(?:imum)?|cap|no more than|up to)\b", match.group()) is not None
    unknown = [word for word in re.findall(r"[a-z]+", entity or "") if word not in _raw()["page_words"]]
    if number and not named and unknown:
        return f'There is nothing called "{" ".join(unknown)}" to limit.'
    size = max(1, min(int(number), 100)) if number else None
    return edit.page_size(plan, named, size, at_most=at_most and size is not None)


def _bounds(plan: Plan, match: re.Match[str]) -> Edited:
    return edit.bounds(plan, _text(match), float(match["low"]), float(match["high"]))


def _add_bounded(plan: Plan, match: re.Match[str]) -> Edited:
    """`a rating from 1 to 10 on posts`."""
    target = _entity(match) or match["other"]
    added = edit.add_field(plan, _words(match), target)
    return (
        edit.bounds(added, _text(match), float(match["low"]), float(match["high"]))
        if isinstance(added, Plan)
        else added
    )


def _limit(plan: Plan, match: re.Match[str]) -> Edited:
    """One end of a number's range; `positive` and `not negative` are a least value too."""
    words, owner = _place(plan, match)
    said = match.groupdict()
    number = float(said["n"]) if said.get("n") else None
    if number is None:
        return values.at_least_zero(plan, words, owner, above=bool(said.get("positive")))
    least = re.search(r"at least|minimum|\bmin\b|no less|not less|or more|lowest|above|over", match.group()) is not None
    return values.limit(plan, words, owner, number if least else None, None if least else number)


def _length(plan: Plan, match: re.Match[str]) -> Edited:
    return values.max_length(plan, *_place(plan, match), int(match["n"]))


def _type(plan: Plan, match: re.Match[str]) -> Edited:
    kind: FieldType = _raw()["types"][match["type"]]
    return values.change_type(plan, *_place(plan, match), kind)


def _choice(plan: Plan, match: re.Match[str]) -> Edited:
    found = [re.sub(r"[ -]+", "_", one.strip(" \"'")) for one in re.split(r",| or | and ", match["values"])]
    return values.change_type(plan, *_place(plan, match), "enum", tuple(dict.fromkeys(one for one in found if one)))


def _value(change: Callable[..., Edited]) -> Callable[[Plan, re.Match[str]], Edited]:
    """A change of one value of a choice; words that name a part of the application are no values."""

    def apply(plan: Plan, match: re.Match[str]) -> Edited:
        value, (words, owner) = match["value"].strip(), _place(plan, match)
        found = edit.find_field(plan, words, edit.find_entity(plan, owner))
        if value.split(" ")[-1] in _raw()["no_values"] or found is None or found[1].type != "enum":
            return NOT_MEANT
        more = [match["new"]] if "new" in match.groupdict() else []
        return change(plan, words, owner, value, *more)

    return apply


def _rename(plan: Plan, match: re.Match[str]) -> Edited:
    return edit.rename_field(plan, *_place(plan, match), _words(match, "new"))


def _remove(plan: Plan, match: re.Match[str]) -> Edited:
    return edit.remove_field(plan, *_place(plan, match))


def _place(plan: Plan, match: re.Match[str]) -> tuple[str, str | None]:
    """The field that is meant and the entity it is in, where that is said."""
    named = _entity(match)
    return (_text(match), named) if named else _owned(plan, _text(match))


_CHANGES: dict[str, Callable[[Plan, re.Match[str]], Edited]] = {
    "length": _length,
    "limit": _limit,
    "type": _type,
    "choice": _choice,
    "add_choice": _add_choice,
    "add_value": _value(values.add_value),
    "remove_value": _value(values.remove_value),
    "rename_value": _value(values.rename_value),
    "remove_entity": lambda plan, match: values.remove_entity(plan, _entity(match) or ""),
    "page_size": _size,
    "own_rows": lambda plan, match: edit.require_login(plan, own=True, entity_words=_entity(match)),
    "login": lambda plan, match: edit.require_login(plan, own=False),
    "rename": _rename,
    "optional": _set(edit.make_optional),
    "required": _set(edit.make_required),
    "unique": _set(edit.make_unique),
    "not_unique": _set(edit.make_not_unique),
    "add_bounded": _add_bounded,
    "bounds": _bounds,
    "sort": _each(edit.sort_by),
    "filter": _each(edit.filter_by),
    "search": _each(edit.search_in),
    "export": lambda plan, match: edit.add_export(plan, _entity(match) or match.groupdict().get("other")),
    "remove": _remove,
    "add": _add,
    "have": _have,
}
