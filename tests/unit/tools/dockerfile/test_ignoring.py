"""`.dockerignore`, pattern by pattern."""

import pytest

from tools.inside.dockerfile.ignoring import ignoring


@pytest.mark.parametrize(
    ("patterns", "path", "out"),
    [
        ("**/.env", ".env", True),
        ("**/.env", "backend/.env", True),
        (".env", "backend/.env", False),
        ("backend/tests", "backend/tests/test_a.py", True),
        ("/e2e/", "e2e/ui.py", True),
        ("*.md", "README.md", True),
        ("*.md", "deploy/README.md", False),
        ("**/*.test.ts", "frontend/src/a.test.ts", True),
        ("**\n!backend", "backend/app/main.py", False),
        ("**\n!backend\nbackend/tests", "backend/tests/a.py", True),
        ("# backend", "backend/a.py", False),
        ("dist?", "dist1/a", True),
    ],
)
def test_the_last_pattern_that_fits_decides(patterns: str, path: str, out: bool) -> None:
    assert ignoring(patterns)(path) is out
