"""The twelve example sentences of the project are read whole, with their own entities."""

from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from core.plan import Plan
from core.standard.document import openapi
from llm.offline.planning import plan_sentence

ROOT = Path(__file__).parents[4]
SENTENCES = (ROOT / "examples" / "sentences.txt").read_text(encoding="utf-8").splitlines()
EXPECTED = (
    ("Todo", "auth api", ""),
    ("Post Comment Tag", "ui", ""),
    ("Product Supplier", "ui", ""),
    ("Link", "api", "counter_redirect:Link"),
    ("Author Book Loan Member", "ui", "single_active:Loan"),
    ("Recipe Ingredient", "ui", ""),
    ("Expense Category", "auth ui", "totals:Expense"),
    ("Contact", "ui", ""),
    ("Issue Project Label", "ui", "status_flow:Issue"),
    ("Event Booking", "auth ui", "capacity:Booking unique_per:Booking ordered_fields:Event"),
    ("Habit HabitEntry", "api", ""),
    ("Employee Department", "ui", "csv_export:Employee"),
)
FIELDS = (
    "Todo.owner_id Todo.title Todo.completed",
    "Post.title Post.tag_ids Comment.post_id",
    "Product.name Product.sku Product.price Product.quantity Product.supplier_id",
    "Link.url Link.code Link.clicks",
    "Book.title Book.isbn Book.published_year Book.author_id Loan.book_id Loan.member_id Loan.returned_at",
    "Recipe.title Recipe.ingredient_ids",
    "Expense.amount Expense.expense_date Expense.category_id",
    "Contact.name Contact.email Contact.phone Contact.favourite",
    "Issue.status Issue.project_id Issue.label_ids",
    "Event.capacity Booking.event_id Booking.owner_id",
    "Habit.name",
    "Employee.name Employee.department_id",
)


def read(sentence: str) -> Plan:
    plan = plan_sentence(sentence)
    assert isinstance(plan, Plan), plan
    return plan


@pytest.mark.parametrize(("sentence", "expected", "fields"), list(zip(SENTENCES, EXPECTED, FIELDS, strict=True)))
def test_an_example_is_read_with_its_entities_fields_shape_and_rules(
    sentence: str, expected: tuple[str, str, str], fields: str
) -> None:
    plan = read(sentence)
    entities, shape, rules = expected
    assert {entity.name for entity in plan.entities} == set(entities.split())
    assert {f"{one.name}.{field.name}" for one in plan.entities for field in one.fields} >= set(fields.split())
    assert {f"{rule.kind}:{rule.entity}" for rule in plan.rules} == set(rules.split())
    assert ("auth" in shape, "ui" in shape) == (plan.auth is not None, plan.has_frontend)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_nothing_of_an_example_is_left_out_and_its_contract_is_valid(sentence: str) -> None:
    plan = read(sentence)
    assert plan.not_covered == ()
    assert plan.covered
    OpenAPIV31SpecValidator(openapi(plan)).validate()


def test_what_was_inferred_is_marked_as_such() -> None:
    covered = read(SENTENCES[10]).covered
    assert any("habit entry" in line and "(inferred)" in line for line in covered)
    assert any("no frontend" in line for line in covered)
