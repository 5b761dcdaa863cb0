"""The parameters that a call is sent with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.types import AgentName, JsonObject


@dataclass(frozen=True)
class Parameters:
    """The operator's layers. `by_model` is by model or by a prefix of it, of which the longest wins."""

    by_model: Mapping[str, JsonObject] = field(default_factory=dict)
    by_agent: Mapping[AgentName, JsonObject] = field(default_factory=dict)

    def of(self, model: str, agent: AgentName, own: JsonObject | None = None) -> JsonObject:
        """Laid over each other, lowest first: the model's, the agent's, the call's `own`."""
        merged: JsonObject = {}
        for prefix in sorted((prefix for prefix in self.by_model if model.startswith(prefix)), key=len):
            merged |= self.by_model[prefix]
        return {**merged, **self.by_agent.get(agent, {}), **(own or {})}
