"""Parameters that an operator adds to the calls of a model: which may be set, and of what kind their values are."""

from collections.abc import Mapping

from core.types import Json, JsonObject

_LIMITS = "the service sets it, from what was reserved for the call"
_RETRIES = "retries and fallbacks are set by LLM_MAX_RETRIES and MODEL_FALLBACK"
_READS = "the service reads one streamed answer of text"
_CALL = "the agent sets it"
RESERVED: Mapping[str, str] = {
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "max_output_tokens"), _LIMITS),
    **dict.fromkeys(("num_retries", "max_retries", "fallbacks", "context_window_fallback_dict"), _RETRIES),
    **dict.fromkeys(("n", "best_of", "stream", "stream_options", "tools", "tool_choice", "functions"), _READS),
    **dict.fromkeys(("model", "messages", "response_format", "drop_params", "mock_response"), _CALL),
}
"""Names that may not be set, with the reason: what would cost more than was reserved, or is done elsewhere."""
_DECIMALS = {"temperature": (0, 2), "top_p": (0, 1), "presence_penalty": (-2, 2), "frequency_penalty": (-2, 2)}
_WHOLE = {"top_k": 0, "seed": -(1 << 63), "num_ctx": 1, "timeout": 1}
_TEXTS = ("api_key", "api_base", "reasoning_effort")
_OBJECTS = ("thinking", "extra_headers", "extra_body", "logit_bias", "metadata", "output_config", "provider")


def fault_in_params(params: JsonObject) -> str:
    """What is wrong with the first of them that is wrong, beginning with its name; empty when all may be set.

    A name that is not known here is left to LiteLLM and the provider.
    """
    return next((f"{name} {fault}" for name, value in params.items() if (fault := _fault(name, value))), "")


def _fault(name: str, value: Json) -> str:
    if name in RESERVED:
        return f"may not be set: {RESERVED[name]}"
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if name in _DECIMALS:
        low, high = _DECIMALS[name]
        ok = number and low <= value <= high  # type: ignore[operator]  # `number` says that it is one
        return "" if ok else f"must be a number from {low} to {high}"
    if name in _WHOLE:
        ok = number and isinstance(value, int) and value >= _WHOLE[name]
        return "" if ok else "must be a whole number" + (f" of at least {_WHOLE[name]}" if _WHOLE[name] >= 0 else "")
    if name in _OBJECTS:
        return "" if isinstance(value, dict) else "must be a JSON object"
    if name == "stop":
        texts = value if isinstance(value, list) else [value]
        return "" if all(isinstance(text, str) for text in texts) else "must be a text or a list of texts"
    if name in _TEXTS:
        return "" if isinstance(value, str) else "must be a text"
    return ""
