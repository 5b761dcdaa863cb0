"""Small value types that every part of the house shares."""

from enum import StrEnum
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | dict[str, Json] | None")
"""Any JSON value."""

JsonObject: TypeAlias = dict[str, Json]


class Value(BaseModel):
    """Base of everything that crosses a border: frozen, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AgentName(StrEnum):
    """The nine agents, in the order of the build workflow."""

    ORCHESTRATOR = "orchestrator"
    PLANNER = "planner"
    BACKEND = "backend_agent"
    DATABASE = "database_agent"
    FRONTEND = "frontend_agent"
    QA = "qa_agent"
    REVIEWER = "code_reviewer"
    GIT = "git_agent"
    DEVOPS = "devops_agent"


BUILDERS: tuple[AgentName, ...] = (AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND)
"""Agents that write source from the contract, in the order in which their results are committed."""


class TaskStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting_for_input"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """True when nothing more will happen to the task by itself or by an answer."""
        return self in (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class Usage(Value):
    """Tokens of one model call, as the provider reported them (estimated where it did not)."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens
