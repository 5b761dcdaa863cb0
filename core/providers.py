"""Providers that the settings have keys for, and those that need none."""

from collections.abc import Mapping

KEY_SETTINGS: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "groq": "GROQ_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
"""The setting of each provider's key."""
KEYLESS = frozenset({"offline", "mailbox", "ollama", "ollama_chat"})
"""Providers that want no key."""
