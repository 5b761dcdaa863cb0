"""Who may call, and what every route is given."""

import secrets
from typing import Annotated, Literal, cast

from fastapi import Depends, Header, Path, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.services import ApiServices
from core.errors import Unauthorized

_header = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="Needed when the service was started with API_KEY"
)
_bearer = HTTPBearer(auto_error=False, description="The same key, for those who can send it only so")
TaskId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["3f9c2a7be1d04c55"])]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
InterruptId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


def services(request: Request) -> ApiServices:
    return cast(ApiServices, request.app.state.services)


Services = Annotated[ApiServices, Depends(services)]


def knows_key(given: ApiServices, key: str | None) -> bool:
    """True when no key is needed, or `key` is the right one (compared in constant time)."""
    if given.api_key is None:
        return True
    return key is not None and secrets.compare_digest(key.encode(), given.api_key.encode())


async def require_key(given: Services, key: Annotated[str | None, Security(_header)]) -> None:
    """Raises Unauthorized."""
    if not knows_key(given, key):
        raise Unauthorized("the X-API-Key header is missing or wrong")


async def require_key_or_bearer(
    given: Services,
    key: Annotated[str | None, Security(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> None:
    """Raises Unauthorized."""
    if not knows_key(given, key) and not knows_key(given, bearer.credentials if bearer else None):
        raise Unauthorized("the key is missing or wrong: send X-API-Key, or Authorization: Bearer")


Via = Annotated[
    Literal["api", "cli", "dashboard"], Header(alias="X-Client", description="what answered, as shown in `decided_via`")
]
Key = Annotated[str | None, Security(_header)]
CALLER = r"^[A-Za-z0-9._@-]{1,64}$"


def name_caller(
    via: Via = "api",
    caller: Annotated[
        str | None, Header(alias="X-Caller", pattern=CALLER, description="who submits; callers take turns")
    ] = None,
) -> str:
    """Whose turn a task takes: the name that is given, else the kind of client. It proves nothing and opens nothing."""
    return caller or via


Caller = Annotated[str, Depends(name_caller)]
