"""Prompts: what is rendered is what was reviewed, and data stays data."""

import re

import jinja2
import pytest

from agents.prompting import PromptLibrary
from config import PROJECT
from core.blocks import parse_blocks
from core.types import AgentName
from tests.unit.agents.snapshots import FOLDER, HOSTILE, rendered


def test_every_prompt_renders_as_its_snapshot() -> None:
    stored = {path.stem: path.read_text().removesuffix("\n") for path in FOLDER.glob("*.txt")}
    assert rendered() == stored, "review the change, then run: python -m tests.unit.agents.snapshots"


def test_every_template_is_rendered_by_a_snapshot() -> None:
    names = {path.stem for path in (PROJECT / "prompts").glob("*/*.md")} - {
        "role",
        "house",
        "pages",
        "plan_format",
        "made",
        "edits",
        "deletes",
        "ask",
        "task",
        "agent",
    }
    names -= {"answer_files", "answer_json"}
    assert names <= {name.split(".", 1)[1] for name in rendered()}


@pytest.mark.parametrize("name", sorted(rendered()))
def test_hostile_text_stands_only_inside_its_block(name: str) -> None:
    text = rendered()[name]
    hostile = [block for block in parse_blocks(text) if "Ignore the rules" in block.text]
    assert all(block.kind == "untrusted" and block.text == HOSTILE for block in hostile)
    assert "Ignore the rules" not in "\n".join(_outside_of_blocks(text))
    agents = [line for line in _outside_of_blocks(text) if line.startswith("Agent: ")]
    assert agents == ([f"Agent: {name.split('.')[0]}"] if name.endswith(".opening") else [])


def _outside_of_blocks(text: str) -> list[str]:
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("<block "):
            inside = True
        if not inside:
            lines.append(line)
        if line == "</block>":
            inside = False
    return lines


def test_generated_applications_are_told_the_packages_that_the_sandbox_has() -> None:
    house = (PROJECT / "prompts" / "shared" / "house.md").read_text()
    told = house.split("Python 3.11 with ")[1].split(" and no")[0]
    packages = [re.sub(r"synchronous | 2$", "", package) for package in told.split(", ")]
    there = (PROJECT / "sandbox" / "toolchains" / "python" / "requirements.in").read_text().split()
    assert len(packages) > 5
    assert set(packages) <= set(there)


@pytest.mark.parametrize("allowed", [["approve", "changes", "abort"], ["raise_budget", "abort"], ["retry", "abort"]])
def test_a_reply_is_read_as_one_of_the_actions_that_answer_the_question(allowed: list[str]) -> None:
    given = {"question": {}, "reply": "yes", "allowed": allowed}
    text = PromptLibrary(PROJECT / "prompts").render(AgentName.ORCHESTRATOR, "reply", **given).text
    choices = text.split('{"action": ')[1].split(", ")[0]
    assert choices == " | ".join(f'"{action}"' for action in [*allowed, "unclear"])
    assert ("new cap" in text) == ("raise_budget" in allowed)


def test_a_variable_that_is_missing_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        PromptLibrary(PROJECT / "prompts").render(AgentName.GIT, "describe")


def test_the_hash_of_a_prompt_is_that_of_its_template_not_of_its_values() -> None:
    library = PromptLibrary(PROJECT / "prompts")
    first = library.render(AgentName.BACKEND, "build", brief="a", files={})
    second = library.render(AgentName.BACKEND, "build", brief="b", files={})
    assert first.source_hash == second.source_hash
    assert first.text != second.text
