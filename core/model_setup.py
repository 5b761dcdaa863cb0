"""Which model each agent has, what it costs and whether its key is there; and what came of asking it."""

from typing import Literal

from pydantic import Field

from core.budget import Price
from core.providers import KeyState
from core.types import AgentName, Json, Value


class ModelFacts(Value):
    """One model: who provides it, the state of its key (never the key), its list price (None when nobody knows it)."""

    model: str
    provider: str | None
    key: KeyState
    key_variable: str | None = Field(description="the setting that holds the key")
    price: Price | None


class AgentModel(Value):
    """`source` is the setting that names the model, `default`, or why it is the offline model; `fallback` is asked next."""

    agent: AgentName
    model: str
    source: str
    fallback: str | None
    parameters: dict[str, Json] = Field(description="as they are sent, of all layers; without secrets")


class ModelSetup(Value):
    """`models` has every model once, fallbacks too. A model of unknown price is reckoned at `dearest`, if at all."""

    agents: tuple[AgentModel, ...]
    models: tuple[ModelFacts, ...]
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
