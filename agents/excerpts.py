"""What of plan and contract each agent is shown: whole to those who build by it, the needed part to the others.

The texts depend on plan, contract and agent alone, and shared ones come first, so that prompts keep a common prefix.
"""

import json

from core.plan import Plan
from core.types import AgentName, Json, JsonObject

Documents = tuple[tuple[str, str], ...]
"""(block name, text), in the order in which they stand in the prompt."""

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def documents_for(agent: AgentName, plan: Plan | None, contract: JsonObject | None) -> Documents:
    """Blocks for the agent's system message; none before there is a plan."""
    if plan is None:
        return ()
    if agent is AgentName.GIT:
        return (("plan_summary", _compact(_summary(plan, contract or {}))),)
    # What is not said is the default, and the shape of the application names the defaults.
    whole = ("plan", plan.model_dump_json(exclude_defaults=True))
    match agent:
        case AgentName.DEVOPS:
            return (whole,)
        case AgentName.DATABASE:
            return (whole, ("schemas", _compact(_stored_schemas(contract or {}))))
        case _:
            return (whole, ("contract", _compact(contract or {})))


def _stored_schemas(contract: JsonObject) -> JsonObject:
    """The contract's schemas without envelopes of lists: types, lengths and bounds of what is stored."""
    components = contract.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(schemas, dict):
        return {}
    return {name: schema for name, schema in schemas.items() if not name.endswith("Page")}


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
    paths = contract.get("paths")
    return [
        f"{method.upper()} {path} ({operation.get('operationId', '')})"
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(item, dict)
        for method in _METHODS
        if isinstance(operation := item.get(method), dict)
    ]


def _compact(document: JsonObject) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
