"""GitLab for tests."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from code_host.gitlab import GitLabCodeHost
from code_host.rest import Patience
from core.ports import Clock, CodeHost
from tests.wire.gitlab.project import MergeRequest
from tests.wire.gitlab.server import SECRET, GitLabServer
from tests.wire.hosted import Listed, World, hosts_of


class GitLabWorld(World):
    secret = SECRET

    def __init__(self, folder: Path, clock: Clock | None = None, web: str = "") -> None:
        super().__init__(folder, clock)
        self.server: GitLabServer = GitLabServer(folder, web)
        self.project = self.server.project
        self.store = self.project.store

    def _made(self, patience: Patience) -> CodeHost:
        return GitLabCodeHost(
            SECRET,
            self.server.path,
            self.clock,
            api_base=self.server.url,
            patience=patience,
            sleep=self.sleep,
            most_bytes=self.most_bytes,
        )

    def listed(self) -> list[Listed]:
        return [
            Listed(
                request.iid,
                request.title.removeprefix("Draft: "),
                request.description,
                request.title.startswith("Draft: "),
            )
            for request in self.project.requests
        ]

    def end(self, number: int, *, merged: bool) -> None:
        self.project.end(number, "merged" if merged else "closed")

    def open_by_somebody(self, branch: str, text: str) -> None:
        self.project.requests.append(
            MergeRequest(
                iid=1 + len(self.project.requests),
                author=self.project.user("mallory"),
                title="Mine",
                description=text,
                source_branch=branch,
                target_branch="main",
                sha=self.store.branches.get(branch),
                source_project_id=self.project.id,
                created=self.store.now,
            )
        )


def gitlab_host(folder: Path, clock: Clock) -> AbstractAsyncContextManager[Callable[[], CodeHost]]:
    """For the contract of the port."""
    return hosts_of(GitLabWorld(folder / "gitlab", clock, (folder / "gitlab").as_uri()))
