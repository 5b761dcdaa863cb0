"""Where a fork goes on when that is not simply where its checkpoint stopped."""

from dataclasses import dataclass

from graph.state import AgentState

FROM_THE_START = "__start__"
"""LangGraph's name of what comes before the first node."""


@dataclass(frozen=True)
class Redirect:
    """Go on as if the node `as_node` had just answered with `values`."""

    values: AgentState
    as_node: str
