"""`autonomy mcp` as hosts run it, with the official client: over stdin and stdout, and over HTTP."""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from config import PROJECT
from tests.e2e.processes import COMMAND, START_S, environment, run_command, running_server
from tests.e2e.test_whole_task import answering
from tests.unit.mcp_server.hosting import call, refused

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SENTENCE = "A REST API for books with title and author, no UI"
READY = re.compile(r"Autonomy's MCP server is ready on (http://\S+/mcp); it drives (.+)\n")
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@asynccontextmanager
async def stdio_host(data: Path, *arguments: str, **changes: str) -> AsyncIterator[Client]:
    """A host that starts `autonomy mcp` as its documentation says."""
    server = StdioServerParameters(
        command=sys.executable, args=[*COMMAND[1:], "mcp", *arguments], env=environment(data, **changes), cwd=PROJECT
    )
    async with Client(server) as host:
        yield host


@contextmanager
def http_server(data: Path, *arguments: str, **changes: str) -> Iterator[tuple[str, str]]:
    """`autonomy mcp --http` on a free port: (its address, what it drives)."""
    command = [*COMMAND, "mcp", "--http", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment(data, **changes), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], START_S)
            found = READY.fullmatch(process.stdout.readline() if ready else "")
            assert found
            yield found[1], found[2]
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0


@asynccontextmanager
async def http_host(url: str, mode: str = "auto", **headers: str) -> AsyncIterator[Client]:
    """`mode` legacy speaks the protocol as hosts did before it had no sessions any more."""
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=300) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as host,
    ):
        yield host


def planner_asks(mail: Path) -> dict[str, str]:
    """Settings with which a task goes on from its planner when somebody answers what comes into `mail`."""
    return {"MODEL_PLANNER": f"mailbox/{mail}", "AUTONOMY_OFFLINE": "false"}


async def build(host: Client, mail: Path) -> dict[str, Any]:
    """From the sentence to the finished task, with an approval that names what was shown."""
    begun = await call(host, "submit_task", task_description=SENTENCE, use_sandbox=False)
    task_id = begun["task_id"]
    told: list[str] = []

    async def take(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    wait = {"task_id": task_id, "timeout_s": 240}
    waiting = asyncio.create_task(host.call_tool("wait_for_task", wait, progress_callback=take))
    for _ in range(2):  # what is asked behind it is answered when it has looked where the task's log ends
        await call(host, "get_task", task_id=task_id)
    with answering(mail):
        waited = await waiting
    assert waited.structured_content is not None
    question = waited.structured_content["question"]
    assert question["kind"] == "approval"
    assert question["shown"]["files"] > 10
    assert any("review: security" in line for line in told), told
    named = {"task_id": task_id, "interrupt_id": question["interrupt_id"], "action": "approve"}
    assert "differs from what you were shown" in await refused(host, "decide", **named, expected_digest="0" * 64)
    decided = await call(host, "decide", **named, expected_digest=question["digest"])
    assert (decided["action"], decided["decided_via"]) == ("approve", "mcp")
    done = await call(host, "wait_for_task", task_id=task_id, timeout_s=240)
    assert (done["status"], done["question"], done["error"]) == ("completed", None, None)
    return done


async def read_files(host: Client, task_id: str) -> None:
    """What was built, by tools and as resources."""
    files = (await call(host, "list_artifacts", task_id=task_id))["files"]
    by_path = {line["path"]: line["characters"] for line in files}
    whole = await call(host, "read_artifact", task_id=task_id, path="backend/app/main.py")
    assert (len(whole["text"]), whole["next_offset"]) == (by_path["backend/app/main.py"], None)
    pieces, offset = "", 0
    while offset is not None:
        piece = await call(host, "read_artifact", task_id=task_id, path="backend/app/main.py", offset=offset, limit=100)
        pieces, offset = pieces + piece["text"], piece["next_offset"]
    assert pieces == whole["text"]
    diff = await call(host, "get_diff", task_id=task_id, limit=1_000)
    assert ({each["path"] for each in diff["files"]}, diff["truncated"]) == (by_path.keys(), True)
    assert "has no file" in await refused(host, "read_artifact", task_id=task_id, path="../../etc/passwd")
    about = f"autonomy://tasks/{task_id}"
    shown = await host.read_resource(f"{about}/artifacts/backend/app/main.py")
    assert shown.contents[0].model_dump()["text"] == whole["text"]
    task = await host.read_resource(about)
    assert json.loads(task.contents[0].model_dump()["text"])["status"] == "completed"
    for wrong in (
        f"{about}/artifacts/nothing.py",
        "autonomy://tasks/0123",
        f"{about}/artifacts/%2E%2E/x",
        "autonomy://x",
    ):
        with pytest.raises(MCPError):
            await host.read_resource(wrong)


async def test_a_host_without_a_server_has_the_service_in_the_process_it_starts(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    async with stdio_host(tmp_path / "data", **planner_asks(mail)) as host:
        done = await build(host, mail)
        await read_files(host, done["task_id"])
    shown = run_command(tmp_path / "data", "show", done["task_id"])
    assert "completed" in shown.stdout, "and the next command finds it"


async def test_a_host_drives_the_server_that_holds_the_data_directory(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", API_KEY="a key") as server:
        server.http.headers["X-API-Key"] = "a key"
        async with stdio_host(tmp_path / "data", API_KEY="a key") as host:
            begun = await call(host, "submit_task", task_description=SENTENCE, use_sandbox=False)
            assert server.http.get(f"/tasks/{begun['task_id']}").status_code == 200
        async with stdio_host(tmp_path / "other", "--server", server.url, API_KEY="another") as host:
            assert "X-API-Key" in await refused(host, "list_tasks")


async def test_hosts_over_http_share_a_server_and_need_its_key(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    with http_server(tmp_path / "data", API_KEY="a key", **planner_asks(mail)) as (url, drives):
        assert drives == "this process"
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "a"}, {"Authorization": "a key"}):
                answer = await http.post(url, json=HELLO, headers=headers)
                assert (answer.status_code, "key" in answer.text) == (401, True)
        async with (
            http_host(url, Authorization="Bearer a key") as one,
            http_host(url, "legacy", **{"X-API-Key": "a key"}) as two,
        ):
            assert one.protocol_version > two.protocol_version
            done = [await build(host, mail) for host in (one, two)]
            for host in (one, two):
                listed = await call(host, "list_tasks", status="completed")
                assert {line["task_id"] for line in listed["items"]} == {each["task_id"] for each in done}
            await read_files(two, done[0]["task_id"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({}, 200),
    ],
)
def test_without_a_key_only_this_machine_by_its_own_names_is_answered(
    unlocked: str, headers: dict[str, str], status: int
) -> None:
    asked = {"Accept": "application/json, text/event-stream", **headers}
    assert httpx.post(unlocked, json=HELLO, headers=asked, trust_env=False, timeout=60).status_code == status


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that asks for no key."""
    with http_server(tmp_path_factory.mktemp("unlocked") / "data") as (url, _):
        yield url


def test_serving_other_machines_without_a_key_is_refused(tmp_path: Path) -> None:
    done = run_command(tmp_path / "data", "mcp", "--http", "--host", "0.0.0.0", "--port", "0")
    assert (done.returncode, done.stdout) == (4, "")
    assert "API_KEY" in done.stderr


@pytest.mark.parametrize("wrong", [["--port", "8001"], ["--host", "127.0.0.1"], ["--server", "ftp://x"]])
def test_wrong_use_is_a_sentence_on_stderr(tmp_path: Path, wrong: list[str]) -> None:
    done = run_command(tmp_path / "data", "mcp", *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_says_nothing_is_no_failure(tmp_path: Path) -> None:
    done = run_command(tmp_path / "data", "mcp")
    assert (done.returncode, done.stdout) == (0, "")


class Wire:
    """A process and its pipes, without the official client in between."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._ahead = b""

    def send(self, *messages: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{json.dumps(message)}\n" for message in messages))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        while b"\n" not in self._ahead:
            self._ahead += self._piece()
        line, _, self._ahead = self._ahead.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def _piece(self) -> bytes:
        """Past Python's own buffer: a line in there is none that select would see."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_S)
        assert ready, "nothing was answered"
        piece = os.read(self.process.stdout.fileno(), 65_536)
        assert piece, "it ended"
        return piece

    def rest(self) -> str:
        """What comes until it ends."""
        assert self.process.stdout is not None
        return self._ahead.decode() + self.process.stdout.read()

    def answer(self, number: int) -> dict[str, Any]:
        """The answer to a request, past what comes before it."""
        while (message := self.read()).get("id") != number:
            assert message["jsonrpc"] == "2.0"
        return message


@contextmanager
def wire(data: Path, **changes: str) -> Iterator[Wire]:
    with subprocess.Popen(
        [*COMMAND, "mcp"], cwd=PROJECT, env=environment(data, **changes), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, bufsize=1,
    ) as process:  # fmt: skip
        try:
            yield Wire(process)
        finally:
            process.kill()


def tool_call(number: int, name: str, **arguments: object) -> dict[str, Any]:
    token = {"progressToken": f"p{number}"}
    params = {"name": name, "arguments": arguments, "_meta": token}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def test_nothing_but_the_protocol_is_on_stdout_even_at_the_most_talkative_level(tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    with wire(tmp_path / "data", LOG_LEVEL="DEBUG", **planner_asks(mail)) as host:
        host.send(HELLO, INITIALIZED)
        assert host.answer(1)["result"]["serverInfo"]["name"] == "autonomy"
        host.send(tool_call(2, "submit_task", task_description=SENTENCE, use_sandbox=False))
        task_id = host.answer(2)["result"]["structuredContent"]["task_id"]
        until_requested(mail)
        host.send(tool_call(3, "wait_for_task", task_id=task_id, timeout_s=240))
        for number in (4, 5):  # what is asked behind it is answered when it has looked where the task's log ends
            host.send(tool_call(number, "get_task", task_id=task_id))
            assert host.read()["id"] == number
        with answering(mail):
            progress = host.read()
            assert progress["method"] == "notifications/progress"
            assert (progress["params"]["progressToken"], progress["params"]["progress"]) == ("p3", 1)
            assert host.answer(3)["result"]["structuredContent"]["at_rest"] is True
        assert host.process.stdin is not None
        host.process.stdin.close()
        assert host.process.wait(timeout=60) == 0
        assert host.rest() == ""
        assert host.process.stderr is not None
        assert "Traceback" not in host.process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_while_stdin_is_open_and_a_wait_is_under_way(
    tmp_path: Path, number: signal.Signals
) -> None:
    with wire(tmp_path / "data", SHUTDOWN_GRACE_SECONDS="0.2", **planner_asks(tmp_path / "mail")) as host:
        host.send(HELLO, INITIALIZED)
        host.answer(1)
        host.send(tool_call(2, "submit_task", task_description=SENTENCE, use_sandbox=False))
        task_id = host.answer(2)["result"]["structuredContent"]["task_id"]
        host.send(tool_call(3, "wait_for_task", task_id=task_id, timeout_s=600))
        until_requested(tmp_path / "mail")
        host.process.send_signal(number)
        assert host.process.wait(timeout=60) == 130
        assert host.process.stderr is not None
        assert "Traceback" not in host.process.stderr.read()
    listed = run_command(tmp_path / "data", "tasks")
    assert f"{task_id}  running" in listed.stdout, "it goes on with the next command that works"


def until_requested(mail: Path) -> None:
    until = time.monotonic() + 120
    while not (mail.exists() and list(mail.glob("*.request.md"))):
        assert time.monotonic() < until, "the planner's model was never asked"
        time.sleep(0.02)
