"""The one path rule."""

import pytest

from core.errors import PathRefused
from core.paths import MAX_DEPTH, MAX_PATH_CHARACTERS, checked_path


@pytest.mark.parametrize(
    "path",
    ["a.py", "backend/app/main.py", ".github/workflows/ci.yml", "frontend/src/[id].tsx", "docs/naïve.md", "Dockerfile"],
)
def test_a_plain_relative_path_is_taken_as_it_is(path: str) -> None:
    assert checked_path(path) == path


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "empty"),
        (" a.py", "spaces"),
        ("/etc/passwd", "relative"),
        ("C:/x", "relative"),
        ("a/", "relative"),
        ("../a", "`..`"),
        ("a/../../b", "`..`"),
        ("a//b", "empty part"),
        ("./a", "`.`"),
        ("a/.git/config", "own folder"),
        (".GIT/hooks/pre-commit", "own folder"),
        ("git~1/config", "own folder"),
        ("con.txt", "reserved"),
        ("a/LPT1", "reserved"),
        ("a./b", "dot or a space"),
        ("a /b", "dot or a space"),
        ("a\\b", "not allowed"),
        ("a\x00b", "not allowed"),
        ("a\u202eb", "not allowed"),
        ("a\nb", "not allowed"),
        ("cafe\u0301.py", "NFC"),
        ("x" * (MAX_PATH_CHARACTERS + 1), "longer"),
        ("/".join("d" * (MAX_DEPTH + 1)), "deeper"),
    ],
)
def test_a_path_that_could_mean_something_else_is_refused_with_the_reason(path: str, reason: str) -> None:
    with pytest.raises(PathRefused, match=reason):
        checked_path(path)
