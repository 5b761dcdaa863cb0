"""A service with a past: tasks that ended, ask, failed. Built once for all processes of a test run, then copied."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.service import FAULTY, SENTENCE
from tests.e2e.processes import Server, running_server

SETTINGS = {"MODEL_BACKEND": FAULTY}
KEPT = "BROWSER_HISTORY"
"""Names a folder in which the past is kept from run to run, for those who write these tests."""
DONE = "history.json"


@dataclass(frozen=True)
class History:
    """Where it is served, and what is in it, by task id."""

    url: str
    finished: str
    """Built in two rounds, approved, published."""
    approval: str
    """Asks whether to publish."""
    escalation: str
    """Has used up its rounds."""
    budget: str
    """Has used up its money."""
    cancelled: str


@contextmanager
def serving_history(shared: Path, own: Path) -> Iterator[History]:
    """The past that is made in `shared` by whoever comes first, served from a copy in `own`."""
    kept = Path(os.environ.get(KEPT) or shared / "history")
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / DONE).exists():
            shutil.rmtree(kept / "data", ignore_errors=True)
            _make(kept)
    shutil.copytree(kept / "data", own)
    tasks = json.loads((kept / DONE).read_text())
    with running_server(own, stderr=None, **SETTINGS) as server:
        yield History(**{**tasks, "url": server.url})


def _make(kept: Path) -> None:
    with running_server(kept / "data", stderr=None, **SETTINGS) as server:
        finished = _submit(server, use_sandbox=True, budget_usd=5.0)
        made = History(
            url="",
            finished=finished,
            escalation=_submit(server, "Build a REST API for recipes with ingredients", max_iterations=1),
            budget=_submit(server, "Build a REST API for invoices and customers", budget_usd=0.0005),
            cancelled=_submit(server, "Build a REST API for a library with loans"),
            approval=_submit(server, "Build a REST API for a blog with posts and comments"),
        )
        for task_id in (made.escalation, made.budget, made.cancelled, made.approval, finished):
            server.wait_for(task_id)
        assert server.http.delete(f"/tasks/{made.cancelled}").status_code < 300
        _approve(server, finished)
        assert server.wait_for(finished)["status"] == "completed"
    (kept / DONE).write_text(json.dumps(asdict(made)))


def _submit(server: Server, sentence: str = SENTENCE, *, use_sandbox: bool = False, **fields: Any) -> str:
    body = {"task_description": sentence, "use_sandbox": use_sandbox, **fields}
    answer = server.http.post("/tasks", json=body)
    if use_sandbox and answer.status_code in (409, 422, 503):
        pytest.skip(f"missing: a sandbox that works here ({answer.json()['detail']})")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["task_id"])


def _approve(server: Server, task_id: str) -> None:
    asks = server.wait_for(task_id)
    question = server.http.get(f"/tasks/{task_id}/interrupts/{asks['interrupt_id']}").json()
    url = f"/tasks/{task_id}/interrupts/{asks['interrupt_id']}/decision"
    decided = server.http.post(url, json={"action": "approve", "expected_digest": question["digest"]})
    assert decided.status_code == 202, decided.text
