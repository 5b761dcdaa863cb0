"""What a provider can do beyond the plain question, added where the model is known to have it and left out elsewhere."""

from core.models import ModelRequest
from core.types import AgentName, Json, JsonObject
from llm.answer_schemas import closed
from llm.model_table import TableEntry
from llm.providers import provider_of

THINKERS = frozenset({AgentName.ORCHESTRATOR, AgentName.PLANNER, AgentName.BACKEND})
LEAST_OUTPUT_FOR_THINKING = 4_096
"""Tokens. Thinking is paid from the answer's own; a smaller answer would be eaten up by it."""
_CLAUDES = frozenset({"anthropic", "bedrock", "vertex_ai"})
_OPERATORS_CHOICE = frozenset({"thinking", "reasoning_effort", "output_config"})
_LEAST_TOP_P = 0.95


def thinking(request: ModelRequest, facts: TableEntry) -> JsonObject:
    """Adaptive thinking, for agents that decide how the rest is done; empty where it cannot or should not be.

    With it Claude takes no other temperature than 1, no top_k and no low top_p
    (https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking): what was set by hand is kept instead.
    """
    params = request.params
    fits = (
        request.agent in THINKERS
        and facts.thinks_adaptively
        and provider_of(request.model) in _CLAUDES
        and request.max_output_tokens >= LEAST_OUTPUT_FOR_THINKING
        and not _OPERATORS_CHOICE & params.keys()
        and params.get("temperature", 1) == 1
        and "top_k" not in params
        and _at_least(params.get("top_p"), _LEAST_TOP_P)
    )
    # Summaries, although nobody reads them: they keep a stream alive on which nothing else arrives for minutes.
    return {"thinking": {"type": "adaptive", "display": "summarized"}} if fits else {}


def answer_format(request: ModelRequest, facts: TableEntry) -> JsonObject:
    """The schema of a json answer, for models that can be held to it; empty for others."""
    schema = request.answer_schema
    if schema is None or schema.get("type") != "object" or not facts.takes_schema:
        return {}
    strict = closed(schema)
    if strict is None and facts.provider == "anthropic":
        return {}  # it takes no other
    wanted: JsonObject = {"name": "answer", "schema": strict or schema, "strict": strict is not None}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


def _at_least(value: Json, least: float) -> bool:
    return value is None or (isinstance(value, int | float) and value >= least)
