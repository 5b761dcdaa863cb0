"""The image without Docker: it is built and started in the sandbox, and what is wrong with it is found where it is."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.findings import CheckResult, CheckStatus
from core.plan import Plan
from core.standard.document import openapi
from core.types import AgentName
from tests.plans import blog_plan, todo_plan
from tests.unit.tools.shipping_apps import Planted, application
from tests.workflows.checking import local_sandbox
from tools.boxes import Subject
from tools.checks.dockerfile import check_image
from tools.checks.frontend import check_build, with_types
from tools.routing import assign_owners

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]

D, ENTRY, NEEDS = "Dockerfile", "deploy/entrypoint.sh", "backend/requirements.txt"
START = 'ENTRYPOINT ["/bin/sh", "/srv/entrypoint.sh"]'
PIP = "RUN pip install --no-cache-dir --prefix=/packages --requirement requirements.txt"
FAILS = "def upgrade() -> None:\n    raise ValueError('no')\n"
FAULTS: dict[str, tuple[Planted, AgentName]] = {
    "a copy of what is not there": (
        Planted(D, "COPY backend/ ", "COPY backnd/ ", "copies `backnd/`", line="backnd"),
        AgentName.DEVOPS,
    ),
    "a copy of what .dockerignore keeps out": (
        Planted(D, "COPY backend/ ./", "COPY backend/tests/ ./", "which .dockerignore keeps out", line="tests"),
        AgentName.DEVOPS,
    ),
    "a requirement that is missing": (
        Planted(NEEDS, "argon2-cffi~=25.1\n", "", "does not have `argon2`, which backend/app/security.py:"),
        AgentName.BACKEND,
    ),
    "a requirement in another version": (
        Planted(NEEDS, "uvicorn~=0.54.0", "uvicorn~=0.20.0", "uvicorn~=0.20.0 is asked for", line="uvicorn"),
        AgentName.BACKEND,
    ),
    "a requirements file that is not there": (
        Planted(D, "--requirement requirements.txt", "--requirement needed.txt", "could not open", line="RUN pip"),
        AgentName.DEVOPS,
    ),
    "a wrong module in CMD": (
        Planted(D, START, 'CMD ["uvicorn", "app.mian:app", "--host", "0.0.0.0"]', 'module "app.mian"', line="app.mian"),
        AgentName.DEVOPS,
    ),
    "a wrong module in the start script": (
        Planted(ENTRY, "app.main:app", "app.mian:app", 'module "app.mian"', line="app.mian"),
        AgentName.DEVOPS,
    ),
    "a program that is not there": (
        Planted(ENTRY, "exec uvicorn", "exec gunicorn", "gunicorn: not found", line="gunicorn"),
        AgentName.DEVOPS,
    ),
    "another port than is exposed": (
        Planted(D, "EXPOSE 8000", "EXPOSE 8080", "listens on port 8000", line="EXPOSE"),
        AgentName.DEVOPS,
    ),
    "a server that only the container reaches": (
        Planted(ENTRY, "--host 0.0.0.0", "--host 127.0.0.1", "loopback alone", D, line="ENTRYPOINT"),
        AgentName.DEVOPS,
    ),
    "a health check of a wrong path": (
        Planted(
            D, "/health'", "/healthz'", "stays unhealthy: urllib.error.HTTPError: HTTP Error 404", line="HEALTHCHECK"
        ),
        AgentName.DEVOPS,
    ),
    "a health check with what the image does not have": (
        Planted(
            D,
            "HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \\\n    CMD [",
            "HEALTHCHECK CMD curl --fail http://127.0.0.1:8000/health\nLABEL a=[",
            "curl: not found",
            line="HEALTHCHECK",
        ),
        AgentName.DEVOPS,
    ),
    "a probe of a wrong path": (
        Planted("deploy/cloudrun.yaml", "path: /health", "path: /ready", "The probe asks for /ready", line="/ready"),
        AgentName.DEVOPS,
    ),
    "migrations that are elsewhere": (
        Planted(
            "backend/alembic.ini", "%(here)s/migrations", "%(here)s/migration", "Path doesn't exist", line="migration"
        ),
        AgentName.DATABASE,
    ),
    "a migration that fails": (
        Planted(
            "backend/migrations/versions/0001_initial.py",
            "def upgrade() -> None:\n",
            FAILS,
            "ended with exit code 1 before it was healthy: ValueError: no",
            line="ValueError",
        ),
        AgentName.DATABASE,
    ),
    "a folder that the user does not own": (
        Planted(
            D, "install --directory --owner=app /data", "mkdir /data", "does not own what it writes to", line="USER"
        ),
        AgentName.DEVOPS,
    ),
    "a user whom nobody makes": (
        Planted(D, "USER 10001", "USER web", "no step makes this user", line="USER web"),
        AgentName.DEVOPS,
    ),
    "a step that fails": (
        Planted(D, "USER 10001", "RUN test -f /srv/none\nUSER 10001", "ends with exit code 1", line="RUN test"),
        AgentName.DEVOPS,
    ),
    "Node in an image without it": (
        Planted(D, "RUN useradd", "RUN node --version && useradd", "node: not found (the base image", line="node"),
        AgentName.DEVOPS,
    ),
    "neither CMD nor ENTRYPOINT": (Planted(D, START, "", "neither CMD nor ENTRYPOINT"), AgentName.DEVOPS),
}


async def image_of(
    tmp_path: Path, plan: Plan, files: Mapping[str, str], built: Mapping[str, bytes] | None = None
) -> CheckResult:
    async with local_sandbox(tmp_path) as sandbox:
        return await check_image(Subject(sandbox, "image", plan, openapi(plan), files), built or {})


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found_where_it_is(tmp_path: Path, name: str) -> None:
    fault, owner = FAULTS[name]
    files = fault.plant(application(todo_plan()))
    result = await image_of(tmp_path, todo_plan(), files)
    found = [finding for finding in result.findings if fault.says in finding.message]
    assert found, (result.detail, [finding.message for finding in result.findings])
    assert found[0].file == (fault.found_in or fault.path)
    if fault.line:
        assert found[0].line is not None
        assert fault.line in files[found[0].file].splitlines()[found[0].line - 1]
    assert assign_owners(todo_plan(), found)[0].owner is owner
    assert result.status is CheckStatus.FAILED


async def test_an_image_is_built_started_asked_and_stopped(tmp_path: Path) -> None:
    result = await image_of(tmp_path, todo_plan(), application(todo_plan()))
    assert (result.status, result.findings) == (CheckStatus.PASSED, ())
    assert "GET /api/auth/me answered 401" in result.detail
    assert "stopped by SIGTERM" in result.detail
    assert "not executed" not in result.detail


async def test_what_is_said_of_an_image_is_the_same_each_time(tmp_path: Path) -> None:
    files = application(todo_plan())
    broken = {**files, D: files[D].replace("/health'", "/healthz'")}
    for one in (files, broken):
        said = await asyncio.gather(*(image_of(tmp_path, todo_plan(), one) for _ in range(2)))
        first, again = (result.model_copy(update={"seconds": 0.0}) for result in said)
        assert first == again


async def test_a_frontend_is_built_in_its_stage_or_taken_from_where_the_same_was_built(tmp_path: Path) -> None:
    plan = blog_plan()
    async with local_sandbox(tmp_path) as sandbox:
        subject = Subject(sandbox, "image", plan, openapi(plan), application(plan))
        files = {**subject.files, **await with_types(subject)}
        _, built = await check_build(subject, files)
        shared = await check_image(Subject(sandbox, "image", plan, openapi(plan), files), built)
        changed = files[D].replace("RUN npm run build", "RUN echo '// more' >> src/title.ts && npm run build")
        anew = await check_image(Subject(sandbox, "image", plan, openapi(plan), {**files, D: changed}), built)
    for result in (shared, anew):
        assert (result.status, result.findings) == (CheckStatus.PASSED, ())
        assert "GET / answered the frontend" in result.detail
        assert "GET /api/" in result.detail
    assert "taken from the check `build`" in shared.detail
    assert "taken from" not in anew.detail


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/build/dist /srv/frontend", "/build/dist /srv/frontnd", "GET / answers 404 instead of the frontend"),
        ("/build/dist /srv", "/build/out /srv", "copies `/build/out`, which the stage frontend does not have"),
        ("RUN npm install ", "RUN npm ci ", "npm ci needs a package-lock.json"),
        ("RUN npm run build", "RUN npm run bild", "package.json has no such script"),
    ],
)
async def test_faults_of_a_frontends_stage_are_found(tmp_path: Path, old: str, new: str, says: str) -> None:
    plan = blog_plan()
    files = Planted(D, old, new, says).plant(application(plan))
    dist = {"frontend/dist/index.html": b"<!doctype html><title>x</title>"}
    result = await image_of(tmp_path, plan, files, dist)
    assert any(says in finding.message and finding.file == D for finding in result.findings), result


async def test_what_cannot_be_done_is_said_and_the_rest_is_done(tmp_path: Path) -> None:
    files = application(todo_plan())
    text = files[D].replace("RUN useradd", "RUN apt-get update && apt-get install -y libpq5\nRUN useradd")
    needs = files[NEEDS] + "psycopg[binary]~=3.2\n"
    result = await image_of(tmp_path, todo_plan(), {**files, D: text, NEEDS: needs})
    assert (result.status, result.findings) == (CheckStatus.PASSED, ())
    assert "apt-get update: no network" in result.detail
    assert "psycopg is not among the packages of the sandbox" in result.detail


async def test_an_image_on_an_unknown_base_is_not_executed(tmp_path: Path) -> None:
    files = application(todo_plan())
    text = files[D].replace("FROM python:3.11.14-slim-bookworm\n", "FROM nginx:1.27\n")
    result = await image_of(tmp_path, todo_plan(), {**files, D: text})
    assert result.status is CheckStatus.NOT_EXECUTED
    assert "the image nginx:1.27 is not here" in result.detail


async def test_a_virtual_environment_is_made_copied_and_used(tmp_path: Path) -> None:
    files = application(todo_plan())
    text = files[D].replace(PIP, "RUN python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt")
    text = text.replace(
        "COPY --from=packages /packages /usr/local",
        "COPY --from=packages /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH",
    )
    result = await image_of(tmp_path, todo_plan(), {**files, D: text})
    assert (result.status, result.findings) == (CheckStatus.PASSED, ())


async def test_a_dockerfile_can_do_no_more_than_other_generated_code(tmp_path: Path) -> None:
    hostile = (
        "FROM python:3.11-slim\n"
        "RUN ! touch /usr/local/x /etc/x /var/x 2>/dev/null\n"
        "RUN test ! -e /work && test ! -e /root/.ssh && test ! -w /usr\n"
        "RUN ! python -c \"import socket; socket.create_connection(('1.1.1.1', 53), 2)\" 2>/dev/null\n"
        "RUN ! unshare --user true 2>/dev/null\n"
        'CMD ["false"]\n'
    )
    result = await image_of(tmp_path, todo_plan(), {**application(todo_plan()), D: hostile})
    assert [finding.message[:46] for finding in result.findings] == ["The container ended with exit code 1 before it"]
