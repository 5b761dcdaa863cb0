"""What the agents are and did: identities, interactions, aggregates, health."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.access import Key, Services, knows_key
from api.problems import problem_responses
from api.schemas import (
    AgentSummary,
    BudgetOfToday,
    ForecastRecord,
    Health,
    IdentityView,
    LogPage,
    Stats,
    WorkflowView,
    view_probe,
)
from core.errors import NoRoom
from core.forecast import accuracy
from core.model_setup import ModelChecks, ModelSetup
from core.models import AgentMetrics, InteractionFilter
from core.ports import Room
from core.types import AgentName

router = APIRouter()
open_router = APIRouter(tags=["service"])
VERSION = "0.1.0"


@router.get("/agents", tags=["agents"], responses=problem_responses(401))
async def list_agents(given: Services) -> list[AgentSummary]:
    """The nine agents: model, identity version, and what they did so far."""
    metrics = {entry.agent: entry for entry in await given.interactions.metrics()}
    found = []
    for agent in AgentName:
        identity = await given.identities.load(agent)
        rules = len(identity.learned_rules) + len(identity.correction_rules)
        found.append(
            AgentSummary(
                agent=agent,
                model=given.models[agent],
                identity_version=identity.version,
                rules=rules,
                metrics=metrics.get(agent, AgentMetrics(agent=agent)),
            )
        )
    return found


@router.get("/agents/{agent}/identity", tags=["agents"], responses=problem_responses(401, 422))
async def get_identity(given: Services, agent: AgentName) -> IdentityView:
    """The whole identity of one agent, and which versions are kept."""
    identity = await given.identities.load(agent)
    versions = await given.identities.versions(agent)
    return IdentityView(identity=identity, versions=tuple(entry.version for entry in versions))


@router.get("/models", tags=["agents"], responses=problem_responses(401))
async def get_models(given: Services) -> ModelSetup:
    """The model of every agent, where it comes from, its parameters, price, and whether its key is there."""
    return await given.describe_models()


@router.post("/models/check", tags=["agents"], responses=problem_responses(401))
async def check_models(given: Services) -> ModelChecks:
    """Ask every model for one word, which costs money up to a small cap; what came of it."""
    return await given.check_models()


@router.get("/logs", tags=["agents"], responses=problem_responses(401, 422))
async def list_interactions(
    given: Services,
    task_id: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    agent: AgentName | None = None,
    model: Annotated[str | None, Query(max_length=200)] = None,
    success: bool | None = None,
    before: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LogPage:
    """Every model call with its prompt and answer, newest first."""
    query = InteractionFilter(task_id=task_id, agent=agent, model=model, success=success, before=before, limit=limit)
    items = tuple(await given.interactions.list(query))
    return LogPage(items=items, next=items[-1].interaction_id if len(items) == limit else None)


@router.get("/stats", tags=["service"], responses=problem_responses(401))
async def get_stats(given: Services) -> Stats:
    """Tasks by status, calls and cost by agent, today's budget, and how forecasts came true."""
    agents = tuple(await given.interactions.metrics())
    day, *callers = await given.ledger.today()
    outcomes = await given.outcomes()
    return Stats(
        tasks=dict(await given.count_tasks()),
        agents=agents,
        total_cost_usd=sum(entry.cost_usd for entry in agents),
        budget=BudgetOfToday(day=day, callers=tuple(callers)),
        forecasts=ForecastRecord(
            usd=accuracy([(each.forecast.usd, each.usd) for each in outcomes]),
            tokens=accuracy([(each.forecast.tokens, each.tokens) for each in outcomes]),
        ),
    )


@router.get("/workflows", tags=["service"], responses=problem_responses(401))
async def list_workflows(given: Services) -> list[WorkflowView]:
    """What can be submitted, with the JSON Schema of each workflow's options."""
    return [WorkflowView.model_validate(entry) for entry in given.workflows]


@open_router.get("/health")
async def get_health(given: Services, key: Key = None) -> Health:
    """That the service is up; with the right key (or where none is needed) also how it is set up."""
    status = _status(given.room)
    if not knows_key(given, key):
        return Health(status=status, version=VERSION)
    return Health(
        status=status,
        version=VERSION,
        uptime_s=round(time.time() - given.started_at, 1),
        offline=all(model.startswith("offline/") for model in given.models.values()),
        models=dict(given.models),
        sandbox=view_probe(await given.sandbox.probe()),
        disk_free_mb=given.room.free_bytes() >> 20,
        config=given.config,
    )


def _status(room: Room) -> Literal["ok", "no_room"]:
    try:
        room.check()
    except NoRoom:
        return "no_room"
    return "ok"
