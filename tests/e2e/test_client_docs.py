"""The examples of docs/client.md and docs/mcp.md do what they say."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from config import PROJECT
from tests.e2e.processes import COMMAND, environment, running_server
from tests.unit.mcp_server.hosting import call

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def blocks(document: str, language: str) -> list[str]:
    """Every code block of this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", (PROJECT / "docs" / document).read_text(), re.M | re.S)


@pytest.mark.sandbox
@pytest.mark.toolchain
def test_the_examples_of_the_client_run_one_after_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "docs"}
    examples = blocks("client.md", "python")
    with running_server(tmp_path / "data") as server:
        for example in examples:
            assert "127.0.0.1:8000" in example
            exec(compile(example.replace("http://127.0.0.1:8000", server.url), "docs/client.md", "exec"), names)
            if example is examples[0]:
                assert (names["task"].status, "checks" in names["question"].payload) == ("completed", True)
    assert names["statuses"] == ["completed", "completed"]
    assert (names["refused"].status, set(names["refused"].invalid)) == (422, {"budget_usd"})
    told = capsys.readouterr().out
    for part in (
        "Publish it as branch",
        "completed file://",
        "FastAPI",
        "interrupt.opened",
        "offline/scaffold",
        "budget_usd: ",
    ):
        assert part in told, part


def test_the_host_s_snippet_starts_a_server(tmp_path: Path) -> None:
    """With the command of this checkout in place of the one that it names."""
    (snippet,) = blocks("mcp.md", "json")
    entry = json.loads(snippet)["mcpServers"]["autonomy"]
    assert entry["command"].endswith("/autonomy")
    data = tmp_path / "data"
    changes = {name: str(data) for name in entry["env"]}
    assert changes.keys() == {"DATA_DIR"}

    async def connect() -> dict[str, Any]:
        server = StdioServerParameters(
            command=sys.executable, args=[*COMMAND[1:], *entry["args"]], env=environment(data) | changes, cwd=PROJECT
        )
        async with Client(server) as host:
            return await call(host, "list_tasks")

    assert asyncio.run(connect())["items"] == []


async def test_every_tool_and_resource_stands_in_its_document(tmp_path: Path) -> None:
    text = (PROJECT / "docs" / "mcp.md").read_text()
    server = StdioServerParameters(
        command=sys.executable, args=[*COMMAND[1:], "mcp"], env=environment(tmp_path), cwd=PROJECT
    )
    async with Client(server) as host:
        tools = {tool.name: tool for tool in (await host.list_tools()).tools}
        templates = (await host.list_resource_templates()).resource_templates
    named = set(re.findall(r"`(\w+)`", text.split("## Tools")[1].split("Resources:")[0]))
    assert tools.keys() <= named
    for name, tool in tools.items():
        row = next(line for line in text.splitlines() if line.startswith("|") and f"`{name}`" in line)
        assert tool.annotations is not None
        assert ("| reads |" in row) is bool(tool.annotations.read_only_hint), name
    for template in templates:
        assert f"`{template.uri_template.replace('{+path}', '{path}')}`" in text


def test_every_method_of_the_client_stands_in_its_document() -> None:
    from client.methods import Methods

    text = (PROJECT / "docs" / "client.md").read_text().split("## Methods")[1]
    methods = [name for name in vars(Methods) if not name.startswith("_")]
    assert len(methods) > 20
    assert [name for name in [*methods, "events"] if f"`{name}(" not in text] == []
