"""Lines are counted as git counts them."""

import pytest

from code_host.diff_lines import counted


@pytest.mark.parametrize(
    ("diff", "counts"),
    [
        ("", (0, 0)),
        ("@@ -1,2 +1,2 @@\n same\n-old\n+new\n+more\n", (2, 1)),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n\\ No newline at end of file\n", (1, 1)),
        ("@@ -1 +1,2 @@\n+++ a line that begins so\n-- and one\n", (1, 1)),
        ("Binary files a/x and b/x differ\n", (0, 0)),
    ],
)
def test_lines_are_counted_within_hunks(diff: str, counts: tuple[int, int]) -> None:
    assert counted(diff) == counts
