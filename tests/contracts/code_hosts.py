"""The code hosts that the contract is tried on. Each is a block in which what it gives is the host as a new process sees it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from code_host.local import LocalCodeHost
from core.ports import CodeHost
from tests.contracts.fixed_clock import FixedClock
from tests.wire.bitbucket.world import bitbucket_host
from tests.wire.github.hosts import github_host
from tests.wire.gitlab.world import gitlab_host

MakeHost = Callable[[], CodeHost]
Adapter = Callable[[Path, FixedClock], AbstractAsyncContextManager[MakeHost]]


@asynccontextmanager
async def local_host(folder: Path, clock: FixedClock) -> AsyncIterator[MakeHost]:
    yield lambda: LocalCodeHost(folder / "code host", clock)


ADAPTERS: tuple[Adapter, ...] = (local_host, github_host, gitlab_host, bitbucket_host)
