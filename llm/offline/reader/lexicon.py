"""What the reader knows of English words: typical fields of things, types of fields, verbs, containers. Data only.

The lists help where a sentence says little; what a sentence states always wins over them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from core.plan import FieldType
from llm.offline.reader.inflection import singular

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Typical:
    """What a thing usually holds: `fields` in the short notation `name?!:type` (`?` optional, `!` unique)."""

    fields: tuple[str, ...]
    parents: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    personal: bool = False


@dataclass(frozen=True)
class FieldKind:
    type: FieldType
    details: Mapping[str, Any]
    optional: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """Word lists. `object_containers` stand behind what they hold (`recipe tracker`), `settings` are places and trades
    (`blog`, `clinic`) with the things one usually finds there, `companions` are what a thing is of little use without,
    `umbrellas` fields of life and words for a whole (`fitness`, `budget`) that name no rows beside the things of a list,
    `sellers` places that are called by their `goods` (`flower shop`).
    """

    filler: frozenset[str]
    containers: frozenset[str]
    object_containers: frozenset[str]
    container_guards: Mapping[str, frozenset[str]]
    settings: Mapping[str, tuple[str, ...]]
    users: frozenset[str]
    actors: frozenset[str]
    roles: frozenset[str]
    verbs: Mapping[str, str]
    verb_particles: Mapping[str, str]
    companions: Mapping[str, str]
    group_nouns: frozenset[str]
    many_nouns: frozenset[str]
    umbrellas: frozenset[str]
    sellers: frozenset[str]
    goods: frozenset[str]
    grammar: frozenset[str]


def _load(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8")))


@cache
def words() -> Words:
    raw = _load("words")
    lists = (
        "filler",
        "containers",
        "object_containers",
        "users",
        "actors",
        "roles",
        "group_nouns",
        "many_nouns",
        "umbrellas",
        "sellers",
        "goods",
        "grammar",
    )
    return Words(
        **{name: frozenset(raw[name].split()) for name in lists},
        container_guards={name: frozenset(guard.split()) for name, guard in raw["container_guards"].items()},
        settings={
            name: tuple(nouns.replace("_", " ") for nouns in text.split()) for name, text in raw["settings"].items()
        },
        verbs=raw["verbs"],
        verb_particles=raw["verb_particles"],
        companions=raw["companions"],
    )


@cache
def things() -> Mapping[str, Typical]:
    """Singular noun (two words at most) to what it typically holds."""
    return {
        noun: Typical(
            tuple(entry["fields"].split()),
            tuple(name.replace("_", " ") for name in entry.get("parents", "").split()),
            tuple(name.replace("_", " ") for name in entry.get("links", "").split()),
            bool(entry.get("personal")),
        )
        for noun, entry in _load("entities").items()
    }


@cache
def _fields() -> dict[str, Any]:
    raw = _load("fields")
    raw["by_name"] = {name: kind for kind, names in raw["types"].items() for name in names.split()}
    for key in ("optional", "keep_plural", "boolean_markers"):
        raw[key] = frozenset(raw[key].split())
    return raw


def field_kind(name: str) -> FieldKind | None:
    """What a field of this snake-case name usually is: by its whole name, else by its last word. None when unknown."""
    raw, name = _fields(), name.replace("-", "_")
    for key in (name, name.rsplit("_", 1)[-1]):
        kind = raw["by_name"].get(key) or (raw["suffix_types"].get(key) if "_" in name else None)
        if kind:
            optional = name in raw["optional"] or key in raw["optional"]
            return FieldKind(kind, raw["details"].get(key, {}), optional, tuple(raw["values"].get(key, "").split()))
    if name.startswith(("km_", "miles_", "kg_")):
        return FieldKind("number", {}, optional=False, values=())
    if name.startswith("date_"):
        return FieldKind("date", {}, optional=False, values=())
    return None


def keeps_plural(word: str) -> bool:
    """True for words such as `hours` and `notes`, whose plural is one field and not many things."""
    return word in _fields()["keep_plural"]


def is_boolean_marker(word: str) -> bool:
    return word in _fields()["boolean_markers"]


_AGENTIVE = re.compile(r"(?:[^aeiou]er|[aeiou]ver|ator|itor|utor|ctor|ist|ian|ee)s?$")


def is_person(word: str) -> bool:
    """True for people: those of the lexicon, and words that are made like `creators`, as far as they name nothing else."""
    one = singular(word)
    known = one in words().actors or one in words().users
    return known or bool(_AGENTIVE.search(word) and one not in things() and not field_kind(one) and len(one) > 4)
