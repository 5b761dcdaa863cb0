from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles

from app.api import auth, notes, tags
from app.config import settings


def create_app() -> FastAPI:
    app = FastAPI(title="Notes", version="1.0.0")
    app.add_middleware(
        CORSMiddleware, allow_origins=[origin for origin in settings.cors_origins.split(",") if origin],
        allow_methods=["*"], allow_headers=["*"],
    )
    for module in (auth, notes, tags):
        app.include_router(module.router)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    if settings.frontend_dist and Path(settings.frontend_dist).is_dir():
        app.mount("/", StaticFiles(directory=settings.frontend_dist, html=True))
    return app


app = create_app()
