"""Which part of the offline model answers which step of which agent."""

from collections.abc import Callable
from urllib.parse import parse_qs

from core.types import AgentName, JsonObject
from llm.offline import answering, builders, git, orchestrator, planner, reflecting, reviewer
from llm.offline.answers import render_json
from llm.offline.asking import question_of
from llm.offline.makers import maker_of
from llm.offline.prompt_view import PromptView

_JSON_STEPS: dict[tuple[AgentName, str], Callable[[PromptView], JsonObject]] = {
    (AgentName.ORCHESTRATOR, "classify"): orchestrator.classify,
    (AgentName.ORCHESTRATOR, "reply"): orchestrator.reply,
    (AgentName.ORCHESTRATOR, "feedback"): orchestrator.feedback,
    (AgentName.REVIEWER, "review"): reviewer.review,
    (AgentName.GIT, "describe"): git.describe,
    **{(agent, "reflect"): reflecting.reflect for agent in AgentName},
}
_TEXT_STEPS: dict[tuple[AgentName, str], Callable[[PromptView], str]] = {
    (AgentName.PLANNER, "plan"): planner.plan,
    (AgentName.PLANNER, "amend"): planner.amend_plan,
}


def answer(prompt: PromptView, model: str) -> str:
    """The whole answer of `model` to a prompt, with its mistakes in it if this is where they are made.

    `?ask=` in its name says who asks whom before it writes.
    """
    if prompt.step == "answer_question":
        return render_json(answering.answer_question(prompt))
    if question := question_of(prompt, parse_qs(model.partition("?")[2]).get("ask", [None])[0]):
        return question
    key = (prompt.agent, prompt.step)
    if key in _JSON_STEPS:
        return render_json(_JSON_STEPS[key](prompt))
    if key in _TEXT_STEPS:
        return _TEXT_STEPS[key](prompt)
    return builders.answer(prompt, maker_of(model))
