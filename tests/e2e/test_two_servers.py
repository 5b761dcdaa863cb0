"""Two processes that both believe the data directory is theirs, as on a file system whose locks do nothing."""

import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.processes import Server, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
REPLACED = 70
UNLOCKED = """
import sys
from pathlib import Path
from cli.start import main
from engine.data_lock import DataLock
from tests.e2e.slow_server import slow_down

class NoLock:
    def release(self): ...
    def describe(self, owner): ...

DataLock.acquire = classmethod(lambda cls, directory, owner: NoLock())
slow_down(0.2, Path(sys.argv[1]), Path(sys.argv[2]))
sys.argv = ["autonomy", "serve", "--port", "0"]
main()
"""


def unlocked(calls: Path, held: Path) -> list[str]:
    """A server whose calls wait while an agent's name is in the file `held`."""
    return [sys.executable, "-c", UNLOCKED, str(calls), str(held)]


def calls_of(path: Path) -> list[tuple[int, str]]:
    lines = [line.split(" ", 1) for line in path.read_text().splitlines()]
    return [(int(pid), what) for pid, what in lines]


def test_a_task_is_taken_over_whole_and_the_process_it_was_taken_from_ends(tmp_path: Path) -> None:
    data, calls, held = tmp_path / "data", tmp_path / "calls", tmp_path / "held"
    held.write_text("orchestrator")
    # The first is full with the one task, so that what the second puts back into the queue is the second's to run.
    with running_server(data, command=unlocked(calls, held), MAX_CONCURRENT_TASKS="1") as first:
        body = {"task_description": "Backend only: a blog with posts and comments", "use_sandbox": False}
        task_id = str(first.http.post("/tasks", json=body).json()["task_id"])
        until_called(calls, "orchestrator")
        with running_server(data, command=unlocked(calls, tmp_path / "never")) as second:
            asked = second.wait_for(task_id)
            assert asked["needs_human_input"], asked
            held.unlink()
            assert first.process.wait(timeout=120) == REPLACED
            decision = f"/tasks/{task_id}/interrupts/{asked['interrupt_id']}/decision"
            assert second.http.post(decision, json={"action": "approve"}).status_code == 202
            done = second.wait_for(task_id)
            assert (done["status"], done["error"]) == ("completed", None)
            events = every_event(second, task_id)
            pids = {first.process.pid, second.process.pid}
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    kinds = Counter(event["event"]["type"] for event in events)
    assert (kinds["interrupt.opened"], kinds["interrupt.decided"], kinds["published"]) == (1, 1, 2)
    assert len(list((data / "code_host" / "pulls").glob("*.json"))) == 1
    made = calls_of(calls)
    assert {pid for pid, _ in made} == pids
    repeated = {what: count for what, count in Counter(what for _, what in made).items() if count > 1}
    assert all(count == 2 for count in repeated.values())
    assert len(repeated) <= 1, "only what was in flight when the second process came may be asked twice"


def until_called(calls: Path, agent: str) -> None:
    until = time.monotonic() + 120
    while not (calls.exists() and agent in calls.read_text()):
        assert time.monotonic() < until, f"{agent} was never asked"
        time.sleep(0.02)


def every_event(server: Server, task_id: str) -> list[dict[str, dict[str, str]]]:
    page = server.http.get(f"/tasks/{task_id}/events/page", params={"limit": 500}).json()
    assert page["next"] is None
    return list(page["items"])
