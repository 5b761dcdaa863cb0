"""Providers that the settings have keys for, and those that need none."""

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

KEY_SETTINGS: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "groq": "GROQ_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
"""The setting of each provider's key."""
KEYLESS = frozenset({"offline", "mailbox", "replay", "ollama", "ollama_chat"})
"""Providers that want no key."""

KeyState: TypeAlias = Literal["set", "missing", "not needed", "unknown"]


def key_state(provider: str | None, with_key: Collection[str], with_address: Collection[str] = ()) -> KeyState:
    """`with_key` and `with_address` are the providers whose key or address is set; an own address may want no key.

    `unknown` is a provider whose key is not one of the service's settings.
    """
    if provider in with_key:
        return "set"
    if provider in KEYLESS or provider in with_address:
        return "not needed"
    return "missing" if provider in KEY_SETTINGS else "unknown"
