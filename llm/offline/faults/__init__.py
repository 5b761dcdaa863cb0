"""Mistakes for proof: each is one that people really make, planted in a first attempt and repaired once a finding names it."""

from collections.abc import Mapping

from core.types import AgentName
from llm.offline.faults import backend, backend_data, database, devops, frontend, qa
from llm.offline.faults.fault import Fault

__all__ = ["FAULTS", "Fault", "faults_of_agent", "find"]

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for part in (backend, backend_data, database, frontend, qa, devops)
    for fault in part.FAULTS
}  # fmt: skip
"""Every fault by its name; those of an agent in the order in which they are made."""


def find(name: str) -> Fault | None:
    """The fault of that name, written with hyphens or underscores."""
    return FAULTS.get(name.strip().lower().replace("-", "_"))


def faults_of_agent(agent: AgentName) -> tuple[Fault, ...]:
    """Every mistake that this agent can make."""
    return tuple(fault for fault in FAULTS.values() if fault.agent is agent)
