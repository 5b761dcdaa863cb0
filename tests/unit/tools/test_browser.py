"""Whose fault a failed browser test is."""

import pytest

from tools.checks.browser import _finding
from tools.junit import Case


@pytest.mark.parametrize(
    ("problem", "category"),
    [
        ("AttributeError: 'Ui' object has no attribute 'page'", "test"),
        ("ModuleNotFoundError: No module named 'pages'", "test"),
        ("collection failure", "test"),
        ("AssertionError: Locator expected to be visible", "source"),
        ("playwright._impl._errors.TimeoutError: Page.click: Timeout 30000ms exceeded", "source"),
        ("TimeoutError: nothing came", "source"),
    ],
)
def test_what_a_test_raises_itself_goes_back_to_who_wrote_it(problem: str, category: str) -> None:
    found = _finding(Case("e2e.test_books", "test_added", problem, "e2e/test_books.py:30: in test_added"))
    assert found.category == category
    assert found.file == ("e2e/test_books.py" if category == "test" else None)
