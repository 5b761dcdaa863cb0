"""Dockerfiles as people and models write them: whatever of them can be done is done, and none is called wrong."""

from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.standard.document import openapi
from tests.plans import todo_plan
from tests.unit.tools.shipping_apps import application
from tests.workflows.checking import local_sandbox
from tools.boxes import Subject
from tools.checks.dockerfile import check_image

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]

USUAL = {
    "a shell form of CMD, and curl from apt": """\
FROM python:3.12-slim
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
COPY backend/requirements.txt requirements.txt
RUN pip install --upgrade pip && pip install --no-cache-dir -r requirements.txt
COPY backend /app
RUN groupadd -r app && useradd -r -g app app && chown -R app:app /app
USER app
ENV PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s CMD curl -f http://localhost:$PORT/health || exit 1
CMD alembic upgrade head && uvicorn app.main:app --host 0.0.0.0 --port $PORT
""",
    "a cache mount, adduser, and a shell in exec form": """\
# syntax=docker/dockerfile:1
FROM python:3.11-alpine AS base
ENV PYTHONUNBUFFERED=1 \\
    PYTHONPATH=/code
WORKDIR /code
COPY ./backend/requirements.txt /code/requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip pip install -r /code/requirements.txt
COPY ./backend /code
RUN adduser -D -H appuser && mkdir -p /code/data && chown appuser /code/data
ENV DATABASE_URL=sqlite:////code/data/app.db
USER appuser
EXPOSE 8000/tcp
HEALTHCHECK CMD wget -qO- http://127.0.0.1:8000/health || exit 1
CMD ["sh", "-c", "alembic upgrade head && exec uvicorn app.main:app --host 0.0.0.0 --port ${PORT:-8000}"]
""",
    "a start script in a here-document": """\
FROM python:3.11.9-slim-bookworm
ARG APP_HOME=/opt/app
WORKDIR $APP_HOME
COPY --chmod=755 <<EOF /entrypoint.sh
#!/bin/sh
set -e
cd /opt/app
python -m alembic upgrade head
exec python -m uvicorn app.main:app --host 0.0.0.0 --port 8000
EOF
COPY backend/requirements.txt .
RUN python -m pip install --no-cache-dir -r requirements.txt
COPY backend .
RUN useradd --create-home --shell /bin/bash svc && chown -R svc:svc $APP_HOME
USER svc
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://localhost:8000/health')"
ENTRYPOINT ["/entrypoint.sh"]
""",
    "packages of a user, copied between stages": """\
FROM python:3.11-slim AS build
WORKDIR /w
COPY backend/requirements.txt .
RUN pip install --user -r requirements.txt
FROM python:3.11-slim
RUN useradd -m app
COPY --from=build /root/.local /home/app/.local
ENV PATH=/home/app/.local/bin:$PATH
WORKDIR /home/app/src
COPY --chown=app:app backend .
RUN chown app:app /home/app/src
USER app
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://localhost:8000/health')"
CMD ["sh", "-c", "alembic upgrade head && uvicorn app.main:app --host 0.0.0.0 --port 8000"]
""",
    "wheels made in a stage of their own": """\
FROM python:3.11-slim AS build
WORKDIR /w
COPY backend/requirements.txt .
RUN pip wheel --wheel-dir /wheels -r requirements.txt
FROM python:3.11-slim
COPY --from=build /wheels /wheels
COPY backend/requirements.txt .
RUN pip install --no-index --find-links=/wheels -r requirements.txt
WORKDIR /srv
COPY backend .
RUN mkdir /data && chown nobody /data
ENV DATABASE_URL=sqlite:////data/a.db
USER nobody
EXPOSE 8000
HEALTHCHECK CMD python -c "import urllib.request as r; r.urlopen('http://localhost:8000/health')"
CMD ["sh", "-c", "alembic upgrade head && uvicorn app.main:app --host 0.0.0.0 --port 8000"]
""",
    "uv from an image of its own": """\
FROM python:3.11-slim
COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv
WORKDIR /app
COPY backend .
RUN uv pip install --system -r requirements.txt
USER 1000
EXPOSE 8000
ENV DATABASE_URL=sqlite:////tmp/a.db
CMD ["sh", "-c", "alembic upgrade head && uvicorn app.main:app --host 0.0.0.0 --port 8000"]
""",
}
GUNICORN = """\
FROM python:3.11-slim
WORKDIR /app
COPY backend/ .
RUN pip install -r requirements.txt gunicorn
USER 1000
EXPOSE 8000
HEALTHCHECK NONE
ENV DATABASE_URL=sqlite:////tmp/a.db
CMD ["gunicorn", "app.main:app", "-k", "uvicorn.workers.UvicornWorker", "-b", "0.0.0.0:8000"]
"""


async def check(tmp_path: Path, dockerfile: str) -> tuple[CheckStatus, tuple[str, ...], str]:
    plan = todo_plan()
    files = {**application(plan), "Dockerfile": dockerfile}
    async with local_sandbox(tmp_path) as sandbox:
        result = await check_image(Subject(sandbox, "image", plan, openapi(plan), files), {})
    return result.status, tuple(finding.message for finding in result.findings), result.detail


@pytest.mark.parametrize("name", USUAL)
async def test_a_usual_dockerfile_is_built_and_its_container_answers(tmp_path: Path, name: str) -> None:
    status, findings, detail = await check(tmp_path, USUAL[name])
    assert (status, findings) == (CheckStatus.PASSED, ())
    assert "GET /api/auth/me answered 401" in detail


async def test_a_container_that_needs_what_the_sandbox_lacks_is_not_called_wrong(tmp_path: Path) -> None:
    status, findings, detail = await check(tmp_path, GUNICORN)
    assert (status, findings) == (CheckStatus.NOT_EXECUTED, ())
    assert "the container was not started: gunicorn is not among the packages of the sandbox" in detail
