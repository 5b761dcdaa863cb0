"""What of plan and contract each agent is shown: whole to those who build by it, the needed part to the others.

The texts depend on plan, contract and agent alone, and what more agents are shown comes first, so that prompts begin alike.
"""

import json

from core.contract_text import contract_operations, contract_schemas, operations_of
from core.plan import Plan
from core.types import AgentName, Json, JsonObject

Documents = tuple[tuple[str, str], ...]
"""(block name, text), in the order in which they stand in the prompt."""


def documents_for(agent: AgentName, plan: Plan | None, contract: JsonObject | None) -> Documents:
    """Blocks for the beginning of an agent's conversation; none before there is a plan.

    The planner is shown both as files, in the step that changes them.
    """
    if plan is None or agent is AgentName.PLANNER:
        return ()
    if agent is AgentName.GIT:
        return (("plan_summary", _compact(_summary(plan, contract or {}))),)
    whole = ("plan", _compact(_agreed(plan)))
    if agent is AgentName.DEVOPS:
        return (whole,)
    schemas = ("schemas", contract_schemas(contract or {}))
    if agent is AgentName.DATABASE:
        return (whole, schemas)
    return (whole, schemas, ("operations", contract_operations(contract or {})))


def _agreed(plan: Plan) -> JsonObject:
    """The plan without defaults, which the conventions name, and without what is said to one agent or to people."""
    said_to_others = {"ownership", "agents", "covered", "not_covered"}
    shown: JsonObject = plan.model_dump(mode="json", exclude_defaults=True, exclude=said_to_others)
    return {**shown, "frontend": plan.has_frontend}


def _summary(plan: Plan, contract: JsonObject) -> JsonObject:
    return {
        "title": plan.title,
        "summary": plan.summary,
        "entities": [entity.label_plural for entity in plan.entities],
        "rules": [rule.statement for rule in plan.rules],
        "operations": _operations(contract),
        "covered": list(plan.covered),
        "not_covered": list(plan.not_covered),
    }


def _operations(contract: JsonObject) -> list[Json]:
    """`GET /api/posts (list_posts)` for every operation, in the contract's order."""
    return [
        f"{method.upper()} {path} ({operation.get('operationId', '')})"
        for path, method, operation in operations_of(contract)
    ]


def _compact(document: JsonObject) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
