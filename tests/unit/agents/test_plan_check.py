"""A plan that contradicts itself is told so, member by member, before a contract is made from it."""

from typing import Any

import pytest

from agents.plan_check import plan_problems
from core.plan import AuthSpec, FieldSpec, Plan
from core.types import AgentName
from tests import plans

BLOG = plans.blog_plan()
POST = next(entity for entity in BLOG.entities if entity.name == "Post")
NUMBER = FieldSpec(name="pages", type="integer")


def with_post(**changes: Any) -> Plan:
    post = POST.model_copy(update=changes)
    return BLOG.model_copy(update={"entities": tuple(post if one is POST else one for one in BLOG.entities)})


@pytest.mark.parametrize("make", plans.ALL)
def test_the_sample_plans_have_no_problem(make: Any) -> None:
    assert plan_problems(make()) == []


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (with_post(fields=(*POST.fields, POST.fields[0])), f"Post has two fields {POST.fields[0].name}"),
        (with_post(fields=(*POST.fields, FieldSpec(name="id", type="integer"))), "Post.id is there without being said"),
        (with_post(search=("colour",)), "Post.search names colour, which is no field of it"),
        (with_post(filters=("colour",)), "Post.filters names colour, which is no field of it"),
        (with_post(sort=("colour", "created_at")), "Post.sort names colour, which is no field of it"),
        (with_post(fields=(*POST.fields, NUMBER), search=("pages",)), "Post.search names pages, which is no text"),
        (with_post(unique_together=(("title", "colour"),)), "Post.unique_together names colour, which is no field of it"),
        (
            with_post(operations=("list", "read"), public_operations=("list", "delete")),
            "Post.public_operations names delete, which is none of its operations",
        ),
        (with_post(table="comments"), "two entities have the table comments"),
        (with_post(path="comments"), "two entities have the path comments"),
        (with_post(path="auth"), "two entities have the path auth (`auth` has one)"),
        (with_post(name="User"), "two entities have the name User (`auth` has one)"),
        (
            with_post(access="owner", fields=tuple(field for field in POST.fields if field.name != "owner_id")),
            "Post is its owner's, so that it needs a server-set reference `owner_id` to the account entity",
        ),
        (
            BLOG.model_copy(update={"agents": tuple(one for one in BLOG.agents if one.agent is not AgentName.QA)}),
            "qa_agent must take part",
        ),
        (BLOG.model_copy(update={"ownership": {}}), "backend_agent has no paths in `ownership`"),
    ],
    ids=lambda value: value.replace("`", "") if isinstance(value, str) else "",
)  # fmt: skip
def test_what_contradicts_itself_is_said(plan: Plan, problem: str) -> None:
    plan = plan.model_copy(update={"auth": AuthSpec()})
    assert problem in plan_problems(plan)
