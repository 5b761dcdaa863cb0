"""What every route is given: the services, and who calls."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, cast

from fastapi import Depends, Header, Path, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.gate import require
from api.services import ApiServices
from core.access import NAME, Actor, Caller, Role

_header = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="Needed where API_KEY is set, or keys with names were made"
)
_bearer = HTTPBearer(auto_error=False, description="The same key, for those who can send it only so")
TaskId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["3f9c2a7be1d04c55"])]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
InterruptId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
Key = Annotated[str | None, Security(_header)]
EITHER = "X-API-Key, or as Authorization: Bearer"
CALLER = "autonomy.caller"
"""In the scope: a list that holds the Caller once it is known, for the audit log."""


def services(request: Request) -> ApiServices:
    return cast(ApiServices, request.app.state.services)


Services = Annotated[ApiServices, Depends(services)]


async def identify(request: Request, given: Services, key: Key) -> Caller:
    """Raises Unauthorized, TooManyRequests."""
    return _known(request, given.gate.admit(key))


async def identify_also_by_bearer(
    request: Request,
    given: Services,
    key: Key,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Caller:
    """Raises Unauthorized, TooManyRequests."""
    return _known(request, given.gate.admit(key, bearer.credentials if bearer else None, how=EITHER))


def _known(request: Request, caller: Caller) -> Caller:
    request.scope.setdefault(CALLER, []).append(caller)
    return caller


KnownCaller = Annotated[Caller, Depends(identify)]


def needs(role: Role) -> Callable[[Caller], Awaitable[None]]:
    """The dependency of a route that takes this role, or a higher one. Raises Forbidden."""

    async def check(caller: KnownCaller) -> None:
        require(caller, role)

    return check


Via = Annotated[
    Literal["api", "cli", "client", "dashboard", "mcp"],
    Header(alias="X-Client", description="what answered, as shown in `decided_via`"),
]


def acting(caller: KnownCaller, via: Via = "api") -> Actor:
    return Actor(via=via, name=caller.name)


Acting = Annotated[Actor, Depends(acting)]


def name_caller(
    caller: KnownCaller,
    via: Via = "api",
    said: Annotated[
        str | None,
        Header(alias="X-Caller", pattern=NAME, description="who submits, where no key says so; callers take turns"),
    ] = None,
) -> str:
    """Whose turn a task takes: the key's name; without one the name that is given, which proves nothing, or the client."""
    return caller.name or said or via


CallerName = Annotated[str, Depends(name_caller)]
