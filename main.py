"""`uvicorn main:app`: settings, services, application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.app import create_app
from api.services import ApiServices
from config import Settings
from wiring import open_application


def make_app(settings: Settings, *, url: str = "") -> FastAPI:
    """The application for these settings; `url` is where it will listen, for other processes to find it."""

    @asynccontextmanager
    async def open_services() -> AsyncIterator[ApiServices]:
        async with open_application(settings, url=url) as application:
            yield application.api

    return create_app(open_services, cors_origins=settings.cors_origins, local_only=settings.local_only)


def log_to(handler: logging.Handler, level: str) -> None:
    """The service's log, without what libraries say of every request and start."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler])
    for name in ("httpx", "httpcore", "uvicorn.error", "dbos"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def __getattr__(name: str) -> FastAPI:
    """`app` is made when uvicorn asks for it, and not when this module is imported."""
    if name != "app":
        raise AttributeError(name)
    settings = Settings()
    log_to(logging.StreamHandler(), settings.log_level)
    return make_app(settings)
