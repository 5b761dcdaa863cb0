"""The Python half of a generated application as text: whole, owned by the right agent, formatted, free of remarks."""

import ast
import fnmatch
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.plan import Plan
from core.types import AgentName
from llm.offline.builders import whole_part
from tests import plans
from tests.generated import backend_files, backend_tests, database_files
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.llm.offline.nasty import nasty_entities_plan, nasty_fields_plan
from tests.unit.llm.offline.rare_rules import poll_plan, studio_plan, wordy_plan

PLANS = (*plans.ALL, awkward_plan, poll_plan, studio_plan, wordy_plan, nasty_fields_plan, nasty_entities_plan)
OWNED = {
    AgentName.BACKEND: backend_files,
    AgentName.DATABASE: database_files,
    AgentName.QA: backend_tests,
}


def every_file(plan: Plan) -> dict[str, str]:
    return database_files(plan) | backend_files(plan) | backend_tests(plan)


@pytest.fixture(params=PLANS, ids=lambda make: make.__name__)
def plan(request: pytest.FixtureRequest) -> Plan:
    made: Callable[[], Plan] = request.param
    return made()


def test_the_same_plan_gives_the_same_bytes(plan: Plan) -> None:
    again = Plan.model_validate_json(plan.model_dump_json())
    for agent in OWNED:
        assert whole_part(agent, again) == whole_part(agent, plan)


@pytest.mark.parametrize("agent", OWNED)
def test_every_file_is_the_agents_own(agent: AgentName, plan: Plan) -> None:
    for path in OWNED[agent](plan):
        matching = [globs for globs in plan.ownership[agent] if fnmatch.fnmatch(path, globs.replace("**", "*"))]
        assert matching, f"{path} is not owned by {agent}"
        nested = path.startswith("backend/app/db/")
        assert nested is (agent is AgentName.DATABASE) or not path.startswith("backend/app/")


def test_agents_do_not_write_the_same_file(plan: Plan) -> None:
    files = [path for generate in OWNED.values() for path in generate(plan)]
    assert len(files) == len(set(files))


def test_ruff_has_no_remark_and_nothing_to_format(plan: Plan, tmp_path: Path) -> None:
    for path, text in every_file(plan).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for command in (["check", "--output-format=concise"], ["format", "--check"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=tmp_path / "backend", capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr


def test_files_and_functions_stay_short(plan: Plan) -> None:
    for path, text in (database_files(plan) | backend_files(plan)).items():
        assert len(text.splitlines()) < 400, path
        for node in ast.walk(ast.parse(text)) if path.endswith(".py") and "migrations" not in path else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 50, f"{path}: {node.name}"


@pytest.mark.parametrize(
    "said", ['"""; import os; os.abort() #', "ends with \\", "{{ 7 * 7 }} {% raw %}", "line\nbreak\x00"]
)
def test_words_of_a_plan_cannot_leave_their_strings(said: str) -> None:
    made = plans.booking_plan()
    rules = [rule.model_copy(update={"statement": said}) for rule in made.rules]
    entities = [entity.model_copy(update={"label": said, "label_plural": said}) for entity in made.entities]
    hostile = made.model_copy(
        update={"rules": tuple(rules), "entities": tuple(entities), "title": said, "summary": said}
    )
    for path, text in every_file(hostile).items():
        if path.endswith(".py"):
            calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
            assert "os" not in {alias.name for node in calls for alias in node.names} or path.endswith(
                ("conftest.py", "test_auth.py")
            )


def test_requirements_name_what_the_application_imports() -> None:
    required = backend_files(plans.todo_plan())["backend/requirements.txt"]
    assert {line.partition("~=")[0] for line in required.splitlines()} == {
        "alembic", "argon2-cffi", "fastapi", "pydantic", "pydantic-settings", "pyjwt", "sqlalchemy", "uvicorn",
    }  # fmt: skip
    assert "pyjwt" not in backend_files(plans.blog_plan())["backend/requirements.txt"]


def test_the_versions_are_those_that_the_sandbox_has() -> None:
    lock = (Path(__file__).parents[4] / "sandbox/toolchains/python/requirements.lock").read_text()
    pinned = dict(line.split()[0].split("==") for line in lock.splitlines() if "==" in line and line[0].isalpha())
    for line in backend_files(plans.todo_plan())["backend/requirements.txt"].splitlines():
        name, _, version = line.partition("~=")
        assert pinned[name].split(".")[:2] == version.split(".")[:2], name


def test_without_accounts_nothing_of_them_is_left() -> None:
    files = every_file(plans.blog_plan())
    assert not [path for path in files if "auth" in path or "security" in path or "user" in path]
    assert not [path for path, text in files.items() if "CurrentUser" in text or "argon2" in text]


def test_without_a_frontend_nothing_is_served() -> None:
    assert "frontend" not in backend_files(plans.todo_plan())["backend/app/main.py"]
    assert "app.frontend(" in backend_files(plans.blog_plan())["backend/app/main.py"]
