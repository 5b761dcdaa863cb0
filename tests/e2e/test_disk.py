"""A disk that is full, nearly full or read-only under the data directory: nothing is lost, and work goes on when it can."""

import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.disks import Disk, on_small_disk
from tests.e2e.processes import COMMAND, Server, run_command, running_server
from tests.e2e.slow_server import held_file

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BODY = {"task_description": "Backend only: a blog with posts and comments", "use_sandbox": False}
HELD_S = 4.0


def slow_server(calls: Path) -> list[str]:
    return [sys.executable, "-m", "tests.e2e.slow_server", "0.7", str(calls)]


def until_called(calls: Path, agent: str) -> None:
    until = time.monotonic() + 120
    while not (calls.exists() and agent in calls.read_text()):
        assert time.monotonic() < until, f"{agent} was never asked"
        time.sleep(0.02)


def finish(server: Server, task_id: str) -> None:
    """Approve when it is asked, and see it completed."""
    asked = server.wait_for(task_id)
    assert asked["needs_human_input"], asked
    decision = f"/tasks/{task_id}/interrupts/{asked['interrupt_id']}/decision"
    assert server.http.post(decision, json={"action": "approve"}).status_code == 202
    done = server.wait_for(task_id)
    assert (done["status"], done["error"]) == ("completed", None)
    page = server.http.get(f"/tasks/{task_id}/events/page", params={"limit": 500}).json()
    assert [event["seq"] for event in page["items"]] == list(range(1, len(page["items"]) + 1))
    kinds = Counter(event["event"]["type"] for event in page["items"])
    assert (kinds["interrupt.opened"], kinds["interrupt.decided"], kinds["published"]) == (1, 1, 2)


def repeated(calls: Path) -> list[str]:
    counts = Counter(line.split(" ", 1)[1] for line in calls.read_text().splitlines())
    return [what for what, count in counts.items() if count > 1]


def test_below_the_limit_nothing_is_begun_and_what_has_begun_waits_unharmed(tmp_path: Path) -> None:
    data, calls = tmp_path / "data", tmp_path / "calls"
    command = on_small_disk(data, 64, slow_server(calls))
    held_file(calls).write_text("planner")
    with running_server(data, command=command, MIN_FREE_DISK_MB="16") as server:
        task_id = str(server.http.post("/tasks", json=BODY).json()["task_id"])
        until_called(calls, "planner")
        with Disk(server.process.pid, data).filled(but_bytes=8 << 20):
            refused = server.http.post("/tasks", json=BODY)
            assert refused.status_code == 507
            assert "MIN_FREE_DISK_MB" in refused.json()["detail"]
            held_file(calls).unlink()
            time.sleep(HELD_S)
            task = server.http.get(f"/tasks/{task_id}").json()
            assert (task["status"], task["error"]) == ("running", None)
            assert "backend_agent" not in calls.read_text()
        finish(server, task_id)
        assert repeated(calls) == []


def test_a_disk_that_is_full_to_the_last_byte_stops_work_and_loses_none(tmp_path: Path) -> None:
    data, calls = tmp_path / "data", tmp_path / "calls"
    command = on_small_disk(data, 48, slow_server(calls))
    held_file(calls).write_text("planner")
    with running_server(data, command=command, MIN_FREE_DISK_MB="0") as server:
        task_id = str(server.http.post("/tasks", json=BODY).json()["task_id"])
        until_called(calls, "planner")
        with Disk(server.process.pid, data).filled():
            refused = server.http.post("/tasks", json=BODY)
            assert refused.status_code == 507, refused.text
            held_file(calls).unlink()
            time.sleep(HELD_S)
            assert server.http.get("/health").status_code == 200
        finish(server, task_id)
        assert len(repeated(calls)) <= 1, "only the call whose answer could not be stored may be made again"


@pytest.mark.parametrize("arguments", [["serve", "--port", "0"], ["build", "a todo list"], ["tasks"]])
def test_a_data_directory_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path, arguments: list[str]) -> None:
    command = on_small_disk(tmp_path / "data", 8, COMMAND, options="ro")
    done = run_command(tmp_path / "data", *arguments, command=command)
    assert done.returncode == 4
    assert "cannot be written to (Read-only file system)" in done.stderr
    assert "DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr
