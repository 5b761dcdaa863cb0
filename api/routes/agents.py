"""What the agents are: identities with their rules and versions, what changed them, and changes by people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access import Acting, Services, needs
from api.problems import problem_responses
from api.schemas import ExperimentAnswer, MemoryDiffPage
from api.services import ApiServices
from core.access import Role
from core.agent_views import (
    ExperimentView,
    IdentityAnswer,
    MemoryDiffFilter,
    NewRule,
    Rollback,
    RuleChange,
    RuleView,
    VersionDiff,
    VersionView,
)
from core.identity import Identity
from core.rules import answer_with, diff_versions, find_version, view_rules, view_versions
from core.types import AgentName

router = APIRouter(tags=["agents"])
RuleId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
admin = [Depends(needs(Role.ADMIN))]


@router.get("/agents/{agent}/rules", responses=problem_responses(401, 422))
async def list_rules(given: Services, agent: AgentName) -> list[RuleView]:
    """Its rules, and how tasks went in which they were told."""
    return list(view_rules(await given.identities.load(agent)))


@router.patch(
    "/agents/{agent}/rules/{rule_id}", dependencies=admin, responses=problem_responses(400, 401, 403, 404, 409, 422)
)
async def change_rule(
    given: Services,
    agent: AgentName,
    rule_id: RuleId,
    change: RuleChange,
    actor: Acting,
) -> IdentityAnswer:
    """Pin a rule or let it go, disable it or let it be told again. Makes a new version."""
    return await _answer(given, await given.identity_commands.change_rule(agent, rule_id, change, actor))


@router.post(
    "/agents/{agent}/rules",
    dependencies=admin,
    status_code=201,
    responses=problem_responses(400, 401, 403, 409, 422),
)
async def add_rule(given: Services, agent: AgentName, wanted: NewRule, actor: Acting) -> IdentityAnswer:
    """Put a rule there as a correction, told from then on and not tried first. Makes a new version."""
    return await _answer(given, await given.identity_commands.add_rule(agent, wanted, actor))


@router.delete(
    "/agents/{agent}/rules/{rule_id}", dependencies=admin, responses=problem_responses(401, 403, 404, 409, 422)
)
async def delete_rule(
    given: Services, agent: AgentName, rule_id: RuleId, expected_version: Annotated[int, Query(ge=1)], actor: Acting
) -> IdentityAnswer:
    """Take a rule away, or one on trial; a pinned one is refused. Makes a new version."""
    return await _answer(given, await given.identity_commands.delete_rule(agent, rule_id, expected_version, actor))


@router.post(
    "/agents/{agent}/rules/{rule_id}/experiment",
    dependencies=admin,
    status_code=202,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
)
async def try_rule(
    given: Services, agent: AgentName, rule_id: RuleId, actor: Acting, response: Response
) -> ExperimentAnswer:
    """Try a standing rule or one on trial, and do what the result says: promote or drop, keep or prune.

    Answers at once; while the rule is tried, again with the same. Location is where to see how it goes.
    """
    begun = await given.experiments.begin(agent, rule_id, actor)
    response.headers["Location"] = f"/agents/{agent}/rules/{rule_id}/experiment"
    return _experiment(begun)


@router.get("/agents/{agent}/rules/{rule_id}/experiment", responses=problem_responses(401, 404, 422))
async def get_experiment(given: Services, agent: AgentName, rule_id: RuleId) -> ExperimentAnswer:
    """How the last experiment with this rule goes that was asked for since the service started; also of a rule that has left."""
    return _experiment(given.experiments.find(agent, rule_id))


@router.get("/agents/{agent}/versions", responses=problem_responses(401, 422))
async def list_versions(given: Services, agent: AgentName) -> list[VersionView]:
    """The kept versions (the last 10), newest first."""
    return list(view_versions(await given.identities.versions(agent)))


@router.get("/agents/{agent}/versions/{version}", responses=problem_responses(401, 404, 422))
async def get_version(given: Services, agent: AgentName, version: Annotated[int, Path(ge=1)]) -> IdentityAnswer:
    """A kept version, whole; counters of rules are those of the time it was saved."""
    versions = await given.identities.versions(agent)
    return answer_with(find_version(versions, version), versions)


@router.get("/agents/{agent}/versions/{version}/diff", responses=problem_responses(401, 404, 422))
async def get_version_diff(
    given: Services,
    agent: AgentName,
    version: Annotated[int, Path(ge=1)],
    base: Annotated[int | None, Query(ge=1, description="the version before it when left out")] = None,
) -> VersionDiff:
    """What differs from `base` to this version."""
    versions = await given.identities.versions(agent)
    other = find_version(versions, version)
    return diff_versions(find_version(versions, version - 1 if base is None else base), other)


@router.post("/agents/{agent}/rollback", dependencies=admin, responses=problem_responses(400, 401, 403, 404, 409, 422))
async def roll_back(given: Services, agent: AgentName, wanted: Rollback, actor: Acting) -> IdentityAnswer:
    """Make an earlier version the current one, as a new version; counters of rules stay."""
    return await _answer(given, await given.identity_commands.roll_back(agent, wanted, actor))


@router.get("/agents/{agent}/memory-diffs", responses=problem_responses(401, 422))
async def list_memory_diffs(
    given: Services,
    agent: AgentName,
    before: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MemoryDiffPage:
    """What changed it, newest first: rules added, removed, and turned away with the reason."""
    found = await given.memory_diffs.list(MemoryDiffFilter(agent=agent, before=before, limit=limit + 1))
    page = tuple(found[:limit])
    return MemoryDiffPage(items=page, next=page[-1].diff_id if len(found) > limit else None)


async def _answer(given: ApiServices, identity: Identity) -> IdentityAnswer:
    return answer_with(identity, await given.identities.versions(identity.agent))


def _experiment(view: ExperimentView) -> ExperimentAnswer:
    return ExperimentAnswer(**dict(view), memory_diffs=f"/agents/{view.agent}/memory-diffs")
