"""How every conversation begins: what is common to all first, then the task, then the agent; the step comes behind it.

The same words in the same order, so that the calls of a build share as long a beginning as they can (ADR 17).
"""

from dataclasses import dataclass
from typing import Literal

from agents.excerpts import documents_for
from agents.prompting import PromptLibrary
from core.plan import Plan
from core.types import AgentName, JsonObject
from starter import digest

SHOWS_PAGES = frozenset({AgentName.FRONTEND, AgentName.QA})
"""Agents that have to know how the pages look."""
WITHOUT_CONVENTIONS = frozenset({AgentName.ORCHESTRATOR, AgentName.GIT})
"""Agents that neither write nor judge code."""


@dataclass(frozen=True)
class Opening:
    """`system` is the system message; `task` and `agent` are how the first message of the user begins."""

    system: str
    task: str
    agent: str

    @property
    def breakpoints(self) -> tuple[int, ...]:
        """Characters of the first message of the user after which another agent, and another step, go on differently."""
        return len(self.task), len(self.task) + len(self.agent)

    def first(self, step: str) -> str:
        """The first message of the user."""
        return f"{self.task}{self.agent}{step}"


def make_opening(
    library: PromptLibrary,
    agent: AgentName,
    *,
    sentence: str,
    plan: Plan | None,
    contract: JsonObject | None,
    identity: str,
    answer_format: Literal["files", "json"],
    colleagues: tuple[AgentName, ...] = (),
) -> Opening:
    """The opening of an agent's conversations about a task; it depends on nothing else.

    `colleagues` are those that it may ask.
    """
    has_frontend, with_auth = plan is None or plan.has_frontend, plan is None or plan.auth is not None
    conventions = library.render(
        agent,
        "system",
        with_house=agent not in WITHOUT_CONVENTIONS,
        with_references=plan is None or plan.has_references,
        with_auth=with_auth,
    )
    task = library.render(
        agent,
        "task",
        sentence=sentence,
        documents=documents_for(agent, plan, contract),
        show_pages=agent in SHOWS_PAGES and has_frontend,
    )
    about = library.render(
        agent,
        "agent",
        paths=plan.ownership.get(agent, ()) if plan and agent is not AgentName.PLANNER else (),
        starter=digest(agent, plan) if plan else "",
        identity=identity,
        answer_format=answer_format,
        colleagues=colleagues,
        has_frontend=has_frontend,
        with_auth=with_auth,
    )
    return Opening(conventions.text.rstrip(), f"{task.text.rstrip()}\n\n", f"{about.text.rstrip()}\n\n")
