"""The adapter before its counterpart, as tests need it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from code_host.github import GitHubCodeHost
from code_host.rest import Patience
from core.ports import Clock, CodeHost
from tests.wire.github.server import TOKEN, GitHub, running_github
from tests.wire.github.state import REPO

ONCE = Patience(tries=1)
BASE = {"LICENSE": "Do what you like.\n", "docs/guide.md": "# Guide\n"}


@dataclass
class Hosts:
    """Makes hosts, each as a new process has it; `waits` is how long they have waited, which takes no time here."""

    github: GitHub
    clock: Clock
    stack: AsyncExitStack
    waits: list[float] = field(default_factory=list)

    def new(self, *, patience: Patience | None = None, token: str = TOKEN, repo: str = REPO) -> GitHubCodeHost:
        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        host = GitHubCodeHost(token, repo, self.clock, api_base=self.github.url, patience=patience, sleep=sleep)
        self.stack.push_async_callback(host.close)
        return host


@asynccontextmanager
async def github_hosts(folder: Path, clock: Clock) -> AsyncIterator[Hosts]:
    """An empty repository, and hosts that publish to it."""
    async with running_github(folder, clock) as github, AsyncExitStack() as stack:
        yield Hosts(github, clock, stack)


@asynccontextmanager
async def github_host(folder: Path, clock: Clock) -> AsyncIterator[Callable[[], CodeHost]]:
    """For the contract of the port: a repository that has two files already."""
    async with github_hosts(folder / "github", clock) as hosts:
        hosts.github.commit(BASE)
        yield hosts.new
