"""The suites that are shipped, and what is said of those that are wrong."""

from collections import Counter
from pathlib import Path

import pytest

from config import PROJECT
from core.errors import InvalidInput
from core.types import AgentName
from evals.datasets import EvalTask, load_suite, suite_names
from llm.offline.builders import whole_part
from llm.offline.faults import FAULTS, faults_of_agent
from llm.offline.planning import plan_sentence
from wiring.alone import given_files, spoilt

EVERY = [task for suite in suite_names() for task in load_suite(suite)]
HELD_OUT = load_suite("held-out")
ELSEWHERE = ("examples", "tests", "docs", "prompts")
"""Folders in which no held-out sentence is."""


def test_the_standard_suite_has_every_tier_and_every_mistake() -> None:
    tasks = load_suite("standard")
    tiers = Counter(task.tier for task in tasks if task.end == "completed")
    assert tiers[1] >= 10
    assert tiers[2] >= 10
    assert tiers[3] >= 12
    assert sorted(task.fault for task in tasks if task.fault) == sorted(FAULTS)
    assert all(FAULTS[task.fault].agent is task.agent for task in tasks if task.fault)
    assert sum(task.end == "escalated" for task in tasks) >= 4
    assert [task.says[0] for task in tasks if task.end == "failed"] == ["contradicts itself"]


def test_held_out_sentences_are_in_no_other_set() -> None:
    held_out = {task.sentence.lower() for task in HELD_OUT}
    assert len(held_out) == len(HELD_OUT) >= 116
    others = {task.sentence.lower() for suite in ("smoke", "standard") for task in load_suite(suite)}
    assert not held_out & others
    texts = [
        path.read_text().lower() for folder in ELSEWHERE for path in (PROJECT / folder).rglob("*.*") if is_text(path)
    ]
    assert len(texts) > 100
    assert not [sentence for sentence in held_out if any(sentence in text for text in texts)]


def is_text(path: Path) -> bool:
    return path.suffix in (".txt", ".md", ".py", ".json", ".yaml")


@pytest.mark.parametrize("task", EVERY, ids=lambda task: task.task_id)
def test_sentences_are_read_wholly(task: EvalTask) -> None:
    plan = plan_sentence(task.sentence)
    assert isinstance(plan, str) == (task.end == "failed")
    if isinstance(plan, str):
        assert all(words in plan for words in task.says)
        return
    assert plan.not_covered == ()
    assert set(task.agents) <= {entry.agent for entry in plan.agents}


@pytest.mark.parametrize("task", HELD_OUT, ids=lambda task: task.task_id)
def test_held_out_tasks_name_the_agents_of_their_plans(task: EvalTask) -> None:
    plan = plan_sentence(task.sentence)
    assert not isinstance(plan, str)
    assert task.agents == tuple(entry.agent for entry in plan.agents)


def test_every_builder_has_held_out_tasks() -> None:
    works = Counter(agent for task in HELD_OUT for agent in task.agents)
    assert works[AgentName.BACKEND] >= 116
    assert works[AgentName.FRONTEND] >= 41


def places(task: EvalTask) -> set[str]:
    """The mistakes that have a place in the files of the agents that make them."""
    plan = plan_sentence(task.sentence)
    assert not isinstance(plan, str)
    found = set()
    for agent in {fault.agent for fault in FAULTS.values()} & set(task.agents):
        files = whole_part(agent, plan)
        found |= {fault.name for fault in faults_of_agent(agent) if fault.inject(files, plan) != files}
    return found


def test_every_mistake_has_a_place_in_fifteen_held_out_tasks_and_in_fifteen_with_an_interface() -> None:
    placed = [(task, places(task)) for task in HELD_OUT]
    everywhere = Counter(name for _, names in placed for name in names)
    with_interface = Counter(name for task, names in placed if AgentName.FRONTEND in task.agents for name in names)
    assert {name: everywhere[name] for name in FAULTS if everywhere[name] < 15} == {}
    assert {name: with_interface[name] for name in FAULTS if with_interface[name] < 15} == {}


@pytest.mark.parametrize("task", [task for task in EVERY if task.edits or task.insist], ids=lambda task: task.task_id)
def test_edits_find_their_place(task: EvalTask) -> None:
    files, _ = given_files(task.sentence, None)
    edits = (*task.edits, *task.insist)
    assert spoilt(files, edits) != files


HIDDEN = "hidden: [{name: n, steps: [{call: list, of: x, status: [200]}]}]"
WRONG = {
    "is not YAML": "tasks: [",
    "tasks": "things: []",
    "tier": "tasks: [{task_id: a, tier: 9, sentence: x, HIDDEN}]",
    "agent: tiers 1 and 2": "tasks: [{task_id: a, tier: 2, sentence: x, HIDDEN}]",
    "hidden": "tasks: [{task_id: a, tier: 3, sentence: x, hidden: []}]",
    "task_id": "tasks: [{task_id: A B, tier: 3, sentence: x, HIDDEN}]",
    "unknown-check": "tasks: [{task_id: a, tier: 3, sentence: x, hidden: [unknown-check]}]",
    "says": "tasks: [{task_id: a, tier: 3, sentence: x, end: escalated, HIDDEN}]",
}  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, said: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "wrong.yaml").write_text(WRONG[said].replace("HIDDEN", HIDDEN))
    with pytest.raises(InvalidInput, match=r"own/wrong\.yaml") as raised:
        load_suite("own", tmp_path)
    assert said in str(raised.value)


def test_a_task_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    once = "tasks: [{task_id: a, tier: 3, sentence: x, HIDDEN}]".replace("HIDDEN", HIDDEN)
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / "own" / name).write_text(once)
    with pytest.raises(InvalidInput, match="a is there twice"):
        load_suite("own", tmp_path)
