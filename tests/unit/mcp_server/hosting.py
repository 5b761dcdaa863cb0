"""An MCP host in this process, and the real service behind the server that it talks to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp_types import CallToolResult, TextContent

from client import AsyncAutonomyClient
from mcp_server.making import make_server
from tests.api.service import Service, run_service


@asynccontextmanager
async def hosting(data: Path) -> AsyncIterator[tuple[Client, Service]]:
    """A host that is connected, and the service."""
    async with (
        run_service(data) as service,
        AsyncAutonomyClient(f"unix:{service.path}", via="mcp", caller="ada") as client,
        Client(make_server(client, "1.2.3")) as host,
    ):
        yield host, service


async def call(host: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """What the tool answers with, as data."""
    result = await host.call_tool(tool, arguments)
    assert not result.is_error, said(result)
    assert result.structured_content is not None
    return dict(result.structured_content)


async def refused(host: Client, tool: str, **arguments: object) -> str:
    """The sentence with which the tool refuses."""
    result = await host.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    assert result.structured_content is None
    return said(result)


def said(result: CallToolResult) -> str:
    return "".join(block.text for block in result.content if isinstance(block, TextContent))


async def asking(host: Client, **fields: object) -> tuple[str, dict[str, Any]]:
    """A task that asks: (its id, its question)."""
    begun = await call(host, "submit_task", task_description="a todo list", use_sandbox=False, **fields)
    report = await call(host, "wait_for_task", task_id=begun["task_id"], timeout_s=120)
    assert report["at_rest"]
    return begun["task_id"], report["question"]
