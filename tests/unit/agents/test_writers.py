"""Which files a writer is shown: its own that are in question, and the starter's only where something is said of them."""

import pytest

import starter
from agents.writers import Work, Writer
from core.findings import Finding
from core.types import AgentName
from tests.plans import todo_plan
from tests.unit.agents.thinking import brief

PLAN = todo_plan()
TODOS, CONFIG, SECURITY = "backend/app/api/todos.py", "backend/app/config.py", "backend/app/security.py"
FILES = {**starter.files(PLAN), TODOS: "router = None\n", SECURITY: "# as this application needs it\n"}
WRITER = Writer(AgentName.BACKEND)


def finding(file: str | None) -> Finding:
    return Finding(check="review", message="wrong", file=file)


def shown(step: str, *findings: Finding) -> set[str]:
    values = WRITER.values(brief(step, files=FILES, findings=findings), PLAN)
    files = values["files"]
    assert isinstance(files, dict)
    return set(files)


@pytest.mark.parametrize(
    ("step", "findings", "expected"),
    [
        ("amend", (), {TODOS, SECURITY}),
        ("amend", (finding(CONFIG),), {TODOS, SECURITY, CONFIG}),
        ("fix", (finding(CONFIG),), {CONFIG}),
        ("fix", (finding(TODOS),), {TODOS}),
        ("fix", (finding(None),), {TODOS, SECURITY}),
    ],
)
def test_a_file_of_the_starter_is_shown_when_it_was_changed_or_is_spoken_of(
    step: str, findings: tuple[Finding, ...], expected: set[str]
) -> None:
    assert shown(step, *findings) == expected


def test_a_correction_of_a_starter_file_shows_that_file() -> None:
    """The agent's own check may find fault with a file that it did not write itself."""
    written = {TODOS: "import nothing\n"}
    given = brief("build", files=FILES)
    values = WRITER._correction(Work(written, problems=(finding(CONFIG), finding(TODOS))), given, PLAN)
    assert values["files"] == {CONFIG: FILES[CONFIG]}, "what it wrote stands in the conversation"
    others = WRITER._correction(Work(written, problems=(finding("backend/app/db/base.py"),)), given, PLAN)
    assert others["files"] == {}, "a file of somebody else is not its to correct"
