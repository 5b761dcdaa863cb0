"""What each agent is shown of plan and contract, and what of it is the same for all of them."""

import json

import pytest

from agents.excerpts import documents_for
from agents.opening import Opening, make_opening
from agents.prompting import PromptLibrary
from config import PROJECT
from core.contract_text import contract_operations, contract_schemas
from core.plan import Plan
from core.standard.document import openapi
from core.types import AgentName
from tests.plans import ALL, blog_plan

WHOLE = (AgentName.BACKEND, AgentName.FRONTEND, AgentName.QA, AgentName.REVIEWER)
PLAN = blog_plan()
CONTRACT = openapi(PLAN)


@pytest.mark.parametrize("agent", WHOLE)
def test_who_builds_or_judges_by_the_contract_reads_it_whole(agent: AgentName) -> None:
    shown = dict(documents_for(agent, PLAN, CONTRACT))
    assert list(shown) == ["plan", "schemas", "operations"]
    assert shown["schemas"] == contract_schemas(CONTRACT)
    assert shown["operations"] == contract_operations(CONTRACT)


def test_the_database_agent_reads_the_plan_and_the_schemas() -> None:
    shown = dict(documents_for(AgentName.DATABASE, PLAN, CONTRACT))
    assert list(shown) == ["plan", "schemas"]


def test_the_planner_reads_both_as_the_files_that_it_changes() -> None:
    assert documents_for(AgentName.PLANNER, PLAN, CONTRACT) == ()


def test_the_devops_agent_reads_the_plan_alone() -> None:
    assert [name for name, _ in documents_for(AgentName.DEVOPS, PLAN, CONTRACT)] == ["plan"]


def test_the_git_agent_reads_what_a_pull_request_tells() -> None:
    ((name, text),) = documents_for(AgentName.GIT, PLAN, CONTRACT)
    assert name == "plan_summary"
    assert "POST /api/posts (create_post)" in json.loads(text)["operations"]
    assert len(text) < len(json.dumps(CONTRACT)) / 5


def test_before_there_is_a_plan_nobody_is_shown_one() -> None:
    assert all(documents_for(agent, None, None) == () for agent in AgentName)


@pytest.mark.parametrize("make", ALL, ids=lambda make: make.__name__)
def test_a_plan_is_shown_but_for_what_is_said_to_one_agent_alone(make: object) -> None:
    plan: Plan = make()  # type: ignore[operator]  # a function of tests.plans
    shown = json.loads(dict(documents_for(AgentName.BACKEND, plan, {}))["plan"])
    assert shown.pop("frontend") == plan.has_frontend
    kept = {name: getattr(plan, name) for name in ("agents", "ownership", "covered", "not_covered")}
    assert Plan.model_validate({**kept, **shown}) == plan


def test_agents_begin_alike_up_to_what_is_their_own() -> None:
    backend = _words(AgentName.BACKEND, identity="one")
    for agent in (AgentName.FRONTEND, AgentName.QA, AgentName.REVIEWER):
        assert _shared(backend, _words(agent)) > backend.index("</block>", backend.index('name="operations"'))
    assert _shared(backend, _words(AgentName.DATABASE)) > backend.index("</block>", backend.index('name="schemas"'))
    assert _shared(backend, _words(AgentName.DEVOPS)) > backend.index("</block>", backend.index('name="plan"'))
    assert _words(AgentName.BACKEND, identity="one") == backend


def test_the_breakpoints_stand_where_another_agent_and_another_step_go_on_differently() -> None:
    opening = _opening(AgentName.BACKEND, identity="one")
    shared, own = opening.breakpoints
    first = opening.first("Step: build\n")
    assert first[:shared].rstrip().endswith("</block>")
    assert first[shared:].startswith("Agent: backend_agent\n")
    assert first[own:] == "Step: build\n"


def test_the_conventions_are_the_same_for_every_task() -> None:
    assert _opening(AgentName.BACKEND, sentence="A blog").system == _opening(AgentName.QA, sentence="Another").system
    assert "# Conventions" in _opening(AgentName.BACKEND).system
    assert "# Conventions" not in _opening(AgentName.ORCHESTRATOR).system


def _opening(agent: AgentName, *, sentence: str = "A blog", identity: str = "") -> Opening:
    return make_opening(
        PromptLibrary(PROJECT / "prompts"), agent, sentence=sentence, plan=PLAN, contract=CONTRACT, identity=identity,
        answer_format="files",
    )  # fmt: skip


def _words(agent: AgentName, *, identity: str = "") -> str:
    opening = _opening(agent, identity=identity)
    return opening.system + opening.first("")


def _shared(one: str, two: str) -> int:
    return next(
        (index for index, (left, right) in enumerate(zip(one, two, strict=False)) if left != right),
        min(len(one), len(two)),
    )
