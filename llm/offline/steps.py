"""Which part of the offline model answers which step of which agent."""

from collections.abc import Callable

from core.types import AgentName, JsonObject
from llm.offline import builders, git, orchestrator, planner, reviewer
from llm.offline.answers import render_json
from llm.offline.prompt_view import PromptView

_JSON_STEPS: dict[tuple[AgentName, str], Callable[[PromptView], JsonObject]] = {
    (AgentName.ORCHESTRATOR, "classify"): orchestrator.classify,
    (AgentName.ORCHESTRATOR, "reply"): orchestrator.reply,
    (AgentName.ORCHESTRATOR, "feedback"): orchestrator.feedback,
    (AgentName.REVIEWER, "review"): reviewer.review,
    (AgentName.GIT, "describe"): git.describe,
}
_TEXT_STEPS: dict[tuple[AgentName, str], Callable[[PromptView], str]] = {
    (AgentName.PLANNER, "plan"): planner.plan,
    (AgentName.PLANNER, "amend"): planner.amend_plan,
}


def answer(prompt: PromptView, fault: str | None) -> str:
    """The whole answer to a prompt, with the named mistake in it if this is where it is made."""
    key = (prompt.agent, prompt.step)
    if key in _JSON_STEPS:
        return render_json(_JSON_STEPS[key](prompt))
    if key in _TEXT_STEPS:
        return _TEXT_STEPS[key](prompt)
    return builders.answer(prompt, fault)
