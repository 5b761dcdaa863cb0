"""The FastAPI application, given whatever opens its services."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse

from api.access import needs
from api.audit import Audit
from api.dashboard import LEAST_COMPRESSED, add_dashboard
from api.document import DescribedApi
from api.middleware import Envelope
from api.problems import Problem, add_problem_handlers
from api.routes import (
    agents,
    artifacts,
    demos,
    events,
    history,
    hooks,
    insight,
    interrupts,
    keys,
    links,
    logs,
    metrics,
    moving,
    settings,
    tasks,
    views,
)
from api.services import ApiServices
from core.access import Role

DESCRIPTION = """One sentence becomes an application that is built, tested, reviewed, approved by a person and published.

Errors are `application/problem+json`. With `API_KEY` set, or keys with names made, every call but `GET /health` needs
`X-API-Key`."""


def create_app(
    open_services: Callable[[], AbstractAsyncContextManager[ApiServices]],
    *,
    cors_origins: tuple[str, ...] = (),
    local_only: bool = False,
    dashboard: Path | None = None,
) -> FastAPI:
    """The application; `open_services` is entered at start-up and left at shutdown.

    `local_only`: while no key is asked for, only requests to this machine by its own names are answered. `dashboard`: the
    folder of the built dashboard, whether it is there yet or not; None for a service without one.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services() as services:
            app.state.services = services
            yield

    app = DescribedApi(
        title="Autonomy",
        version=insight.VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        redoc_url=None,
    )
    add_problem_handlers(app)
    app.router.routes.extend(_routes().routes)
    if dashboard is None:
        app.add_api_route("/", _to_documentation, include_in_schema=False)
    else:
        add_dashboard(app, dashboard)
    # The fastest level: 50 tasks become a fifteenth for a fifth of a millisecond. Streams of events are never compressed.
    app.add_middleware(GZipMiddleware, minimum_size=LEAST_COMPRESSED, compresslevel=1)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(cors_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["X-API-Key", "X-Caller", "X-Client", "Idempotency-Key", "Last-Event-ID", "Content-Type"],
        expose_headers=["X-Request-ID", "Location", "Link", "Retry-After"],
    )
    app.add_middleware(Audit)
    app.add_middleware(Envelope, local_only=local_only)
    return app


@cache
def _routes() -> APIRouter:
    """Every route of the API, once for all applications of a process: reading their signatures takes FastAPI a tenth of
    a second, at the first request."""
    whole = APIRouter(responses={500: {"model": Problem}})
    locked = [Depends(needs(Role.VIEWER))]
    for router in (
        tasks.router,
        interrupts.router,
        events.router,
        artifacts.router,
        history.router,
        insight.router,
        logs.router,
        views.router,
        agents.router,
        settings.router,
        keys.router,
        moving.router,
        demos.router,
    ):
        whole.include_router(router, dependencies=locked)
    for router in (metrics.router, links.router, hooks.router, insight.open_router):
        whole.include_router(router)
    return whole


async def _to_documentation() -> RedirectResponse:
    return RedirectResponse("/docs")
