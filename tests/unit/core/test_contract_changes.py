"""What changed in plan and contract, as people read it."""

from core.contract_changes import MOST, MOST_CHARACTERS, contract_changes
from core.plan import FieldSpec, Plan
from core.standard.document import openapi
from tests.plans import booking_plan, todo_plan


def changed(before: Plan | None, after: Plan) -> tuple[str, ...]:
    return contract_changes((before, openapi(before) if before else None), (after, openapi(after)))


def with_fields(plan: Plan, *fields: FieldSpec) -> Plan:
    first, *others = plan.entities
    more = first.model_copy(update={"fields": (*first.fields, *fields)})
    return plan.model_copy(update={"entities": (more, *others)})


def test_a_field_that_came_is_told_by_its_name_and_nothing_else_is() -> None:
    lines = changed(todo_plan(), with_fields(todo_plan(), FieldSpec(name="priority", type="integer")))
    assert [line for line in lines if line.startswith("+TodoRead")] == ["+TodoRead: priority: integer"]
    assert {line.split(":")[0] for line in lines} == {"+TodoRead", "+TodoCreate", "+TodoUpdate"}


def test_members_are_told_apart_whatever_their_texts_hold() -> None:
    text = 'a, {b} "c" (d'
    plan = with_fields(todo_plan(), FieldSpec(name="odd", type="enum", values=(text, "x"), description=text))
    longer = FieldSpec(name="odd", type="enum", values=(text, "x", "y"), description=text)
    lines = changed(plan, with_fields(todo_plan(), longer))
    assert {line[1:].split(":")[1].strip(" ?") for line in lines if line[1:].startswith("Todo")} == {"odd"}


def test_nothing_differs_from_itself() -> None:
    assert changed(todo_plan(), todo_plan()) == ()


def test_a_rule_that_went_is_told_with_its_entity() -> None:
    plan = booking_plan()
    lines = changed(plan, plan.model_copy(update={"rules": ()}))
    assert any(line.startswith(f"-{plan.rules[0].entity}: ") for line in lines)


def test_what_is_told_is_bounded() -> None:
    fields = (FieldSpec(name=f"field_{number}", type="string", description="x" * 400) for number in range(80))
    big = with_fields(todo_plan(), *fields)
    lines = changed(None, big)
    assert len(lines) <= MOST
    assert max(map(len, lines)) <= MOST_CHARACTERS
    assert lines[-1].endswith("lines more") or len(lines) < MOST
