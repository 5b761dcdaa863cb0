"""Each mistake that the offline model can be asked for, through the real command: found, sent back to its owner, repaired."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.proof import MODEL_SETTING, fault_sentence
from core.types import AgentName
from llm.offline.faults import FAULTS
from tests.e2e.processes import run_command

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
FOUND_BY_ITS_MAKER = {"typescript_error"}
"""What an agent's own check sees before anybody else does: it is told, and writes the file again in the same turn."""
CASES = [
    pytest.param(name, marks=pytest.mark.browser if fault.agent is AgentName.FRONTEND else ())
    for name, fault in FAULTS.items()
]


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_found_goes_back_to_who_made_it_and_is_repaired(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    model = {MODEL_SETTING[fault.agent].upper(): f"offline/scaffold?fault={name}"}
    built = run_command(tmp_path / "data", "build", fault_sentence(name), "--yes", "--json", timeout_s=500, **model)
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr
    *entries, task = [json.loads(line) for line in built.stdout.splitlines()]
    events: list[dict[str, Any]] = [entry["event"] for entry in entries]
    routed = [event for event in events if event["type"] == "routed"]
    asked = [event["prompt_name"] for event in events if event["type"] == "llm_start"]
    assert f"{fault.agent}/fix" in asked
    assert (task["status"], len(routed)) == ("completed", task["iteration"])
    if name in FOUND_BY_ITS_MAKER:
        assert routed == []
        return
    assert [event["to"] for event in routed] == [[fault.agent]]
    assert any(finding["owner"] == fault.agent for finding in routed[0]["findings"])
