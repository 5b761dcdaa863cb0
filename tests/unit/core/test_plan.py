"""Bounds of fields: integers stay integers, from a model's answer to the document that is shown."""

import json

import pytest
from pydantic import ValidationError

from core.plan import FieldSpec, Plan
from core.types import AgentName
from tests.plans import todo_plan


@pytest.mark.parametrize(
    ("given", "kept"),
    [("1", "1"), ("1.0", "1"), ("-3", "-3"), ("0.01", "0.01"), ("9999999999.99", "9999999999.99"), ("1e300", "1e+300")],
)
def test_a_bound_is_written_as_the_number_that_it_is(given: str, kept: str) -> None:
    field = FieldSpec.model_validate_json(f'{{"name": "seats", "type": "integer", "minimum": {given}}}')
    assert field.model_dump_json(exclude_defaults=True) == f'{{"name":"seats","type":"integer","minimum":{kept}}}'
    assert json.dumps(field.model_dump(mode="json")["minimum"]) == kept


def test_integers_beyond_the_reach_of_floats_are_exact() -> None:
    assert FieldSpec(name="big", type="integer", maximum=2**53 + 1).maximum == 2**53 + 1


@pytest.mark.parametrize("bound", ["Infinity", "NaN", '"one"'])
def test_what_is_no_finite_number_is_no_bound(bound: str) -> None:
    with pytest.raises(ValidationError):
        FieldSpec.model_validate_json(f'{{"name": "seats", "type": "integer", "maximum": {bound}}}')


def test_a_plan_for_another_code_host_owns_its_ci_files_and_reads_back_as_it_was() -> None:
    plan = todo_plan().shipped_by("gitlab")
    assert ".gitlab-ci.yml" in plan.ownership[AgentName.DEVOPS]
    assert ".github/**" not in plan.ownership[AgentName.DEVOPS]
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert plan.shipped_by("github") == todo_plan()
    assert todo_plan().shipped_by("github") == todo_plan()


def test_the_usual_ownership_of_a_plan_is_that_of_its_code_host() -> None:
    shown = todo_plan().model_dump(mode="json", exclude={"ownership"})
    made = Plan.model_validate({**shown, "code_host": "bitbucket"})
    assert "bitbucket-pipelines.yml" in made.ownership[AgentName.DEVOPS]
