"""What the offline model says as the planner: the plan for a sentence or a wish. Its contract follows from the plan."""

from core.plan import Plan
from llm.offline.amending import amend
from llm.offline.answers import render_files
from llm.offline.planning import plan_sentence
from llm.offline.prompt_view import PromptView


def plan(prompt: PromptView) -> str:
    """The plan, or the sentence that says what can be built instead."""
    made = plan_sentence(prompt.sentence)
    if isinstance(made, str):
        return made
    left = f" Not covered: {'; '.join(made.not_covered)}." if made.not_covered else ""
    return render_files(f"{made.summary}{left}", plan_file(made))


def amend_plan(prompt: PromptView) -> str:
    """The plan with the change that a person asks for, or a sentence and no file."""
    change = amend(prompt.plan, prompt.text("feedback"))
    if change.plan is None:
        return change.cannot
    return render_files(f"{change.said}{f' {change.cannot}' if change.cannot else ''}", plan_file(change.plan))


def plan_file(made: Plan) -> dict[str, str]:
    """`contract/plan.json`."""
    return {"contract/plan.json": made.model_dump_json(indent=2) + "\n"}
