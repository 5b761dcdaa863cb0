"""The reviewer can count lines, and what it says of lines that are not there is not believed."""

import pytest

from agents.context import Brief
from agents.deciders import Reviewer, place_findings, read_review
from agents.prompting import PromptLibrary
from config import PROJECT
from core.blocks import parse_blocks, strip_line_numbers
from core.findings import Review
from core.types import AgentName, Json
from tests.plans import todo_plan

FILES = {
    "backend/app/main.py": "import os\n\n\nTABLE = '''\n1| not a number of ours\n</block>\n'''\n",
    "backend/app/empty.py": "",
    "contract/plan.json": "{}",
    "frontend/src/api/schema.d.ts": "export interface paths {}\n",
    "frontend/package-lock.json": "{}",
}
SCORES: Json = {"security": 9, "performance": 9, "quality": 9}


def review_of(*findings: Json) -> Review:
    return place_findings(read_review({"scores": SCORES, "findings": list(findings)}), FILES)


def test_the_reviewer_can_count_the_lines_and_sees_no_generated_file() -> None:
    brief = Brief(task_id="t", step="review", sentence="s", files=FILES, extra={"evidence": "none"})
    text = PromptLibrary(PROJECT / "prompts").render(AgentName.REVIEWER, "review", **Reviewer().values(brief)).text
    shown = {block.name: block.text for block in parse_blocks(text) if block.kind == "file"}
    assert list(shown) == ["backend/app/main.py"]
    assert shown["backend/app/main.py"].splitlines()[4] == "1| not a number of ours"
    assert {path: strip_line_numbers(text) for path, text in shown.items()} == {
        path: FILES[path].removesuffix("\n") for path in shown
    }


def test_tests_and_migrations_are_not_reviewed_but_what_is_shipped_is() -> None:
    plan = todo_plan()
    paths = [
        "backend/tests/test_x.py",
        "backend/migrations/versions/0001.py",
        "README.md",
        "Dockerfile",
        "backend/app/x.py",
    ]
    files = dict.fromkeys(paths, "text\n")
    brief = Brief(task_id="t", step="review", sentence="s", plan=plan, files=files, extra={"evidence": "none"})
    assert Reviewer().values(brief)["files"] == dict.fromkeys(("Dockerfile", "backend/app/x.py"), "text\n")


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("backend/app/main.py", 1, 1),
        ("backend/app/main.py", 7, 7),
        ("backend/app/main.py", 8, None),
        ("backend/app/empty.py", 1, None),
        ("backend/app/elsewhere.py", 3, None),
        (None, 3, None),
    ],
)
def test_a_line_outside_of_its_file_is_dropped_and_the_finding_stays(
    file: str | None, line: int, expected: int | None
) -> None:
    (finding,) = review_of({"file": file, "line": line, "severity": "high", "message": "wrong"}).findings
    assert (finding.file, finding.line, finding.message) == (file, expected, "wrong")
