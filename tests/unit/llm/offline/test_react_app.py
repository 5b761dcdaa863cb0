"""What the frontend generator promises of its files: paths, determinism, house words, no escapes from a label into code."""

import ast
import fnmatch
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import starter
from core.plan import Plan
from core.types import AgentName
from llm.offline import react_app
from llm.offline.builders import whole_part
from sandbox.toolchain import NODE_LOCK
from tests.generated import browser_tests, frontend_files, frontend_tests
from tests.plans import ALL, OWNERSHIP, blog_plan, booking_plan, expense_plan, issue_plan, library_plan, links_plan
from tests.unit.llm.offline.awkward import awkward_plan
from tests.unit.llm.offline.nasty import nasty_entities_plan, nasty_fields_plan
from tests.unit.llm.offline.rare_rules import studio_plan

PLANS = tuple(make for make in (*ALL, awkward_plan, nasty_fields_plan, nasty_entities_plan) if make().has_frontend)


def source(plan: Plan) -> str:
    return "\n".join(frontend_files(plan).values())


@pytest.mark.parametrize("make_plan", PLANS)
def test_the_same_plan_gives_the_same_bytes(make_plan: Callable[[], Plan]) -> None:
    for agent in (AgentName.FRONTEND, AgentName.QA):
        assert whole_part(agent, make_plan()) == whole_part(agent, make_plan())


@pytest.mark.parametrize("make_plan", PLANS)
def test_every_file_is_in_the_paths_of_its_owner(make_plan: Callable[[], Plan]) -> None:
    plan = make_plan()
    tests = OWNERSHIP[AgentName.QA]
    for path in (*frontend_tests(plan), *browser_tests(plan)):
        assert any(fnmatch.fnmatch(path, pattern.replace("**/", "*")) for pattern in tests), path
    for path in frontend_files(plan):
        assert path.startswith("frontend/")
        assert ".test." not in path
        assert path != "frontend/src/api/schema.d.ts"


@pytest.mark.parametrize("make_plan", PLANS)
def test_no_file_is_long_or_untidy(make_plan: Callable[[], Plan]) -> None:
    for path, text in {**frontend_files(make_plan()), **browser_tests(make_plan())}.items():
        assert len(text.splitlines()) <= 500, path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "\n\n\n" not in text or path.endswith(".py"), path
        assert not re.search(r"[ \t]$", text, re.M), path


@pytest.mark.parametrize("make_plan", PLANS)
def test_typescript_has_no_way_around_its_types_or_the_escaping_of_react(make_plan: Callable[[], Plan]) -> None:
    text = source(make_plan())
    for forbidden in (r"\bany\b[;,)>\]]", "dangerouslySetInnerHTML", "@ts-", "eslint-disable", "innerHTML", "eval("):
        assert not re.search(forbidden.replace("(", r"\(") if "\\" not in forbidden else forbidden, text), forbidden


def test_packages_are_those_of_the_toolchain() -> None:
    package = json.loads(frontend_files(blog_plan())["frontend/package.json"])
    toolchain = json.loads(NODE_LOCK.with_name("package.json").read_text())
    assert package["dependencies"] == toolchain["dependencies"]
    assert package["devDependencies"] == toolchain["devDependencies"]
    assert package["overrides"] == toolchain["overrides"]


def test_the_compiler_is_strict() -> None:
    options = json.loads(frontend_files(blog_plan())["frontend/tsconfig.json"])["compilerOptions"]
    assert all(options[name] for name in ("strict", "noUncheckedIndexedAccess", "noUnusedLocals"))


def test_pages_use_the_words_of_the_house() -> None:
    files = frontend_files(issue_plan())
    listing = files["frontend/src/pages/issues/IssueList.tsx"]
    assert "New Issue" in listing
    assert 'label="Search"' in listing
    assert 'label="Project"' in files["frontend/src/pages/issues/IssueForm.tsx"]
    assert 'label="Labels"' in files["frontend/src/pages/issues/IssueForm.tsx"]
    shared = source(issue_plan())
    for word in ("Confirm delete", "Edit", "Delete", "Save", 'role="alert"'):
        assert word in shared


def test_rules_bring_their_controls() -> None:
    assert "Export CSV" in source(issue_plan())
    assert "Return" in frontend_files(library_plan())["frontend/src/pages/loans/LoanList.tsx"]
    assert "frontend/src/pages/expenses/ExpenseTotals.tsx" in frontend_files(expense_plan())
    assert "shortLink(row)" in frontend_files(links_plan())["frontend/src/pages/links/LinkList.tsx"]
    assert "IssueSummary" in frontend_files(issue_plan())["frontend/src/pages/projects/ProjectDetail.tsx"]


def test_accounts_are_there_only_when_the_plan_has_them() -> None:
    assert not any("/auth/" in path for path in frontend_files(blog_plan()))
    assert "Authorization" not in source(blog_plan())
    assert "frontend/src/auth/SignInPage.tsx" in frontend_files(booking_plan())


def test_labels_cannot_leave_the_text_they_stand_in() -> None:
    files = frontend_files(awkward_plan())
    assert "</title> &quot;app&quot;" not in files["frontend/index.html"].replace("&lt;/title&gt;", "")
    assert f"TITLE = {json.dumps(awkward_plan().title, ensure_ascii=False)};" in files["frontend/src/title.ts"]
    assert 'New {"\\"Raw\\" <b>{query}</b> & `co`"}' in files["frontend/src/pages/query-rows/QueryList.tsx"]


@pytest.mark.parametrize("make_plan", PLANS)
def test_browser_tests_are_python_that_creates_referenced_rows_first(make_plan: Callable[[], Plan]) -> None:
    files = browser_tests(make_plan())
    for path, text in files.items():
        ast.parse(text, path)
        assert "sleep" not in text
        assert "wait_for_timeout" not in text
    assert files["e2e/conftest.py"].count("chromium.launch") == 1


def test_every_entity_has_a_browser_test() -> None:
    tests = re.findall(r"^def test_(\w+)\(", browser_tests(library_plan())["e2e/test_browser.py"], re.M)
    assert tests == [f"{name}_are_created_changed_and_deleted" for name in ("authors", "books", "members", "loans")]


def test_the_packages_hold_no_address_and_no_path_of_a_machine() -> None:
    folders = [Path(module.__file__).parent for module in (react_app, starter) if module.__file__]
    for file in (file for folder in folders for file in folder.rglob("*.j2")):
        text = file.read_text().replace("artifactregistry.googleapis.com", "")  # an API of Google's, to be switched on
        assert not re.search(r"/work/|/root/|registry\.", text), file


def test_a_row_without_a_name_is_chosen_by_its_number_in_the_browser() -> None:
    assert 'ui.choose_newest("Session")' in browser_tests(studio_plan())["e2e/test_browser.py"]
    assert "choose_newest" not in browser_tests(blog_plan())["e2e/test_browser.py"]
