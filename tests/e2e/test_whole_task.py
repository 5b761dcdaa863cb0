"""One sentence through the running server, with nothing but HTTP and git; and the same when the server is killed."""

import io
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.models import ModelRequest
from llm.mailbox import MailboxRequest, answer, list_pending
from llm.offline.client import OfflineModel
from tests.e2e.processes import Server, running_server

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(900)]
SENTENCE = "A REST API for books with title and author, no UI"


def submit(server: Server, *, use_sandbox: bool = True) -> str:
    answered = server.http.post("/tasks", json={"task_description": SENTENCE, "use_sandbox": use_sandbox})
    assert answered.status_code == 201, answered.text
    return str(answered.json()["task_id"])


def approve(server: Server, task_id: str) -> None:
    shown = next(each for each in server.http.get("/interrupts").json() if each["task_id"] == task_id)
    assert shown["kind"] == "approval", shown["prompt"]
    url = f"/tasks/{task_id}/interrupts/{shown['interrupt_id']}/decision"
    decided = server.http.post(url, json={"action": "approve", "expected_digest": shown["digest"]})
    assert decided.status_code == 202, decided.text


def published(server: Server, task_id: str) -> dict[str, str]:
    """The pull request of a task that completed."""
    task = server.wait_for(task_id)
    assert task["status"] == "completed", task["error"]
    found: dict[str, str] = server.http.get(f"/tasks/{task_id}/pull_request").json()
    return found


def clone(request: dict[str, str], folder: Path) -> dict[str, str]:
    """Fetch the pull request's branch with git as people do; its files."""
    command = ["git", "clone", "--quiet", "--branch", request["branch"], request["clone_url"], str(folder)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    names = subprocess.run(["git", "ls-files"], cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    return {name: (folder / name).read_text() for name in names}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The pull request of a run that nothing disturbs, with its files checked against the download."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with running_server(folder / "data") as server:
        task_id = submit(server)
        assert server.wait_for(task_id)["needs_human_input"]
        approve(server, task_id)
        request = published(server, task_id)
        files = clone(request, folder / "clone")
        packed = server.http.get(f"/tasks/{task_id}/artifacts.tar.gz").content
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            download = {each.name: tar.extractfile(each) for each in tar.getmembers()}
            assert {name: file.read().decode() for name, file in download.items() if file} == files
        assert "backend/app/main.py" in files
        yield request


def test_what_is_approved_is_what_git_clones_and_what_is_downloaded(undisturbed: dict[str, str]) -> None:
    assert undisturbed["branch"].startswith("autonomy/")
    assert undisturbed["title"]
    assert "files changed" in undisturbed["diff_stat"]


def test_a_kill_at_the_approval_question_loses_nothing(undisturbed: dict[str, str], tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        task_id = submit(server, use_sandbox=False)
        before = server.wait_for(task_id)
        assert before["needs_human_input"]
        server.kill()
    with running_server(tmp_path / "data") as server:
        after = server.wait_for(task_id)
        assert after["interrupt_id"] == before["interrupt_id"]
        approve(server, task_id)
        assert published(server, task_id)["tree"] == undisturbed["tree"]


def test_a_kill_while_the_backend_agent_waits_for_its_model_loses_nothing(
    undisturbed: dict[str, str], tmp_path: Path
) -> None:
    mail = tmp_path / "mail"
    models = {"MODEL_BACKEND": f"mailbox/{mail}", "AUTONOMY_OFFLINE": "false"}
    with running_server(tmp_path / "data", **models) as server:
        task_id = submit(server)
        asked = wait_for_request(mail)
        assert asked.agent == "backend_agent"
        assert agent_is_running(server, task_id, "backend_agent")
        server.kill()
    with running_server(tmp_path / "data", **models) as server, answering(mail):
        assert server.wait_for(task_id)["needs_human_input"]
        approve(server, task_id)
        assert published(server, task_id)["tree"] == undisturbed["tree"]


def agent_is_running(server: Server, task_id: str, agent: str) -> bool:
    stats = server.http.get(f"/tasks/{task_id}", params={"include": "agent_stats"}).json()["agent_stats"]
    return bool(stats[agent]["status"] == "running")


def wait_for_request(folder: Path, seconds: float = 120) -> MailboxRequest:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if folder.exists() and (found := list_pending(folder)):
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(f"nothing was asked in {folder}")


@contextmanager
def answering(folder: Path) -> Iterator[None]:
    """Answers what comes into a mailbox with what the offline model says, as another program would."""
    end = threading.Event()

    def work() -> None:
        import asyncio

        model = OfflineModel()
        while not end.wait(0.1):
            for request in list_pending(folder):
                fields = request.model_dump(exclude={"id", "created", "deadline"})
                asked = ModelRequest(model="offline/scaffold", **fields)
                answer(folder, request.id, asyncio.run(model.complete(asked)).text)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(timeout=30)
