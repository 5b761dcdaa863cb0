"""The schema of the plan as the planner reads it: short, whole, and true."""

import json

import pytest
from pydantic import BaseModel, ValidationError

from agents.plan_schema import compact_schema, rule_kinds
from agents.planner import PLAN_PATH, read_proposal
from core.plan import RULE_KINDS, AgentPlan, AuthSpec, EntitySpec, FieldSpec, Plan, RuleSpec
from tests.plans import ALL, booking_plan
from tests.unit.agents.schema_reader import SchemaReader

MODELS: tuple[type[BaseModel], ...] = (Plan, AgentPlan, EntitySpec, FieldSpec, RuleSpec, AuthSpec)
FIELD_TYPES = 13
SET_BY_US = ("code_host",)


def test_a_plan_of_only_the_members_that_must_be_there_is_valid() -> None:
    assert Plan.model_validate(SchemaReader(compact_schema(Plan), full=False).write("Plan")).title == "text"


@pytest.mark.parametrize("turn", range(FIELD_TYPES))
def test_a_plan_of_every_member_and_every_choice_is_valid(turn: int) -> None:
    plan = Plan.model_validate(SchemaReader(compact_schema(Plan), full=True, turn=turn).write("Plan"))
    assert plan.entities[0].fields[0].maximum in (3, 2.5)
    assert plan.rules[0].statement == "text"


def test_a_plan_without_a_member_that_must_be_there_is_refused() -> None:
    whole = SchemaReader(compact_schema(Plan), full=False).write("Plan")
    assert isinstance(whole, dict)
    for name in whole:
        with pytest.raises(ValidationError, match=name):
            Plan.model_validate({key: value for key, value in whole.items() if key != name})


@pytest.mark.parametrize("model", MODELS)
def test_every_member_of_every_model_is_named_once(model: type[BaseModel]) -> None:
    members = SchemaReader(compact_schema(Plan), full=True).types[model.__name__]
    assert isinstance(members, list)
    assert {one.name: one.optional for one in members} == {
        name: not field.is_required() for name, field in model.model_fields.items() if name not in SET_BY_US
    }


def test_it_is_less_than_half_of_the_json_schema_and_says_bounds_and_defaults() -> None:
    text = compact_schema(Plan)
    assert len(text) * 2 < len(json.dumps(Plan.model_json_schema()))
    assert "max_length?: integer  # from 1; to 100000" in text
    assert 'access?: "public" | "login" | "owner"  # default "public"; without a token' in text
    assert "Snake = string  # snake_case" in text


def test_every_known_kind_of_rule_has_one_line_with_its_params() -> None:
    lines = rule_kinds().splitlines()
    assert [line.split(" ")[0] for line in lines] == list(RULE_KINDS)
    for line, kind in zip(lines, RULE_KINDS.values(), strict=True):
        assert all(f"{name}{'?' if name in kind.optional else ''}" in line for name in kind.params)


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_rules_of_plans_have_the_params_that_the_prompt_names(make: object) -> None:
    plan: Plan = make()  # type: ignore[operator]  # a function of tests.plans
    for rule in plan.rules:
        kind = RULE_KINDS[rule.kind]
        assert set(rule.params) <= set(kind.params)
        assert set(kind.params) - set(kind.optional) <= set(rule.params)


def test_a_rule_of_a_known_kind_without_its_params_goes_back_to_the_planner() -> None:
    plan = booking_plan()
    capacity = next(rule for rule in plan.rules if rule.kind == "capacity")
    bare = plan.model_copy(update={"rules": (capacity.model_copy(update={"params": {"parent": "Event"}}),)})
    files = {PLAN_PATH: bare.model_dump_json()}
    problem = f"{PLAN_PATH}: rule {capacity.id} of kind capacity lacks the params reference, field"
    assert read_proposal(files).problems == (problem,)


def test_a_rule_of_a_kind_that_nobody_knows_is_its_statement() -> None:
    plan = booking_plan()
    own = RuleSpec(id="own", kind="never_on_sundays", entity=plan.entities[0].name, statement="Never on Sundays.")
    files = {PLAN_PATH: plan.model_copy(update={"rules": (own,)}).model_dump_json()}
    assert read_proposal(files).problems == ()
