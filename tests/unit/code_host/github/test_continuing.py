"""One more commit on top of what was published on GitHub before."""

import pytest

from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import PullRequestDraft
from tests.unit.code_host.github.work import BASE_BYTES, BRANCH, draft, on_branch, publish, save
from tests.wire.github.hosts import Hosts
from tests.wire.github.server import GitHub


class Continuing:
    """Work that was published, and what was approved after it."""

    def __init__(self, origin: str, published: str) -> None:
        self.origin, self.published = origin, published

    def draft(self) -> PullRequestDraft:
        return draft(origin=self.origin, continues=self.published, commit_message="Go on")


@pytest.fixture
async def continuing(hosts: Hosts, github: GitHub, workspace: Workspace) -> Continuing:
    origin = await workspace.head()
    published = await publish(hosts.new(), workspace)
    await save(workspace, {"app/main.py": "print('hello again')\n", "app/new.py": ""}, "README.md")
    return Continuing(origin, published.commit)


async def test_one_more_commit_goes_on_top_of_what_was_published(
    hosts: Hosts, github: GitHub, workspace: Workspace, continuing: Continuing
) -> None:
    github.commit({"README.md": "# The base does not count here\n"})
    head = await workspace.head()
    more = await hosts.new().publish(workspace, head, continuing.draft())
    assert on_branch(github) == {**BASE_BYTES, "app/main.py": b"print('hello again')\n", "app/new.py": b""}
    assert more.onto == continuing.published
    assert github.objects.history(more.commit)[:2] == [more.commit, continuing.published]
    assert await hosts.new().publish(workspace, head, continuing.draft()) == more
    assert github.objects.branches()[BRANCH] == more.commit


@pytest.mark.parametrize("moment", ["before", "at the last moment"])
async def test_a_branch_that_others_have_moved_is_a_conflict(
    hosts: Hosts, github: GitHub, workspace: Workspace, continuing: Continuing, moment: str
) -> None:
    def move() -> str:
        return github.commit({"by": "a person"}, BRANCH)

    if moment == "before":
        move()
    else:
        github.meanwhile["patch", "/git/refs/{ref}"] = move
    with pytest.raises(CodeHostRefused) as refused:
        await hosts.new().publish(workspace, await workspace.head(), continuing.draft())
    assert refused.value.fields["reason"] == "conflict"
    assert on_branch(github)["by"] == b"a person"


async def test_the_same_work_on_top_of_something_else_is_no_continuation(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await publish(hosts.new(), workspace)
    later = github.commit({"later.txt": "x"})
    with pytest.raises(CodeHostRefused) as refused:
        await publish(hosts.new(), workspace, continues=later)
    assert refused.value.fields["reason"] == "conflict"


async def test_a_continuation_against_other_content_is_a_conflict(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    origin = await workspace.head()
    tip = github.commit({"README.md": "# Other\n"}, BRANCH)
    await save(workspace, {"README.md": "# New\n"})
    with pytest.raises(CodeHostRefused) as refused:
        await publish(hosts.new(), workspace, origin=origin, continues=tip)
    assert refused.value.fields == {"reason": "conflict", "paths": ["README.md"]}


async def test_a_branch_that_is_gone_cannot_be_continued(
    hosts: Hosts, github: GitHub, workspace: Workspace, continuing: Continuing
) -> None:
    github.objects.set_branch(BRANCH, None)
    with pytest.raises(CodeHostRefused) as refused:
        await hosts.new().publish(workspace, await workspace.head(), continuing.draft())
    assert refused.value.fields["reason"] == "not_found"


async def test_a_continuation_that_changes_nothing_adds_no_commit(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    published = await publish(hosts.new(), workspace)
    again = await publish(hosts.new(), workspace, origin=await workspace.head(), continues=published.commit)
    assert again == published
    assert github.objects.branches()[BRANCH] == published.commit
