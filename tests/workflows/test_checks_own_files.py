"""A builder's self check: blamed for its own files only, while the others are still writing theirs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.findings import CheckStatus
from core.ownership import owner_of
from core.ports import SandboxProvider
from core.types import AgentName
from tests.workflows.checking import handmade, local_sandbox
from tools.checks.own_files import CONTRACT, PLAN, check_own_files
from tools.checks.types import generate_schema_types

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
APPLICATION = handmade()
KNOWN = {path: APPLICATION.files[path] for path in (CONTRACT, PLAN)}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[SandboxProvider]:
    async with local_sandbox(tmp_path) as provider:
        yield provider


def own(agent: AgentName) -> dict[str, str]:
    ownership = APPLICATION.plan.ownership
    return {path: text for path, text in APPLICATION.files.items() if owner_of(ownership, path) is agent}


@pytest.mark.parametrize("agent", [AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA])
async def test_right_files_pass_though_nobody_else_has_written_anything(
    agent: AgentName, sandbox: SandboxProvider
) -> None:
    files = own(agent)
    result = await check_own_files(sandbox, "own", agent, files, {**files, **KNOWN})
    assert (result.status, result.findings) == (CheckStatus.PASSED, ())


@pytest.mark.parametrize(
    ("agent", "path", "old", "new", "words"),
    [
        (AgentName.BACKEND, "backend/app/api/notes.py", "def note_book(", "def note_book((", "not valid Python"),
        (AgentName.BACKEND, "backend/app/api/notes.py", "NoteBook(session, user)", "NoteBok(session, user)", "NoteBok"),
        (
            AgentName.BACKEND,
            "backend/app/security.py",
            "import jwt\n",
            "import jwtt\n",
            "`jwtt`, which is not installed",
        ),
        (
            AgentName.BACKEND,
            "backend/app/api/notes.py",
            "import APIRouter",
            "import ApiRouter",
            "`ApiRouter` from `fastapi`",
        ),
        (
            AgentName.BACKEND,
            "backend/app/security.py",
            "import jwt\n",
            "import jwt\nfrom jwt.no_such_part import encode\n",
            "`jwt.no_such_part`, which is not installed",
        ),
        (
            AgentName.BACKEND,
            "backend/app/security.py",
            "import jwt\n",
            "import jwt\nfrom pydantic import BaseModell\n",
            "`BaseModell` from `pydantic`",
        ),
        (
            AgentName.BACKEND,
            "backend/app/security.py",
            "import jwt\n",
            "import jwt\nimport decimal.money\n",
            "decimal.money",
        ),
        (AgentName.BACKEND, "backend/app/api/tags.py", "services import tags", "services import labels", "`labels`"),
        (
            AgentName.DATABASE,
            "backend/app/db/session.py",
            "from sqlalchemy.orm",
            "from sqlalchemy.ormm",
            "sqlalchemy.ormm",
        ),
        (AgentName.FRONTEND, "frontend/src/App.tsx", "<Tags />", "<Tags limit={3} />", "TS2322"),
        (AgentName.FRONTEND, "frontend/src/pages/Tags.tsx", "data?.items", "data?.rows", "rows"),
        (AgentName.QA, "backend/tests/test_tags.py", "assert ann", "assert anne", "anne"),
        (AgentName.QA, "frontend/src/notes.test.tsx", "render(<Notes />);", "render(<Notes />;", "TS1005"),
    ],
)
async def test_what_is_wrong_is_found_in_the_file_that_is_wrong(
    agent: AgentName, path: str, old: str, new: str, words: str, sandbox: SandboxProvider
) -> None:
    files = own(agent)
    assert old in files[path]
    files[path] = files[path].replace(old, new)
    result = await check_own_files(sandbox, "own", agent, files, {**files, **KNOWN})
    assert result.status is CheckStatus.FAILED
    assert {finding.file for finding in result.findings} == {path}
    assert any(words in finding.message for finding in result.findings), result.findings


async def test_modules_of_python_itself_are_there_whether_they_have_source_or_not(sandbox: SandboxProvider) -> None:
    files = own(AgentName.QA)
    first = sorted(path for path in files if path.endswith("conftest.py"))[0]
    files[first] += (
        "\nfrom itertools import count\nfrom math import inf\nfrom os import environ\nassert count(inf) and environ\n"
    )
    result = await check_own_files(sandbox, "own", AgentName.QA, files, {**files, **KNOWN})
    assert [finding for finding in result.findings if finding.category == "import"] == []


async def test_shipping_files_are_held_against_published_schemas(sandbox: SandboxProvider) -> None:
    files = {
        "Dockerfile": "FROM python:3.11-slim\nCOPY backend backend\nCOPY nowhere /x\nCMD python app.py\n",
        "compose.yaml": "services:\n  web:\n    imagee: notes\n    environment:\n      SECRET_KEY: hunter2\n",
        ".github/workflows/ci.yml": "on: push\n",
    }
    result = await check_own_files(sandbox, "own", AgentName.DEVOPS, files, {**APPLICATION.files, **files})
    said = "\n".join(f"{finding.file}: {finding.message}" for finding in result.findings)
    for words in (
        "'imagee'",
        "'jobs' is a required",
        "runs as root",
        "HEALTHCHECK",
        "`nowhere`",
        "DL3025",
        "SECRET_KEY has",
    ):
        assert words in said
    assert "`backend`" not in said


async def test_types_of_the_contract_are_made_by_the_real_generator(sandbox: SandboxProvider) -> None:
    types = await generate_schema_types(sandbox, "types", APPLICATION.files[CONTRACT])
    assert '"/api/notes/{note_id}"' in types
    assert "NoteRead: {" in types
