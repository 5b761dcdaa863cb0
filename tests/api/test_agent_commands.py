"""`autonomy agents`, `agent`, `rollback` and `rule`, against a service that runs."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.agent_words import describe_agents, describe_memory_diff
from cli.agents import RuleWish, find_rule
from cli.app import app
from cli.errors import CommandFailed
from client.agents import IdentityAnswer, MemoryDiff, RejectedRule, Rule, Trial
from client.insight import Agent, AgentMetrics, Identity, Record, RuleOrigin
from tests.api.service import service_in_thread

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with service_in_thread(tmp_path_factory.mktemp("agents")) as path:
        yield f"unix:{path}"


@pytest.fixture
def command(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(app, [*words, "--server", address])


def shown(command: Command, agent: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(command("agent", agent, "--json").stdout)
    return found


def test_every_agent_has_a_line(command: Command) -> None:
    listed = command("agents")
    assert listed.exit_code == 0, listed.output
    head, *lines = listed.stdout.splitlines()
    assert head.split()[:3] == ["agent", "model", "version"]
    assert [line.split()[0] for line in lines][:2] == ["orchestrator", "planner"]
    assert len(lines) == 9
    assert len(json.loads(command("agents", "--json").stdout)["agents"]) == 9


def test_a_rule_is_added_pinned_refused_let_go_and_deleted_and_all_of_it_rolled_back(command: Command) -> None:
    agent, text = "qa_agent", "Look at every list twice"
    before = shown(command, agent)["rules"]
    assert command("rule", "add", agent, text, "--why", "lists go wrong").exit_code == 0
    rule = next(each for each in shown(command, agent)["rules"] if each["text"] == text)
    told = command("agent", agent).stdout
    assert "by " in told
    assert "lists go wrong" in told
    short = str(rule["rule_id"])[:10]
    pinned = command("rule", "pin", agent, short)
    assert f"pinned: {text}; {agent} is at version 3" in pinned.stdout
    assert "[pinned]" in command("agent", agent).stdout
    refused = command("rule", "delete", agent, short, "--yes")
    assert (refused.exit_code, "is pinned; let it go first" in refused.stderr) == (1, True)
    assert command("rule", "unpin", agent, short).exit_code == 0
    asked = command("rule", "delete", agent, short)
    assert (asked.exit_code, "give --yes" in asked.stderr) == (3, True)
    assert command("rule", "delete", agent, short, "--yes").exit_code == 0
    assert [each["text"] for each in shown(command, agent)["rules"]] == [each["text"] for each in before]
    diff = command("agent", agent, "--diff", "2", "5")
    assert f"  - {text}" in diff.stdout
    assert text in command("agent", agent, "--version", "2").stdout
    back = command("rollback", agent, "2", "--yes")
    assert back.stdout.splitlines()[-1] == f"{agent} is at version 6, which is version 2 again"
    assert command("rollback", agent, "2").exit_code == 3


@pytest.mark.parametrize(("words", "code", "said"), [
    (("agent", "nobody"), 2, "the agents are orchestrator, planner, backend_agent"),
    (("agent", "planner", "--version", "77"), 1, "version 77 of planner is not kept; kept are 1"),
    (("agent", "planner", "--diff", "1", "2", "--version", "1"), 2, "no --version"),
    (("rollback", "planner", "1", "--yes"), 1, "planner is at version 1 already"),
    (("rule", "disable", "planner", "ffffffff"), 1, "`autonomy agent planner` lists them"),
    (("eval", "rule", "planner", "ffffffff"), 1, "`autonomy agent planner` lists them"),
    (("rule", "add", "planner", "x" * 201), 2, "text: has 201 characters, and 200 is the most"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_what_is_known(
    command: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    ended = command(*words)
    assert (ended.exit_code, said in ended.stderr) == (code, True), ended.output


def a_rule(rule_id: str) -> Rule:
    return Rule(
        rule_id=rule_id, text=f"rule {rule_id}", source="learned", use_count=0, success_count=0, weak=False, pinned=False,
        disabled=False,
    )  # fmt: skip


def test_a_beginning_that_several_rules_have_names_them() -> None:
    trial = Trial(rule_id="ab99", text="on trial", origin=RuleOrigin())
    answer = IdentityAnswer(
        identity=Identity(agent="planner"), rules=(a_rule("ab12"), a_rule("ab34")), trials=(trial,), versions=(1,)
    )
    with pytest.raises(CommandFailed, match="2 rules of planner begin with ab: ab12: rule ab12; ab34: rule ab34"):
        find_rule(answer, RuleWish("planner", "ab"))
    assert find_rule(answer, RuleWish("planner", "ab3")).text == "rule ab34"
    with pytest.raises(CommandFailed, match="has no rule 'ab9'"):
        find_rule(answer, RuleWish("planner", "ab9"))
    assert find_rule(answer, RuleWish("planner", "ab9", trials=True)).text == "on trial"


def test_shares_come_with_how_sure_they_are() -> None:
    record = Record(tasks=8, first_pass=6, rate=0.75, low=0.409, high=0.929, rounds=1.5)
    agent = Agent(
        agent="planner", model="m", identity_version=3, rules=4, trials=1, weak=2, record=record,
        metrics=AgentMetrics(agent="planner"),
    )  # fmt: skip
    line = list(describe_agents([agent]))[1].split()
    assert line == ["planner", "m", "3", "4", "1", "2", "75%", "of", "8", "41%", "and", "93%", "1.5"]


def test_a_memory_diff_tells_what_came_went_was_tried_and_turned_away() -> None:
    diff = MemoryDiff(
        diff_id="d", agent="planner", ts=0, kind="experiment", from_version=2, to_version=3, added=("a",), removed=("b",),
        trials=("c",), experiment="e1", rejected=(RejectedRule(text="d", reason="too long"),),
    )  # fmt: skip
    first, *rest = describe_memory_diff(diff)
    assert first == "-  experiment, experiment e1: from version 2, to version 3"
    assert rest == ["    + a", "    ? c (on trial)", "    - b", "    x d (too long)"]
