"""What the tests publish."""

from collections.abc import Mapping
from typing import Any

from core.ports import CodeHost, Workspace
from core.publication import Publication, PullRequest, PullRequestDraft
from core.workspaces import Author, Change
from tests.wire.github.hosts import BASE
from tests.wire.github.server import GitHub

BRANCH = "autonomy/shop-t1"
WORK = {"app/main.py": b"print('hello')\n", "README.md": b"# Shop\n"}
BASE_BYTES = {path: text.encode() for path, text in BASE.items()}
AUTHOR = Author(name="planner", email="planner@autonomy.invalid")


def draft(**changes: Any) -> PullRequestDraft:
    fields = {"key": "t1", "branch": BRANCH, "title": "Add a shop", "body": "It sells.", "commit_message": "Add a shop"}
    return PullRequestDraft(**(fields | changes))


async def save(workspace: Workspace, files: Mapping[str, str], *deletes: str) -> str:
    change = Change(author=AUTHOR, message="m", files=dict(files), deletes=deletes)
    return (await workspace.commit(change)).commit


async def publish(host: CodeHost, workspace: Workspace, **changes: Any) -> Publication:
    return await host.publish(workspace, await workspace.head(), draft(**changes))


async def publish_and_open(host: CodeHost, workspace: Workspace, **changes: Any) -> PullRequest:
    published = await publish(host, workspace, **changes)
    return await host.open_pull_request(draft(**changes), published.commit)


def on_branch(github: GitHub, branch: str = BRANCH) -> dict[str, bytes]:
    return github.objects.files(github.objects.branches()[branch])
