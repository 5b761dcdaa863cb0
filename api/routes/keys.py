"""Keys with names and roles, who the caller is, and who did what."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.access import KnownCaller, Services, needs
from api.problems import problem_responses
from api.schemas import AuditPage, NewKey
from core.access import NAME, ApiKey, AuditFilter, Caller, KeyRequest, Role

router = APIRouter(tags=["access"])
admin = [Depends(needs(Role.ADMIN))]


@router.get("/whoami", responses=problem_responses(401))
async def who_am_i(caller: KnownCaller) -> Caller:
    """The name, role and limits of the key that this is asked with."""
    return caller


@router.post("/keys", status_code=201, dependencies=admin, responses=problem_responses(400, 401, 403, 409, 422))
async def create_key(given: Services, caller: KnownCaller, wanted: KeyRequest, response: Response) -> NewKey:
    """Make a key. Its secret is shown this once. The first one must be an admin's: from then on a key is needed."""
    key, secret = await given.keys.create(wanted, caller.name)
    response.headers["Location"] = f"/keys/{key.key_id}"
    return NewKey(key=key, secret=secret)


@router.get("/keys", dependencies=admin, responses=problem_responses(401, 403))
async def list_keys(given: Services) -> list[ApiKey]:
    """Every key, revoked ones too, the oldest first; never a secret."""
    return list(await given.keys.list())


@router.delete("/keys/{key_id}", dependencies=admin, responses=problem_responses(401, 403, 404, 409, 422))
async def revoke_key(given: Services, key_id: Annotated[str, Path(pattern=r"^[a-f0-9]{1,32}$")]) -> ApiKey:
    """From now on the key opens nothing."""
    return await given.keys.revoke(key_id)


@router.get("/audit", dependencies=admin, responses=problem_responses(401, 403, 422))
async def list_audit(
    given: Services,
    name: Annotated[str | None, Query(pattern=NAME)] = None,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """Who did what, newest first: everything that changes something, and what was refused for its key."""
    items = tuple(await given.audit.list(AuditFilter(name=name, before=before, limit=limit)))
    return AuditPage(items=items, next=items[-1].position if len(items) == limit else None)
