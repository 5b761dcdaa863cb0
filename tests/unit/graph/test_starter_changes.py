"""What of the starter is written: all of it at first, then what a new plan changes, and never over an agent's work."""

import starter
from agents.planner import PLAN_PATH
from core.plan import Plan
from graph.build.planning import starter_changes
from tests.plans import blog_plan, todo_plan

CONFIG, MAIN = "backend/app/config.py", "backend/app/main.py"


def application(plan: Plan, **changed: str) -> dict[str, str]:
    return {PLAN_PATH: plan.model_dump_json(), **starter.files(plan), **changed}


def with_accounts(plan: Plan) -> Plan:
    return plan.model_copy(update={"auth": todo_plan().auth})


def test_at_first_everything_is_written() -> None:
    assert starter_changes({}, todo_plan()) == (starter.files(todo_plan()), ())


def test_a_plan_that_changes_nothing_of_the_starter_changes_no_file() -> None:
    plan = todo_plan()
    other = plan.model_copy(update={"covered": ("more",)})
    assert starter_changes(application(plan), other) == ({}, ())


def test_only_files_that_the_new_plan_changes_are_written() -> None:
    plan = blog_plan()
    files, deletes = starter_changes(application(plan), plan.model_copy(update={"title": "Another name"}))
    assert set(files) == {MAIN, "frontend/index.html", "frontend/src/title.ts"}
    assert "Another name" in files[MAIN]
    assert deletes == ()


def test_accounts_come_and_go_with_the_plan() -> None:
    plan = blog_plan()
    files, deletes = starter_changes(application(plan), with_accounts(plan))
    assert "backend/app/security.py" in files
    assert "pyjwt" in files["backend/requirements.txt"]
    assert deletes == ()
    files, deletes = starter_changes(application(with_accounts(plan)), plan)
    assert "backend/app/security.py" in deletes
    assert "backend/app/security.py" not in files


def test_a_file_that_an_agent_changed_is_left_alone() -> None:
    plan = blog_plan()
    before = application(plan, **{CONFIG: "class Settings: ...\n", "backend/app/security.py": "key = 'agent'\n"})
    files, _ = starter_changes(before, with_accounts(plan))
    assert CONFIG not in files
    assert "backend/app/security.py" not in files
    assert "backend/app/api/auth.py" in files
    signed_in = application(with_accounts(plan), **{"backend/app/api/auth.py": "router = None\n"})
    _, deletes = starter_changes(signed_in, plan)
    assert "backend/app/api/auth.py" not in deletes
    assert "backend/app/schemas/auth.py" in deletes


def test_a_file_that_an_agent_deleted_does_not_come_back() -> None:
    plan = blog_plan()
    before = application(plan)
    del before[MAIN]
    files, deletes = starter_changes(before, plan.model_copy(update={"title": "Another name"}))
    assert MAIN not in (*files, *deletes)


def test_another_code_host_takes_the_ci_of_the_one_before_away() -> None:
    github, gitlab = todo_plan(), todo_plan().shipped_by("gitlab")
    files, deletes = starter_changes(application(github), gitlab)
    assert ".gitlab-ci.yml" in files
    assert set(deletes) == {".github/workflows/ci.yml", ".github/workflows/deploy.yml"}
