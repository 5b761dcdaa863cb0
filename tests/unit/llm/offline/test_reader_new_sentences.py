"""Sentences of strangers, each with what must be read out of it; the table is tests/data/new_readings.txt."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.plan import EntitySpec, FieldSpec, Plan
from llm.offline.planning import plan_sentence

DATA = Path(__file__).parents[3] / "data"
SENTENCES = (DATA / "new_sentences.txt").read_text(encoding="utf-8").splitlines()
INFERRED_RULES = ("same_parent",)


@dataclass(frozen=True)
class Row:
    """One line of the table; `fields` maps `Entity.field` to its type, the entity it refers to, or its values."""

    sentence: str
    flags: frozenset[str]
    entities: tuple[str, ...]
    owned: tuple[str, ...]
    fields: dict[str, str]
    rules: tuple[str, ...]
    left: tuple[str, ...]


def _row(line: str) -> Row:
    number, flags, entities, rules, left = (part.strip() for part in line.split("|"))
    found = re.findall(r"(\w+)(@own)?\(([^)]*)\)", entities)
    return Row(
        SENTENCES[int(number) - 1],
        frozenset(flags.split()),
        tuple(sorted(name for name, _, _ in found)),
        tuple(sorted(name for name, own, _ in found if own)),
        {f"{name}.{pair.split(':')[0]}": pair.split(":")[1] for name, _, fields in found for pair in fields.split()},
        tuple(sorted(rules.split())),
        tuple(part for part in left.split("; ") if part),
    )


ROWS = [
    _row(line)
    for line in (DATA / "new_readings.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def _planned(sentence: str) -> Plan:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    return plan


def _kind(field: FieldSpec) -> str:
    if field.type == "reference":
        return str(field.references)
    if field.type == "reference_list":
        return "many"
    return "/".join(field.values) if field.type == "enum" else field.type


def _fields(entity: EntitySpec) -> dict[str, str]:
    return {f"{entity.name}.{field.name}": _kind(field) + "!" * field.unique for field in entity.fields}


def test_every_sentence_has_a_row() -> None:
    assert [row.sentence for row in ROWS] == SENTENCES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence[:40])
def test_entities_fields_and_references_are_those_of_the_sentence(row: Row) -> None:
    plan = _planned(row.sentence)
    assert tuple(sorted(entity.name for entity in plan.entities)) == row.entities
    read = {name: kind for entity in plan.entities for name, kind in _fields(entity).items()}
    assert {name: read.get(name) for name in row.fields} == row.fields


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence[:40])
def test_rules_sign_in_and_interface_are_those_of_the_sentence(row: Row) -> None:
    plan = _planned(row.sentence)
    rules = [f"{rule.kind}:{rule.entity}" for rule in plan.rules if rule.kind not in INFERRED_RULES]
    assert tuple(sorted(rules)) == row.rules
    assert (plan.auth is not None, plan.has_frontend) == ("auth" in row.flags, "api" not in row.flags)
    assert tuple(sorted(entity.name for entity in plan.entities if entity.access == "owner")) == row.owned


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence[:40])
def test_what_is_not_covered_is_said_and_nothing_else(row: Row) -> None:
    assert tuple(line.partition(":")[0] for line in _planned(row.sentence).not_covered) == row.left


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.sentence[:40])
def test_rules_name_fields_that_their_entities_have(row: Row) -> None:
    plan = _planned(row.sentence)
    for entity in plan.entities:
        names = {field.name for field in entity.fields}
        keys = [key for keys in entity.unique_together for key in keys]
        assert set(keys) <= names
        assert all(len(set(keys)) == len(keys) for keys in entity.unique_together)
        for rule in plan.rules:
            if rule.entity == entity.name and rule.kind == "unique_per":
                assert set(map(str, rule.params["fields"] or ())) <= names  # type: ignore[arg-type]  # a list by contract


@pytest.mark.parametrize("text", (DATA / "no_applications.txt").read_text(encoding="utf-8").splitlines())
def test_what_is_no_application_is_refused_with_what_can_be_built(text: str) -> None:
    answer = plan_sentence(text)
    assert isinstance(answer, str), answer
    assert "builds applications that keep records" in answer


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("todo", "Todo"), ("Blog", "Post"), ("inventory", "Product"), ("CRM", "Contact"), ("library", "Book"),
        ("recipes", "Recipe"), ("Habit tracker", "Habit"), ("expenses", "Expense"), ("Kanban", "Card"), ("forum", "Thread"),
        ("notes", "Note"),
    ],
)  # fmt: skip
def test_the_name_of_a_domain_is_enough(text: str, entity: str) -> None:
    assert _planned(text).entity(entity)
