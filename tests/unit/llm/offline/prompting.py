"""Requests as the agents really render them, for tests of what the offline model makes of them."""

import json
from pathlib import Path
from typing import Any, Literal

from agents.opening import make_opening
from agents.prompting import PromptLibrary
from core.models import Message, ModelRequest
from core.plan import Plan
from core.standard.document import openapi
from core.types import AgentName

PROMPTS = PromptLibrary(Path(__file__).parents[4] / "prompts")
GIVEN: dict[str, Any] = {
    "brief": "Follow the plan.",
    "criteria": (),
    "plan_schema": "",
    "rule_kinds": "",
    "by_agents": False,
    "with_auth": True,
}
DECIDERS = (AgentName.ORCHESTRATOR, AgentName.REVIEWER, AgentName.GIT)


def make_request(
    agent: AgentName,
    step: str,
    *,
    sentence: str = "A blog with posts",
    plan: Plan | None = None,
    model: str = "offline/scaffold",
    max_output_tokens: int = 400_000,
    identity: str = "",
    **values: Any,
) -> ModelRequest:
    """The first call of an agent's step."""
    answer_format: Literal["files", "json"] = "json" if agent in DECIDERS else "files"
    opening = make_opening(
        PROMPTS,
        agent,
        sentence=sentence,
        plan=plan,
        contract=openapi(plan) if plan else None,
        identity=identity,
        answer_format=answer_format,
    )
    if plan is not None and agent is AgentName.PLANNER:
        files = {"contract/plan.json": plan.model_dump_json(), "contract/openapi.json": json.dumps(openapi(plan))}
        values = {"files": files, "findings": (), **values}
    asked = PROMPTS.render(agent, step, **{**GIVEN, **values})
    return ModelRequest(
        task_id="t1", agent=agent, model=model, prompt_name=asked.name, prompt_hash=asked.source_hash,
        messages=(
            Message(role="system", content=opening.system),
            Message(role="user", content=opening.first(asked.text)),
        ),
        max_output_tokens=max_output_tokens, answer_format=answer_format,
    )  # fmt: skip


def follow_up(request: ModelRequest, said: str, step: str, **values: object) -> ModelRequest:
    """The same conversation, one turn later."""
    asked = PROMPTS.render(request.agent, step, **values)
    more = (Message(role="assistant", content=said), Message(role="user", content=asked.text))
    return request.model_copy(update={"messages": (*request.messages, *more)})
