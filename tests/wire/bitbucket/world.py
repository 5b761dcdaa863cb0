"""Bitbucket for tests."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from code_host.bitbucket import BitbucketCodeHost
from code_host.rest import Patience
from core.ports import Clock, CodeHost
from tests.wire.bitbucket.repository import PullRequest
from tests.wire.bitbucket.server import SECRET, BitbucketServer
from tests.wire.hosted import Listed, World, hosts_of


class BitbucketWorld(World):
    secret = SECRET

    def __init__(self, folder: Path, clock: Clock | None = None, web: str = "") -> None:
        super().__init__(folder, clock)
        self.server: BitbucketServer = BitbucketServer(folder, web)
        self.repository = self.server.repository
        self.store = self.repository.store
        self.user = ""

    def _made(self, patience: Patience) -> CodeHost:
        return BitbucketCodeHost(
            SECRET,
            self.server.full_name,
            self.clock,
            user=self.user,
            api_base=self.server.url,
            patience=patience,
            sleep=self.sleep,
            most_bytes=self.most_bytes,
        )

    def listed(self) -> list[Listed]:
        return [
            Listed(request.id, request.title, request.description, request.draft)
            for request in self.repository.requests
        ]

    def end(self, number: int, *, merged: bool) -> None:
        self.repository.end(number, "MERGED" if merged else "DECLINED")

    def open_by_somebody(self, branch: str, text: str) -> None:
        repository = self.repository
        number, mallory = 1 + len(repository.requests), repository.user("mallory")
        commit = self.store.branches.get(branch, "")
        repository.requests.append(
            PullRequest(number, mallory, "Mine", text, branch, "main", repository.full_name, commit=commit)
        )


def bitbucket_host(folder: Path, clock: Clock) -> AbstractAsyncContextManager[Callable[[], CodeHost]]:
    """For the contract of the port."""
    return hosts_of(BitbucketWorld(folder / "bitbucket", clock, (folder / "bitbucket").as_uri()))
