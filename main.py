"""`uvicorn main:app`: settings, services, application."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.app import create_app
from api.services import ApiServices
from config import Settings
from dashboard import dist
from observability.logs import start_logging
from wiring import open_application


def make_app(settings: Settings, *, url: str = "") -> FastAPI:
    """The application for these settings; `url` is where it will listen, for other processes to find it."""

    @asynccontextmanager
    async def open_services() -> AsyncIterator[ApiServices]:
        async with open_application(settings, url=url) as application:
            yield application.api

    return create_app(
        open_services, cors_origins=settings.cors_origins, local_only=settings.only_loopback, dashboard=dist()
    )


def log_to(handler: logging.Handler, settings: Settings) -> None:
    """Send the service's log to `handler`, in the format of the settings and without their keys."""
    start_logging(handler, settings.log_level, settings.log_format, settings.secrets)


def __getattr__(name: str) -> FastAPI:
    """`app` is made when uvicorn asks for it, and not when this module is imported."""
    if name != "app":
        raise AttributeError(name)
    settings = Settings()
    log_to(logging.StreamHandler(), settings)
    return make_app(settings)
