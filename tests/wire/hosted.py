"""A hosted code host for tests: the counterpart, the adapter that speaks to it, and a workspace with approved work."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from code_host.rest import Patience
from core.ports import Clock, CodeHost, Workspace
from core.publication import PullRequestDraft
from core.workspaces import Author, Change
from tests.contracts.fixed_clock import FixedClock
from tests.wire.repository import GitStore
from tests.wire.rest_server import RestServer
from workspace.git import GitWorkspaceProvider


class Listed(NamedTuple):
    """A request as its host has it."""

    number: int
    title: str
    text: str
    draft: bool


class World(ABC):
    """Hosts that were made are closed with it. `waited_s` are the pauses that they took; none is waited for."""

    server: RestServer
    store: GitStore
    secret: str

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.clock = clock or FixedClock()
        self.most_bytes = 100 << 20
        self.waited_s: list[float] = []
        self._hosts: list[CodeHost] = []

    def host(self, *, tries: int = 4) -> CodeHost:
        """The host as a new process sees it."""
        patience = Patience(tries=tries, first_wait_s=1.0, longest_wait_s=60.0, timeout_s=10.0)
        made = self._made(patience)
        self._hosts.append(made)
        return made

    async def sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)

    async def workspace(self, files: Mapping[str, str], name: str = "t1") -> Workspace:
        made = await GitWorkspaceProvider(self.folder / "workspaces", self.clock).open(name)
        await commit(made, files)
        return made

    def start_with_files(self) -> None:
        """A base that is there already; then it is now again, by the clock."""
        self.store.push("main", {"LICENSE": "Do what you like.\n", "docs/guide.md": "# Guide\n"})
        self.store.now = int(self.clock.now())

    async def close(self) -> None:
        for host in self._hosts:
            await host.close()
        await self.server.stop()
        self.store.close()

    @abstractmethod
    def _made(self, patience: Patience) -> CodeHost: ...

    @abstractmethod
    def listed(self) -> list[Listed]:
        """All requests that there are."""

    @abstractmethod
    def end(self, number: int, *, merged: bool) -> None:
        """Close or merge a request; its branch is deleted."""

    @abstractmethod
    def open_by_somebody(self, branch: str, text: str) -> None:
        """Somebody else opens a request from the branch, whose text is this."""


@asynccontextmanager
async def hosts_of(world: World) -> AsyncIterator[Callable[[], CodeHost]]:
    """Hosts of a repository that has two files already."""
    world.start_with_files()
    await world.server.start()
    try:
        yield world.host
    finally:
        await world.close()


async def commit(workspace: Workspace, files: Mapping[str, str], *deletes: str) -> str:
    author = Author(name="planner", email="planner@autonomy.invalid")
    change = Change(author=author, message="m", files=dict(files), deletes=deletes)
    return (await workspace.commit(change)).commit


def draft(key: str = "t1", **changes: object) -> PullRequestDraft:
    fields: dict[str, object] = {
        "key": key,
        "branch": f"autonomy/todo-api-{key}",
        "title": "Add a todo API",
        "body": "What it does.\n\nAnd how.",
        "commit_message": "Add a todo API\n\nWith tests.",
    }
    return PullRequestDraft.model_validate(fields | changes)


def texts(store: GitStore, commit: str) -> dict[str, bytes]:
    """Path to content of every file of a commit."""
    return {path: store.content(file.blob) for path, file in store.files(commit).items()}
