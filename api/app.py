"""The FastAPI application, given whatever opens its services."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse

from api.access import require_key
from api.document import DescribedApi
from api.middleware import Envelope
from api.problems import Problem, add_problem_handlers
from api.routes import artifacts, events, history, insight, interrupts, metrics, tasks
from api.services import ApiServices

DESCRIPTION = """One sentence becomes an application that is built, tested, reviewed, approved by a person and published.

Errors are `application/problem+json`. With `API_KEY` set every call but `GET /health` needs `X-API-Key`."""


def create_app(
    open_services: Callable[[], AbstractAsyncContextManager[ApiServices]],
    *,
    cors_origins: tuple[str, ...] = (),
    local_only: bool = False,
) -> FastAPI:
    """The application; `open_services` is entered at start-up and left at shutdown.

    `local_only`: only requests to this machine by its own names are answered, as it must be where no key is asked for.
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
        responses={500: {"model": Problem}},
    )
    add_problem_handlers(app)
    _include_routes(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(cors_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["X-API-Key", "X-Caller", "X-Client", "Idempotency-Key", "Last-Event-ID", "Content-Type"],
        expose_headers=["X-Request-ID", "Location", "Link", "Retry-After"],
    )
    app.add_middleware(Envelope, local_only=local_only)
    return app


def _include_routes(app: FastAPI) -> None:
    locked = [Depends(require_key)]
    for router in (
        tasks.router,
        interrupts.router,
        events.router,
        artifacts.router,
        history.router,
        insight.router,
    ):
        app.include_router(router, dependencies=locked)
    app.include_router(metrics.router)
    app.include_router(insight.open_router)

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("/docs")
