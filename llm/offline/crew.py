"""Which agents a plan needs, why, what each is told, and the paths that each may write."""

from core.plan import AgentPlan, EntitySpec, RuleSpec
from core.types import AgentName


def agent_plans(
    entities: tuple[EntitySpec, ...], rules: tuple[RuleSpec, ...], *, auth: bool, frontend: bool
) -> tuple[AgentPlan, ...]:
    """The agents that take part, in the order of the workflow."""
    things = ", ".join(entity.label_plural for entity in entities)
    business = "; ".join(rule.statement.rstrip(".") for rule in rules)
    said: dict[AgentName, tuple[str, str]] = {
        AgentName.ORCHESTRATOR: ("classifies the request, routes findings and reads replies", ""),
        AgentName.PLANNER: ("writes the contract that everybody builds from", ""),
        AgentName.BACKEND: (
            f"the API keeps {things}",
            f"Serve every operation of the contract for {things}."
            + (" Accounts with argon2 hashes and bearer JWTs; rows of `owner` entities are invisible to others." if auth else "")
            + (f" Business rules, in services: {business}." if business else ""),
        ),
        AgentName.DATABASE: (
            f"{things} are stored",
            f"Models, constraints and one migration for {things}. {_constraints(entities)}".strip(),
        ),
        AgentName.FRONTEND: (
            "people use the application in a browser",
            f"One page with list, search and form for each of {things}; sign-in pages when the plan has `auth`.",
        ),
        AgentName.QA: (
            "nothing is approved untested",
            "Test every operation of the contract with its success and each of its errors"
            + (f", and each rule: {business}." if business else "."),
        ),
        AgentName.REVIEWER: ("security, performance and quality are scored", "Check access, queries and error handling."),
        AgentName.GIT: ("the approved tree is published", ""),
        AgentName.DEVOPS: ("the application can be shipped", "Container, compose file, CI workflow and Cloud Run configuration."),
    }  # fmt: skip
    return tuple(
        AgentPlan(agent=agent, why=why, brief=brief)
        for agent, (why, brief) in said.items()
        if frontend or agent is not AgentName.FRONTEND
    )


def _constraints(entities: tuple[EntitySpec, ...]) -> str:
    unique = [f"{entity.name}.{field.name}" for entity in entities for field in entity.fields if field.unique]
    together = [f"{entity.name} ({', '.join(names)})" for entity in entities for names in entity.unique_together]
    return f"Unique: {', '.join([*unique, *together])}." if unique or together else ""
