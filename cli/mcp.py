"""`autonomy mcp`: the MCP server over whatever service the commands reach. The SDK is heavy, and imported when it is used."""

import asyncio
import sys
from dataclasses import dataclass

from cli.host import Target, heavy_imports, listen, own_version, reach, stop_signals, url_of
from core.errors import Refused

MCP_HOST, MCP_PORT = "127.0.0.1", 8001


@dataclass(frozen=True)
class HttpPlace:
    """Where to listen, instead of stdin and stdout."""

    host: str
    port: int


async def serve_stdio(target: Target) -> None:
    """Serve the host that started this process, until it closes stdin. Nothing else is written to stdout."""
    with heavy_imports():
        from mcp_server.making import make_server

    if sys.stdin.isatty():
        sys.stderr.write("this is for a host of the Model Context Protocol, which starts it by itself: docs/mcp.md\n")
    async with reach(target) as client:
        await make_server(client, own_version()).run_stdio_async()


async def serve_http(target: Target, place: HttpPlace) -> None:
    """Serve hosts over HTTP until SIGINT or SIGTERM. Raises Refused when it would be open to others, or has no place to be."""
    with heavy_imports():
        from cli.server import serving
        from mcp_server.http import PATH, make_application
        from mcp_server.making import make_server

    settings = target.settings.model_copy(update={"api_host": place.host})
    if not (settings.only_loopback or settings.api_key):
        raise Refused(
            f"{place.host} can be reached from other machines and API_KEY is not set: set API_KEY, or listen on 127.0.0.1"
        )
    with listen(place.host, place.port) as listener:
        async with reach(target) as client:
            server = make_server(client, own_version())
            app = make_application(server, key=settings.api_key, only_loopback=settings.only_loopback)
            with stop_signals() as stop:
                async with serving(app, listener, asyncio.Event()) as running:
                    ready = f"Autonomy's MCP server is ready on {url_of(listener)}{PATH}; it drives {client.address}"
                    print(ready, flush=True)  # noqa: T201  # the one line of this command
                    await asyncio.wait({running, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
