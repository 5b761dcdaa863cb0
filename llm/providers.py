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


def wire_messages(model: str, messages: Sequence[Message], breakpoints: Sequence[int] = ()) -> list[dict[str, object]]:
    """Messages as the chat format has them, with cache breakpoints for providers that read them.

    They stand behind the system message, at `breakpoints` of the first message of the user, and behind the last message once
    there was an answer: the next turn begins with all that was said. A provider takes four.
    """
    if not takes_cache_control(model):
        return [{"role": message.role, "content": message.content} for message in messages]
    first = next((number for number, message in enumerate(messages) if message.role == "user"), None)
    last = len(messages) - 1 if any(message.role == "assistant" for message in messages) else None
    return [
        {
            "role": message.role,
            "content": _parts(
                message.content,
                [
                    *(breakpoints if number == first else ()),
                    *([len(message.content)] if message.role == "system" or number == last else ()),
                ],
            ),
        }
        for number, message in enumerate(messages)
    ]


def _parts(text: str, ends: Sequence[int]) -> str | list[dict[str, object]]:
    """The text in parts, each of which ends with a breakpoint, and the rest; the text itself where there is none."""
    places = sorted({end for end in ends if 0 < end <= len(text)})
    if not places:
        return text
    marked: list[dict[str, object]] = [
        {"type": "text", "text": text[start:end], "cache_control": {"type": "ephemeral"}}
        for start, end in zip([0, *places], places, strict=False)
    ]
    rest = text[places[-1] :]
    return [*marked, {"type": "text", "text": rest}] if rest else marked
