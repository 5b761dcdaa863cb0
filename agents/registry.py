"""The only list of the agents."""

from collections.abc import Mapping
from typing import Protocol

from agents.context import AgentContext, AgentResult, Brief
from agents.deciders import GitAgent, Orchestrator, Reviewer
from agents.planner import Planner
from agents.writers import Writer
from core.types import AgentName


class Agent(Protocol):
    """What every agent is to the workflow."""

    async def run(self, brief: Brief, context: AgentContext) -> AgentResult:
        """Do one step. Raises MalformedAnswer, ModelError, BudgetExceeded."""


AGENTS: Mapping[AgentName, Agent] = {
    AgentName.ORCHESTRATOR: Orchestrator(),
    AgentName.PLANNER: Planner(),
    AgentName.BACKEND: Writer(AgentName.BACKEND),
    AgentName.DATABASE: Writer(AgentName.DATABASE),
    AgentName.FRONTEND: Writer(AgentName.FRONTEND),
    AgentName.QA: Writer(AgentName.QA),
    AgentName.REVIEWER: Reviewer(),
    AgentName.GIT: GitAgent(),
    AgentName.DEVOPS: Writer(AgentName.DEVOPS),
}
