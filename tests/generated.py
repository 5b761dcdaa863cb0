"""Parts of the application that a plan makes: the starter's files, and what the offline model writes on top of them."""

from collections.abc import Mapping

from core.plan import Plan
from core.types import AgentName
from llm.offline.builders import whole_part

_WRITTEN: dict[tuple[AgentName, str], Mapping[str, str]] = {}
"""By agent and plan: the same plan gives the same bytes, which the generators' own tests see to."""


def _part(agent: AgentName, plan: Plan, under: str = "") -> dict[str, str]:
    key = agent, plan.model_dump_json()
    if key not in _WRITTEN:
        _WRITTEN[key] = whole_part(agent, plan)
    return {path: text for path, text in _WRITTEN[key].items() if path.startswith(under)}


def backend_files(plan: Plan) -> dict[str, str]:
    return _part(AgentName.BACKEND, plan)


def database_files(plan: Plan) -> dict[str, str]:
    return _part(AgentName.DATABASE, plan)


def frontend_files(plan: Plan) -> dict[str, str]:
    return _part(AgentName.FRONTEND, plan)


def backend_tests(plan: Plan) -> dict[str, str]:
    return _part(AgentName.QA, plan, "backend/")


def frontend_tests(plan: Plan) -> dict[str, str]:
    return _part(AgentName.QA, plan, "frontend/")


def browser_tests(plan: Plan) -> dict[str, str]:
    return _part(AgentName.QA, plan, "e2e/")


def devops_files(plan: Plan) -> dict[str, str]:
    return _part(AgentName.DEVOPS, plan)
