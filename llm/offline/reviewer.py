"""What the offline model says as code_reviewer: the review of the files that the prompt shows."""

from core.errors import ModelError
from core.findings import MINIMUM_SCORE
from core.plan import Plan
from core.types import JsonObject
from llm.offline.contract_view import read_operations
from llm.offline.prompt_view import PromptView
from llm.offline.reviewing import review as review_code
from starter import files as starter_files


def review(prompt: PromptView) -> JsonObject:
    """Scores, a summary, and findings with file and line; without a plan only what the code alone shows."""
    plan = _plan(prompt)
    contract = read_operations(prompt.text("operations")) or None
    given = starter_files(plan) if plan else {}
    return review_code(plan, contract, prompt.unnumbered_files, prompt.text("evidence"), MINIMUM_SCORE, beside=given)


def _plan(prompt: PromptView) -> Plan | None:
    try:
        return prompt.plan
    except ModelError:
        return None
