"""What the tests of hosted code hosts do again and again."""

import asyncio
from collections.abc import Awaitable

import pytest

from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import Publication, PullRequest, PullRequestDraft
from tests.wire.hosted import World

FILES = {
    "backend/app/main.py": "print('ü')\r\n",
    "README.md": "# Todo\n",
    "empty": "",
    "a b/ñ.txt": "no end of line",
    ".github/workflows/ci.yml": "on: push\n",
}


def reason(caught: pytest.ExceptionInfo[CodeHostRefused]) -> str:
    assert caught.value.fields["reason"] in CodeHostRefused.REFUSALS
    assert "; " in str(caught.value), "it says how to fix it"
    return str(caught.value.fields["reason"])


async def published(
    world: World, workspace: Workspace, wanted: PullRequestDraft, *, tries: int = 4
) -> tuple[Publication, PullRequest]:
    host = world.host(tries=tries)
    done = await host.publish(workspace, await workspace.head(), wanted)
    return done, await host.open_pull_request(wanted, done.commit)


async def cut(doing: Awaitable[object]) -> None:
    """It fails as it does when a connection is lost; or not at all, where it asks less often this time."""
    (end,) = await asyncio.gather(doing, return_exceptions=True)
    if isinstance(end, BaseException):
        assert isinstance(end, CodeHostRefused), end
        assert end.fields["reason"] == "unreachable"
