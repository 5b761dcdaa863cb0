"""What each agent is shown of plan and contract, and what of it is the same for all of them."""

import json

import pytest

from agents.excerpts import documents_for
from agents.prompting import PromptLibrary
from config import PROJECT
from core.plan import Plan
from core.types import AgentName
from llm.offline.contract import openapi
from tests.plans import ALL, blog_plan

WHOLE = (AgentName.BACKEND, AgentName.FRONTEND, AgentName.QA, AgentName.REVIEWER)
PLAN = blog_plan()
CONTRACT = openapi(PLAN)


@pytest.mark.parametrize("agent", WHOLE)
def test_who_builds_or_judges_by_the_contract_reads_it_whole(agent: AgentName) -> None:
    shown = dict(documents_for(agent, PLAN, CONTRACT))
    assert json.loads(shown["contract"]) == CONTRACT
    assert Plan.model_validate_json(shown["plan"]) == PLAN


def test_the_database_agent_reads_the_plan_and_the_schemas_of_rows() -> None:
    shown = dict(documents_for(AgentName.DATABASE, PLAN, CONTRACT))
    assert list(shown) == ["plan", "schemas"]
    schemas = json.loads(shown["schemas"])
    assert "PostCreate" in schemas
    assert not [name for name in schemas if name.endswith("Page")]


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
def test_a_plan_survives_being_shown(make: object) -> None:
    plan: Plan = make()  # type: ignore[operator]  # a function of tests.plans
    assert Plan.model_validate_json(dict(documents_for(AgentName.BACKEND, plan, {}))["plan"]) == plan


def test_writers_share_all_that_comes_before_what_is_their_own() -> None:
    backend = _system(AgentName.BACKEND, identity="one")
    for agent in (AgentName.FRONTEND, AgentName.QA):
        assert _shared(backend, _system(agent)) > backend.index("</block>", backend.index('name="contract"'))
    for agent in (AgentName.DATABASE, AgentName.DEVOPS):
        assert _shared(backend, _system(agent)) > backend.index("</block>", backend.index('name="plan"'))
    assert _system(AgentName.BACKEND, identity="one") == backend


def test_the_shape_of_the_application_is_the_same_for_every_task() -> None:
    one = _system(AgentName.BACKEND, sentence="A blog")
    two = _system(AgentName.BACKEND, sentence="Something else")
    assert _shared(one, two) == one.index("A blog")
    assert one.index("# Shape of the application") < one.index('name="task"')


def _system(agent: AgentName, *, sentence: str = "A blog", identity: str = "") -> str:
    pages = agent in (AgentName.FRONTEND, AgentName.QA)
    return (
        PromptLibrary(PROJECT / "prompts")
        .render(
            agent, "system", sentence=sentence, documents=documents_for(agent, PLAN, CONTRACT), with_house=True,
            show_frontend=pages, identity=identity, answer_format="files",
        )
        .text
    )  # fmt: skip


def _shared(one: str, two: str) -> int:
    return next(
        (index for index, (left, right) in enumerate(zip(one, two, strict=False)) if left != right),
        min(len(one), len(two)),
    )
