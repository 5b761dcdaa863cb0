"""The switch that makes an agent of the offline model ask another one, once in each step that writes, before it does."""

from core.errors import ModelError
from core.types import AgentName
from llm.offline.prompt_view import PromptView

_WRITING = frozenset({"build", "tests"})


def question_of(prompt: PromptView, asks: str | None) -> str | None:
    """The question that stands in front of this step, if `asks` (`backend_agent:database_agent`, or with `:words`) wants one.

    Raises ModelError for a switch that names no agent that asks.
    """
    if not asks:
        return None
    asker, _, rest = asks.partition(":")
    asked, _, words = rest.partition(":")
    if asker not in set(AgentName) or not asked:
        raise ModelError(f"ask={asks}: say who asks whom, as in ask=backend_agent:database_agent")
    if prompt.agent != asker or prompt.step not in _WRITING or prompt.answered:
        return None
    entity = prompt.plan.entities[0]
    text = words or f"Which fields of {entity.name} are required, and what does its table guarantee?"
    return f"Before I write I have to know something.\n\n````ask agent={asked}\n{text}\n````\n"
