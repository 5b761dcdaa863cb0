"""What the offline model says as the planner: plan and contract, whole, for a sentence or a wish."""

import json

from core.plan import Plan
from llm.offline.amending import amend
from llm.offline.answers import render_files
from llm.offline.contract import openapi
from llm.offline.planning import plan_sentence
from llm.offline.prompt_view import PromptView


def plan(prompt: PromptView) -> str:
    """The two files of the contract, or the sentence that says what can be built instead."""
    made = plan_sentence(prompt.sentence)
    if isinstance(made, str):
        return made
    left = f" Not covered: {'; '.join(made.not_covered)}." if made.not_covered else ""
    return render_files(f"{made.summary}{left}", contract_files(made))


def amend_files(prompt: PromptView) -> str:
    """The same files with the change that a person asks for, or a sentence and no files."""
    change = amend(prompt.plan, prompt.text("feedback"))
    if change.plan is None:
        return change.cannot
    return render_files(f"{change.said}{f' {change.cannot}' if change.cannot else ''}", contract_files(change.plan))


def contract_files(made: Plan) -> dict[str, str]:
    """`contract/plan.json` and `contract/openapi.json`."""
    return {
        "contract/plan.json": made.model_dump_json(indent=2) + "\n",
        "contract/openapi.json": json.dumps(openapi(made), indent=2, ensure_ascii=False) + "\n",
    }
