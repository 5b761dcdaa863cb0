"""Every example sentence through the real command and server, unattended: it ends completed, its own entities in the code."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import PROJECT
from tests.e2e.processes import Server, run_command, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
ENTITIES = {
    "Build a REST API for a todo list with user auth and JWT": "User Todo",
    "A blog with posts, comments and tags; comments belong to a post": "Post Comment Tag",
    "Inventory tracker: products (name, sku, price, quantity) and suppliers; a product belongs to a supplier": "Product Supplier",
    "Backend only: a URL shortener API with click counts": "Link",
    "Library: authors, books (title, isbn, published year) and loans; members can borrow books": "Author Book Loan Member",
    "A recipe app with ingredients, search and pagination, with a React frontend": "Recipe Ingredient",
    "Expense tracker with categories, amounts, dates and monthly totals; login required": "User Expense Category",
    "Contact book with names, emails, phones and a favourite flag": "Contact",
    "Issue tracker with projects, issues, labels and a status workflow of open, in progress and closed": "Project Issue Label",
    "Event booking: events with a capacity, bookings by registered users, no overbooking": "User Event Booking",
    "Habit tracker API without a frontend": "Habit",
    "Employee directory with departments; search by name, export to CSV": "Employee Department",
}
WITHOUT_FRONTEND = re.compile("API", re.I)
CASES = [
    pytest.param(sentence, names.split(), marks=() if WITHOUT_FRONTEND.search(sentence) else pytest.mark.browser)
    for sentence, names in ENTITIES.items()
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("examples") / "data") as running:
        yield running


def test_these_are_the_examples_of_the_project() -> None:
    assert (PROJECT / "examples" / "sentences.txt").read_text().splitlines() == list(ENTITIES)


@pytest.mark.parametrize(("sentence", "names"), CASES)
def test_an_example_ends_completed_and_published(
    sentence: str, names: list[str], server: Server, tmp_path: Path
) -> None:
    built = run_command(tmp_path, "build", sentence, "--yes", "--json", "--server", server.url, timeout_s=500)
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr
    *entries, task = [json.loads(line) for line in built.stdout.splitlines()]
    assert task["status"] == "completed"
    events = [entry["event"] for entry in entries]
    expect_checked(events, has_frontend=not WITHOUT_FRONTEND.search(sentence))
    request = server.http.get(f"/tasks/{task['task_id']}/pull_request").json()
    expect_entities(request, names, tmp_path / "clone")


def expect_checked(events: list[dict[str, Any]], *, has_frontend: bool) -> None:
    """Every check passed, tests ran, and each operation that was promised was seen to work."""
    results = {event["result"]["name"]: event["result"] for event in events if event["type"] == "test"}
    if reasons := [result["detail"] for result in results.values() if result["status"] == "not executed"]:
        pytest.skip(f"missing: {reasons}")
    assert {name: result["status"] for name, result in results.items() if result["status"] != "passed"} == {}
    assert results["pytest"]["tests_run"] > 0
    assert ("browser" in results) is has_frontend
    if has_frontend:
        assert results["vitest"]["tests_run"] > 0
    coverage = [event["coverage"] for event in events if event["type"] == "coverage"][-1]
    assert coverage["covered"] == coverage["promised"] != []


def expect_entities(request: dict[str, str], names: list[str], folder: Path) -> None:
    """The branch, fetched as people do, holds a table for each entity of the sentence."""
    command = ["git", "clone", "--quiet", "--branch", request["branch"], request["clone_url"], str(folder)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    models = "\n".join(path.read_text() for path in (folder / "backend" / "app" / "db").rglob("*.py"))
    assert set(re.findall(r"^class (\w+)\(base\.Row\):", models, re.M)) >= set(names)
