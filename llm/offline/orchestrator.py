"""What the offline model says as the orchestrator: whether a request can be built, and who has to act on feedback."""

from core.types import AgentName, Json, JsonObject
from llm.offline.amending import amend
from llm.offline.planning import plan_sentence
from llm.offline.prompt_view import PromptView
from llm.offline.replies import read_reply


def classify(prompt: PromptView) -> JsonObject:
    """Build what can be read; refuse the rest with what can be built instead."""
    planned = plan_sentence(prompt.sentence)
    if isinstance(planned, str):
        return {"decision": "refuse", "reason": planned, "criteria": []}
    kept = ", ".join(entity.label_plural.lower() for entity in planned.entities)
    left = f" Not part of it: {'; '.join(planned.not_covered)}." if planned.not_covered else ""
    criteria = [rule.statement for rule in planned.rules[:3]]
    criteria += ["Rows of one user are invisible to others." if planned.auth else "Every input is validated."]
    return {
        "decision": "build",
        "reason": f"{planned.title} keeps {kept}.{left}",
        "criteria": [*criteria, "Every list is bounded and no query runs per row."],
    }


def reply(prompt: PromptView) -> JsonObject:
    """Read a person's answer to a question."""
    return read_reply(prompt.text("reply"), prompt.object("question")).as_json()


def feedback(prompt: PromptView) -> JsonObject:
    """A wish that changes the plan goes through the planner; of anything else, say that it cannot be done."""
    wish = prompt.text("feedback")
    change = amend(prompt.plan, wish)
    if change.plan is None:
        return {"amend_contract": False, "findings": [], "cannot": change.cannot}
    findings: list[Json] = [
        {"owner": entry.agent.value, "file": None, "message": f"The plan changed: {change.said}"}
        for entry in change.plan.agents
        if entry.agent in (AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND)
    ]
    return {"amend_contract": True, "findings": findings, "cannot": change.cannot}
