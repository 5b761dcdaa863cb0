"""The starter of every example: whole by itself, owned, formatted and typed, and the words of a plan stay in their place."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import starter
from core.ownership import owner_of
from core.plan import Plan
from core.standard import schemas
from core.types import AgentName
from llm.offline.builders import whole_part
from tests.plans import blog_plan, booking_plan, links_plan, todo_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.starter.sentences import SENTENCES, plan_of

WRITERS = (AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.DEVOPS)


@pytest.fixture(params=SENTENCES)
def plan(request: pytest.FixtureRequest) -> Plan:
    return plan_of(str(request.param))


def run(command: list[str], folder: Path) -> str:
    """What the tool says of the Python in `folder`; empty when it is content."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def write(files: dict[str, str], folder: Path) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder / "backend"


def test_the_same_plan_gives_the_same_bytes(plan: Plan) -> None:
    again = Plan.model_validate_json(plan.model_dump_json())
    assert list(starter.files(again).items()) == list(starter.files(plan).items())


def test_every_file_has_an_owner_who_takes_part(plan: Plan) -> None:
    taking_part = {entry.agent for entry in plan.agents}
    for path in starter.files(plan):
        owner = owner_of(plan.ownership, path)
        assert owner in WRITERS, path
        assert owner in taking_part, path


def test_python_compiles_is_formatted_and_has_types(plan: Plan, tmp_path: Path) -> None:
    files = starter.files(plan)
    for path, text in files.items():
        if path.endswith(".py"):
            compile(text, path, "exec")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    taken = [argument for argument in node.args.args if argument.arg not in ("self", "cls")]
                    assert all(argument.annotation for argument in taken), f"{path}: {node.name}"
                    assert node.returns is not None, f"{path}: {node.name}"
    folder = write({**files, "ruff.toml": "line-length = 120\n"}, tmp_path).parent
    assert run(["ruff", "check", "--no-cache", "--select", "F,E,I,B,UP", "backend"], folder) == ""
    assert run(["ruff", "format", "--check", "--no-cache", "."], folder) == ""


@pytest.mark.parametrize("make", [booking_plan, links_plan])
def test_the_whole_application_passes_the_strict_type_checker(make: Callable[[], Plan], tmp_path: Path) -> None:
    made = make()
    parts = [whole_part(agent, made) for agent in (AgentName.BACKEND, AgentName.DATABASE, AgentName.QA)]
    folder = write({path: text for part in parts for path, text in part.items()}, tmp_path)
    # libraries that only the sandbox has are unknown here, and what they return with them
    options = ["--strict", "--ignore-missing-imports", "--no-warn-return-any", "--explicit-package-bases"]
    assert run(["mypy", *options, f"--cache-dir={tmp_path / 'cache'}", "app", "tests"], folder) == ""


def test_files_are_short_and_tidy(plan: Plan) -> None:
    for path, text in starter.files(plan).items():
        assert text == "" or (text.endswith("\n") and not text.endswith("\n\n")), path
        assert not re.search(r"[ \t]$", text, re.M), path
        assert "<%" not in text, path
        assert len(text.splitlines()) < 400, path


def test_no_entity_is_named_but_in_what_tests_look_for(plan: Plan) -> None:
    named = {"backend/tests/test_service.py", "backend/tests/test_migrations.py"}
    for path, text in starter.files(plan).items():
        for entity in plan.entities if path not in named else ():
            assert not re.search(rf"\b{entity.name}(?:Create|Read|Page|List)\b|/api/{entity.path}\b", text), path


def test_accounts_pages_and_interface_come_with_the_plan_that_has_them() -> None:
    signed_in, open_to_all = starter.files(todo_plan()), starter.files(blog_plan())
    assert "backend/app/security.py" in signed_in
    assert not [path for path in open_to_all if re.search(r"auth|security|user|accounts", path)]
    assert not [path for path in signed_in if path.startswith(("frontend/", "e2e/"))]
    assert "app.frontend(" in open_to_all["backend/app/main.py"]
    assert "frontend" not in signed_in["backend/app/main.py"]
    assert "frontend/src/auth/session.ts" in starter.files(booking_plan())


def test_an_account_of_another_name_is_called_so_everywhere() -> None:
    made = todo_plan()
    assert made.auth is not None
    members = made.auth.model_copy(update={"entity": "Member", "table": "members"})
    text = json.dumps(made.model_dump(mode="json", exclude={"auth"})).replace('"User"', '"Member"')
    renamed = Plan.model_validate({**json.loads(text), "auth": members})
    files = starter.files(renamed)
    assert "class Member(base.Row)" in files["backend/app/db/models/member.py"]
    assert "from app.db.models.member import Member" in files["backend/app/api/deps.py"]
    assert '"members"' in files["backend/tests/test_migrations.py"]


def test_words_of_a_plan_cannot_leave_their_strings() -> None:
    for said in ('"""; import os #', "ends with \\", "<%= 7 * 7 %>{{ 7 * 7 }}", "</title><script>", "long words " * 10):
        made = blog_plan().model_copy(update={"title": said.strip(), "summary": said * 3})
        files = starter.files(made)
        calls = [node for node in ast.walk(ast.parse(files["backend/app/main.py"])) if isinstance(node, ast.keyword)]
        title = next(ast.literal_eval(node.value) for node in calls if node.arg == "title")
        assert re.sub(r"\W", "", title) == re.sub(r"\W", "", said)
        assert "49" not in files["backend/app/main.py"]
        assert "<script>" not in files["frontend/index.html"].replace('<script type="module"', "")
    assert (
        f"TITLE = {json.dumps(awkward_plan().title, ensure_ascii=False)};"
        in starter.files(awkward_plan())["frontend/src/title.ts"]
    )


def test_the_patterns_are_those_that_the_offline_planner_promises() -> None:
    tree = ast.parse(starter.files(todo_plan())["backend/app/schemas/base.py"])
    found = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper()
        and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    assert found == {
        "TEXT": schemas.TEXT_PATTERN, "FILLED": schemas.FILLED_PATTERN, "KEY": schemas.KEY_PATTERN,
        "EMAIL": schemas.EMAIL_PATTERN, "URL": schemas.URL_PATTERN, "MAX_INTEGER": schemas.MAX_INTEGER,
    }  # fmt: skip


@pytest.mark.parametrize("slug", ["a", "a-very-long-name-of-an-application-that-does-much"])
def test_the_service_account_has_a_name_that_google_takes(slug: str) -> None:
    files = starter.files(todo_plan().model_copy(update={"slug": slug}))
    found = re.search(r"serviceAccountName: (\S+)@", files["deploy/cloudrun.yaml"])
    assert found is not None
    assert re.fullmatch(r"[a-z][-a-z0-9]{4,28}[a-z0-9]", found[1])
    assert f"service-accounts create {found[1]}\n" in files["deploy/README.md"]
