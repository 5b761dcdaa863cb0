"""Parts of the application that a plan makes: the starter's files, and what the offline model writes on top of them."""

from core.plan import Plan
from core.types import AgentName
from llm.offline.builders import whole_part


def _part(agent: AgentName, plan: Plan, under: str = "") -> dict[str, str]:
    return {path: text for path, text in whole_part(agent, plan).items() if path.startswith(under)}


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
