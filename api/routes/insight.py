"""What the agents are and did: identities, interactions, aggregates, health."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from api.access import Key, Services, needs
from api.problems import problem_responses
from api.schemas import (
    AgentSummary,
    BudgetOfToday,
    ForecastRecord,
    Health,
    Stats,
    WorkflowView,
    view_probe,
)
from core.access import Role
from core.agent_views import IdentityAnswer
from core.analytics import GroupBy, Series, begin_of, days_until, every_day
from core.episodes import EpisodeFilter
from core.errors import NoRoom
from core.forecast import accuracy
from core.model_setup import ModelChecks, ModelSetup
from core.models import AgentMetrics
from core.ports import Room
from core.rules import answer_with, record_of, view_rules
from core.types import AgentName

router = APIRouter()
open_router = APIRouter(tags=["service"])
VERSION = "0.1.0"
REMEMBERED = 100
"""So many of the last finished tasks tell how an agent does."""


@router.get("/agents", tags=["agents"], responses=problem_responses(401))
async def list_agents(given: Services) -> list[AgentSummary]:
    """The nine agents: model, identity version, and what they did so far.

    `record` is of the last 100 finished tasks in which the agent worked.
    """
    metrics = {entry.agent: entry for entry in await given.interactions.metrics()}
    found = []
    for agent in AgentName:
        identity = await given.identities.load(agent)
        rules = view_rules(identity)
        episodes = await given.episodes.list(EpisodeFilter(agent=agent, limit=REMEMBERED))
        found.append(
            AgentSummary(
                agent=agent,
                model=given.models[agent],
                identity_version=identity.version,
                rules=len(rules),
                trials=len(identity.trials),
                weak=sum(rule.weak for rule in rules),
                record=record_of(episodes),
                metrics=metrics.get(agent, AgentMetrics(agent=agent)),
            )
        )
    return found


@router.get("/agents/{agent}/identity", tags=["agents"], responses=problem_responses(401, 422))
async def get_identity(given: Services, agent: AgentName) -> IdentityAnswer:
    """The whole identity of one agent with its rules, those on trial, where each comes from, and which versions are kept."""
    return answer_with(await given.identities.load(agent), await given.identities.versions(agent))


@router.get("/models", tags=["agents"], responses=problem_responses(401))
async def get_models(given: Services) -> ModelSetup:
    """The model of every agent, where it comes from, its parameters, price, and whether its key is there."""
    return await given.describe_models()


@router.post(
    "/models/check", tags=["agents"], dependencies=[Depends(needs(Role.ADMIN))], responses=problem_responses(401, 403)
)
async def check_models(given: Services) -> ModelChecks:
    """Ask every model for one word, which costs money up to a small cap; what came of it."""
    return await given.check_models()


@router.get("/stats/series", tags=["service"], responses=problem_responses(401, 422))
async def get_series(
    given: Services, group_by: GroupBy = "day", days: Annotated[int, Query(ge=1, le=365)] = 7
) -> Series:
    """Calls by day (UTC), agent, model, prompt or identity, and tasks by day, of the last `days` days.

    A day without any is a row of zeros.
    """
    wanted = days_until(time.time(), days)
    rows = tuple(await given.calls.series(group_by, begin_of(wanted[0])))
    return Series(
        days=days,
        group_by=group_by,
        rows=every_day(rows, wanted) if group_by == "day" else rows,
        tasks=tuple(await given.task_days(wanted)),
    )


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
    if given.gate.caller(key) is None:
        return Health(status=status, version=VERSION)
    return Health(
        status=status,
        version=VERSION,
        uptime_s=round(time.time() - given.started_at, 1),
        offline=all(model.startswith("offline/") for model in given.models.values()),
        models=dict(given.models),
        sandbox=view_probe(await given.sandbox.probe()),
        disk_free_mb=given.room.free_bytes() >> 20,
        telegram=given.describe_chat(),
        config=given.config,
    )


def _status(room: Room) -> Literal["ok", "no_room"]:
    try:
        room.check()
    except NoRoom:
        return "no_room"
    return "ok"
