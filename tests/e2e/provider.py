"""An OpenAI-compatible provider on loopback, on a loop of its own."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tests.unit.llm.wire_probe import KEY, Provider

__all__ = ["KEY", "RunningProvider", "running_provider"]


@dataclass(frozen=True)
class RunningProvider:
    """`settings` are the variables that make a service ask it for models `openai/...`."""

    provider: Provider
    base: str

    @property
    def settings(self) -> dict[str, str]:
        return {"OPENAI_API_BASE": self.base, "OPENAI_API_KEY": KEY, "AUTONOMY_OFFLINE": "false"}


@contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """Answers until the block ends."""
    ready: Future[tuple[RunningProvider, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        provider, end = Provider(), asyncio.Event()
        server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set_result((RunningProvider(provider, base), asyncio.get_running_loop(), end))
        async with server:
            await end.wait()

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(lambda: asyncio.run(serve()))
        provider, loop, end = ready.result(timeout=10)
        try:
            yield provider
        finally:
            loop.call_soon_threadsafe(end.set)
            running.result(timeout=10)
