"""`autonomy eval rule`: what it says and ends with, against a service that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.agents import RuleWish
from cli.app import app
from cli.errors import CommandFailed, ExitCode
from cli.host import Target
from cli.screens import LineScreen
from cli.trying import try_rule
from client import tuning
from config import Settings
from core.learning import ExperimentResult
from core.rules import rule_id
from core.types import AgentName
from tests.unit.client.answering import Asked, answering, send_json

RULE = {"rule_id": "ab12", "text": "Look twice", "origin": {}}
IDENTITY = {"identity": {"agent": "planner"}, "rules": [], "trials": [RULE], "versions": [1]}
RUNNING = {
    "attempt_id": "try-1", "agent": "planner", "rule_id": "ab12", "rule": "Look twice", "state": "running", "by": "cli",
    "from_version": 1, "began_at": 1.0, "memory_diffs": "/agents/planner/memory-diffs",
}  # fmt: skip
RESULT = {
    "experiment_id": "exp-1", "agent": "planner", "rule": "Look twice", "tasks": 12, "with_rule": 0.5, "without_rule": 0.8,
    "difference": 0.3, "low": 0.1, "high": 0.5, "cost_usd": 0.25, "seconds": 90.0,
}  # fmt: skip
FIGURES = [
    "  0.50 findings a task with the rule, 0.80 without, over 12 held-out tasks",
    "  +0.30 fewer, 95 % from +0.10 to +0.50",
    "  $0.2500, 90 s, experiment exp-1",
]


def done(verdict: str, version: int | None = 2) -> dict[str, Any]:
    diff = "planner-v2" if version else "experiment-exp-1"
    return {**RUNNING, "state": "done", "verdict": verdict, "result": RESULT, "diff_id": diff, "to_version": version}


async def tried(folder: Path, end: dict[str, Any], *, wait: bool = True) -> tuple[ExitCode, list[str]]:
    """The exit code, and the requests. The experiment runs at the first look, and has ended at the second."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.target.endswith("/identity"):
            send_json(writer, IDENTITY)
        else:
            send_json(writer, RUNNING if asked.number < 4 else end)

    async with answering(folder, answer) as place:
        target = Target(Settings(_env_file=None, data_dir=folder), place.address)
        code = await try_rule(target, RuleWish("planner", "ab", trials=True), LineScreen(interactive=False), wait=wait)
        return code, [f"{asked.method} {asked.target}" for asked in place.asked]


@pytest.mark.parametrize(("end", "code", "said"), [
    (done("promoted"), 0, ["planner: promoted: Look twice", *FIGURES, "  version 2, memory diff planner-v2"]),
    (done("kept"), 0, ["planner: kept: Look twice", *FIGURES, "  version 2, memory diff planner-v2"]),
    (done("dropped"), 1, ["planner: dropped: Look twice", *FIGURES, "  version 2, memory diff planner-v2"]),
    (done("pruned", None), 1,
     ["planner: pruned: Look twice", *FIGURES, "  nothing was changed, memory diff experiment-exp-1"]),
    ({**RUNNING, "state": "failed", "error": "no money"}, 1, ["planner: failed: Look twice", "  no money"]),
])  # fmt: skip
async def test_the_end_is_told_and_the_exit_code_says_whether_the_rule_helps(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    end: dict[str, Any],
    code: int,
    said: list[str],
) -> None:
    monkeypatch.setattr(tuning, "LOOK_S", 0.01)
    ended, asked = await tried(tmp_path, end)
    path = "/agents/planner/rules/ab12/experiment"
    assert asked == ["GET /agents/planner/identity", f"POST {path}", f"GET {path}", f"GET {path}"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "planner: rule ab12 is being tried: Look twice"
    assert (ended, lines[2:]) == (code, said)


async def test_without_waiting_it_ends_when_the_experiment_has_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, asked = await tried(tmp_path, done("promoted"), wait=False)
    assert (code, len(asked)) == (0, 2)
    assert "`autonomy agent planner`" in capsys.readouterr().out


def test_without_a_service_it_is_refused_unless_one_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    refused = CliRunner().invoke(app, ["eval", "rule", "planner", "ab12", "--no-wait"])
    assert (refused.exit_code, "leave --no-wait out, or start one with `autonomy serve`" in refused.stderr) == (4, True)


async def test_a_rule_that_the_agent_has_is_known_by_its_text_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "LOOK_S", 0.01)
    text = "Look twice at every border"
    known = {**IDENTITY, "trials": [{**RULE, "rule_id": rule_id(text), "text": text}]}

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_json(writer, known if asked.target.endswith("/identity") else done("promoted"))

    async with answering(tmp_path, answer) as place:
        target = Target(Settings(_env_file=None, data_dir=tmp_path), place.address)
        wish = RuleWish("planner", text, trials=True)
        assert await try_rule(target, wish, LineScreen(interactive=False), wait=True) is ExitCode.COMPLETED
        assert f"/agents/planner/rules/{rule_id(text)}/experiment" in {asked.target for asked in place.asked}


async def test_the_text_of_a_new_rule_is_measured_and_nothing_is_asked_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Look twice at every border"

    class Measured:
        async def run(self, agent: AgentName, rule: str) -> ExperimentResult:
            return ExperimentResult.model_validate({**RESULT, "agent": agent, "rule": rule})

    @asynccontextmanager
    async def evaluating(settings: Settings, *, parallel: int) -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(experiments=Measured())

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        send_json(writer, IDENTITY)

    monkeypatch.setattr("cli.trying.evaluating", evaluating)
    async with answering(tmp_path, answer) as place:
        target = Target(Settings(_env_file=None, data_dir=tmp_path), place.address)
        wish = RuleWish("planner", text, trials=True)
        assert await try_rule(target, wish, LineScreen(interactive=False), wait=True) is ExitCode.COMPLETED
        assert [asked.method for asked in place.asked] == ["GET"]
    said = capsys.readouterr().out
    assert "planner does not have it: nothing was changed" in said
    long = RuleWish("planner", "word " * 300, trials=True)
    async with answering(tmp_path, answer) as place:
        with pytest.raises(CommandFailed, match="more than 1,000 characters"):
            await try_rule(Target(target.settings, place.address), long, LineScreen(interactive=False), wait=True)
