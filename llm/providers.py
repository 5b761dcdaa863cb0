"""What follows from a model's name: its provider, and how its messages are written."""

from collections.abc import Sequence

from core.models import Message

_BARE = {"claude": "anthropic", "gpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "chatgpt": "openai"}


def provider_of(model: str) -> str | None:
    """`groq` of `groq/llama-...`, `anthropic` of `claude-...`; None when the name alone does not say."""
    if "/" in model:
        return model.split("/", 1)[0]
    return _BARE.get(model.split("-", 1)[0])


def wire_name(model: str, provider: str) -> str:
    """The name that LiteLLM is given: with the provider that serves it in front, so that LiteLLM need not know the model."""
    rest = model.partition("/")[2] if model.startswith(f"{provider}/") else model
    # LiteLLM's other way to Ollama flattens a conversation into one text.
    return f"{'ollama_chat' if provider == 'ollama' else provider}/{rest}"


def takes_cache_control(model: str) -> bool:
    """Whether the provider reads Anthropic's cache breakpoints; others pass them on and refuse the request."""
    provider = provider_of(model)
    if provider == "openrouter":
        return model.startswith("openrouter/anthropic/")
    return provider == "anthropic" or (provider in ("bedrock", "vertex_ai") and "claude" in model)


def wire_messages(model: str, messages: Sequence[Message]) -> list[dict[str, object]]:
    """Messages as the chat format has them; the system message, which is stable, ends with a cache breakpoint."""
    cached = takes_cache_control(model)
    return [
        {
            "role": message.role,
            "content": _cached(message.content) if cached and message.role == "system" else message.content,
        }
        for message in messages
    ]


def _cached(text: str) -> list[dict[str, object]]:
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
