"""Who is to repair the code is shown the test that failed."""

import pytest

from agents.failing_tests import failing_test
from core.findings import Finding

PYTEST = """import pytest


def helper() -> int:
    return 1


@pytest.mark.parametrize("name", ["a"])
def test_a_row(name: str) -> None:
    assert helper() == 2


class TestRows:
    def test_inside(self) -> None:
        assert False
"""
VITEST = """describe("Books", () => {
  it("shows a title", async () => {
    render(<App />);
    expect(screen.getByText("Dune")).toBeVisible();
  });

  it("shows a price", () => {});
});
"""
BROWSER = "def test_a_person_buys_a_book(ui):\n    ui.open('Books')\n"
FILES = {
    "backend/tests/test_rows.py": PYTEST,
    "frontend/src/App.test.tsx": VITEST,
    "e2e/test_buying.py": BROWSER,
    "e2e/ui.py": "class Ui: ...\n",
    "backend/tests/test_broken.py": "def test_a(:\n",
}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            "Test tests/test_rows.py::test_a_row[a] failed: AssertionError",
            '@pytest.mark.parametrize("name", ["a"])\ndef test_a_row(name: str) -> None:\n    assert helper() == 2',
        ),
        (
            "Test tests/test_rows.py::TestRows::test_inside failed: AssertionError",
            "    def test_inside(self) -> None:\n        assert False",
        ),
        (
            "Test src/App.test.tsx › Books > shows a title failed: Unable to find",
            "\n".join(VITEST.split("\n")[1:5]),
        ),
        ("Browser test test_a_person_buys_a_book failed: TimeoutError", BROWSER.rstrip()),
        ("Test tests/test_rows.py::test_gone failed: x", ""),
        ("Test tests/test_gone.py::test_a failed: x", ""),
        ("Test tests/test_broken.py::test_a failed: x", ""),
        ("Test src/App.test.tsx › Books > never written failed: x", ""),
        ("expected 404, got 500", ""),
    ],
)
def test_its_text_is_found_by_what_the_finding_says(message: str, text: str) -> None:
    assert failing_test(Finding(check="pytest", message=message), FILES) == text


def test_a_long_one_is_cut() -> None:
    long = "def test_long() -> None:\n" + "    a = 1\n" * 100
    found = failing_test(
        Finding(check="pytest", message="Test tests/test_l.py::test_long failed: x"), {"backend/tests/test_l.py": long}
    )
    assert found.count("\n") == 40
    assert found.endswith("\n...")
