"""Which model each agent has, what it costs and whether its key is there; and what came of asking it."""

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

from pydantic import Field

from core.budget import Price
from core.types import AgentName, Json, Value

KEY_VARIABLES: Mapping[str, str] = {
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
    return "missing" if provider in KEY_VARIABLES else "unknown"


class ModelFacts(Value):
    """One model: who provides it, the state of its key (never the key), its list price (None when nobody knows it)."""

    model: str
    provider: str | None
    key: KeyState
    key_variable: str | None = Field(description="the setting that holds the key")
    price: Price | None


class AgentModel(Value):
    """`source` is the setting that names the model, `default`, or why it is the offline model."""

    agent: AgentName
    model: str
    source: str
    parameters: dict[str, Json] = Field(description="as they are sent, of all layers; without secrets")


class ModelSetup(Value):
    """`models` has every model once, the fallback too. A model of unknown price is reckoned at `dearest`, if at all."""

    agents: tuple[AgentModel, ...]
    models: tuple[ModelFacts, ...]
    fallback: str | None
    unknown_price: Literal["ask", "deny", "upper_bound"]
    dearest: Price


class ModelCheck(Value):
    """What came of asking one model: `detail` is a sentence."""

    model: str
    ok: bool
    detail: str
    cost_usd: float = 0.0
    seconds: float = 0.0


class ModelChecks(Value):
    """Together they could not cost more than `cap_usd`."""

    checks: tuple[ModelCheck, ...]
    cost_usd: float
    cap_usd: float
