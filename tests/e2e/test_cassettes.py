"""Recording and replaying as people do it: by commands, over servers that are killed, with a provider that repeats keys."""

import json
from pathlib import Path

import pytest

from llm.cassettes.player import Cassette
from tests.e2e.processes import Server, run_command, running_server
from tests.unit.llm.cassettes.tapes import all_text
from tests.wire.driving import KEY, running_counterpart

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SENTENCE = "A REST API for books with title and author, no UI"
UNCHECKED = ("--no-sandbox", "--yes")


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_a_build_is_recorded_replayed_and_diverges_where_it_is_another_one(tmp_path: Path) -> None:
    first = run_command(tmp_path / "first", "build", SENTENCE, *UNCHECKED, RECORD=str(tmp_path / "tape"))
    assert first.returncode == 0, first.stdout + first.stderr
    model = ("--model", f"replay/{tmp_path / 'tape'}")
    again = run_command(tmp_path / "second", "build", SENTENCE, *UNCHECKED, *model)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "recorded calls" not in again.stdout

    other = run_command(tmp_path / "third", "build", SENTENCE.replace("books", "films"), *UNCHECKED, *model)
    assert other.returncode == 1
    assert other.stdout.count("-A REST API for books with title and author, no UI\n+A REST API for films with") == 1
    assert "orchestrator asks orchestrator/classify in iteration 0 what was not recorded" in other.stdout
    task_id = other.stdout.split()[1].rstrip(",")
    shown = run_command(tmp_path / "third", "show", task_id, RECORD=str(tmp_path / "tape"))
    assert "+A REST API for films" in shown.stdout, "to look is not to record"


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_recorded_calls_that_are_not_asked_for_are_told(tmp_path: Path) -> None:
    first = run_command(tmp_path / "first", "build", SENTENCE, *UNCHECKED[:1], RECORD=str(tmp_path / "tape"))
    task_id = first.stdout.split()[1].rstrip(",")
    answered = run_command(tmp_path / "first", "reply", task_id, "ship it", RECORD=str(tmp_path / "tape"))
    assert (first.returncode, answered.returncode) == (3, 0), answered.stderr
    again = run_command(tmp_path / "second", "build", SENTENCE, *UNCHECKED, "--model", f"replay/{tmp_path / 'tape'}")
    assert again.returncode == 0, again.stdout + again.stderr
    calls = len(Cassette.read(tmp_path / "tape").entries)
    told = f"1 of {calls} recorded calls were not asked for: orchestrator/reply in iteration 0"
    assert told in again.stdout


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_a_recording_over_two_kills_is_replayed_to_the_same_files(tmp_path: Path) -> None:
    def calls(server: Server, task_id: str) -> int:
        page = server.http.get(f"/tasks/{task_id}/events/page", params={"type": "llm_end", "limit": 500}).json()
        return len(page["items"])

    recording = {"RECORD": str(tmp_path / "tape")}
    body = {"task_description": SENTENCE, "use_sandbox": True}
    with running_server(tmp_path / "first", **recording) as server:
        task_id = server.http.post("/tasks", json=body).json()["task_id"]
        while not calls(server, task_id):
            pass
        server.kill()
    with running_server(tmp_path / "first", **recording) as server:
        while calls(server, task_id) < 5:
            pass
        server.kill()
    with running_server(tmp_path / "first", **recording) as server:
        assert server.wait_for(task_id)["status"] == "waiting_for_input"
        recorded = server.http.get(f"/tasks/{task_id}", params={"include": "artifacts"}).json()["artifacts"]
        repeated = calls(server, task_id)

    models = dict.fromkeys(
        (
            f"MODEL_{name}"
            for name in ["ORCHESTRATOR", "PLANNER", "BACKEND", "DATABASE", "QA", "REVIEWER", "GIT", "DEVOPS"]
        ),
        f"replay/{tmp_path / 'tape'}",
    )
    with running_server(tmp_path / "second", **models) as server:
        task_id = server.http.post("/tasks", json=body).json()["task_id"]
        task = server.wait_for(task_id)
        assert task["status"] == "waiting_for_input", task["error"]
        replayed = server.http.get(f"/tasks/{task_id}", params={"include": "artifacts"}).json()["artifacts"]
    assert replayed == recorded
    assert len(recorded) > 10
    assert len(Cassette.read(tmp_path / "tape").entries) <= repeated


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_a_key_that_a_provider_repeats_is_in_no_cassette_and_the_failure_is_replayed(tmp_path: Path) -> None:
    parameters = json.dumps({"openai": {"extra_headers": {"X-Api-Key": "opaque-canary"}}})
    with running_counterpart(KEY) as there:
        there.script("gpt-5", *[{"status": 401, "message": "no", "quote_key": True}] * 5)
        settings = {
            "OPENAI_API_BASE": f"{there.url}/v1",
            "OPENAI_API_KEY": KEY,
            "AUTONOMY_OFFLINE": "false",
            "MODEL_PRICING": '{"openai/gpt-5": {"input": 1, "output": 1}}',
            "MODEL_LLM_PARAMS": parameters,
            "RECORD": str(tmp_path / "tape"),
        }
        sentence = f"{SENTENCE}; {KEY}; opaque-canary"
        first = run_command(tmp_path / "first", "build", sentence, *UNCHECKED, "--model", "openai/gpt-5", **settings)
    assert first.returncode == 3, first.stdout + first.stderr
    text = all_text(tmp_path / "tape")
    assert "canary" not in text
    assert KEY not in text
    assert "books with title and author, no UI; [redacted]; [redacted]" in text
    assert '"parameters": {"extra_headers": {"X-Api-Key": "[redacted]"}}' in text
    sentence = f"{SENTENCE}; [redacted]; [redacted]"
    again = run_command(tmp_path / "second", "build", sentence, *UNCHECKED, "--model", f"replay/{tmp_path / 'tape'}")
    assert again.returncode == 3, again.stdout + again.stderr
    assert "openai/gpt-5" in again.stdout, "who failed when it was recorded"


def test_a_cassette_that_cannot_be_used_is_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "tape").mkdir()
    (tmp_path / "tape" / "cassette.json").write_text('{\n "format": "autonomy cassette",\n "version": 2\n}')
    model = ("--model", f"replay/{tmp_path / 'tape'}")
    for arguments, changes in ((model, {}), ((), {"RECORD": str(tmp_path / "tape")})):
        done = run_command(tmp_path / "data", "build", SENTENCE, *UNCHECKED, *arguments, **changes)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "cassette.json line 3: version 2 is newer than 1" in done.stderr
    done = run_command(tmp_path / "data", "build", SENTENCE, *UNCHECKED, *model, RECORD=str(tmp_path / "tape"))
    assert (done.returncode, "RECORD must be another folder" in done.stderr) == (2, True)
