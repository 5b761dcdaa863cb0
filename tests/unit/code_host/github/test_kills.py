"""Whatever request a process is killed at: repeating ends with one branch, one commit and one pull request."""

import asyncio
from typing import Literal

import pytest

from code_host.rest import Patience
from core.errors import CodeHostRefused
from core.ports import CodeHost, Workspace
from core.publication import PullRequest
from tests.unit.code_host.github.work import BRANCH, draft, publish, publish_and_open, save
from tests.wire.github.hosts import ONCE, Hosts
from tests.wire.github.server import Fault, GitHub

FULL = {"labels": ("autonomy", "shop"), "reviewers": ("rita", "nobody"), "draft": True}
MOST_REQUESTS = 30


async def finish(hosts: Hosts, workspace: Workspace, patience: Patience | None) -> tuple[PullRequest, int]:
    """The request, and how often it took a new process until it was there."""
    for died in range(10):
        try:
            return await publish_and_open(hosts.new(patience=patience), workspace, **FULL), died
        except CodeHostRefused as refused:
            if refused.fields["reason"] != "unreachable":
                raise
    raise AssertionError("it never ends")


def assert_exactly_one(github: GitHub, request: PullRequest, base: str) -> None:
    branches = github.objects.branches()
    assert branches.keys() == {"main", BRANCH}
    assert github.objects.history(branches[BRANCH])[:2] == [request.commit, base]
    (pull,) = github.pulls
    assert (pull.number, pull.labels, pull.reviewers) == (request.number, ["autonomy", "shop"], ["rita"])
    assert (pull.body or "").count("nobody") == 1
    assert (pull.body or "").count("<!-- autonomy: t1 -->") == 1


@pytest.mark.parametrize("status", [None, 502])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("tries", ["one", "several"])
async def test_a_cut_at_any_single_request_is_mended_by_repeating(
    hosts: Hosts, github: GitHub, workspace: Workspace, when: Literal["before", "after"], status: int | None, tries: str
) -> None:
    base = github.objects.branches()["main"]
    github.settings.drafts = False
    deaths = cut = 0
    for number in range(1, MOST_REQUESTS):
        github.pulls.clear()
        if BRANCH in github.objects.branches():
            github.objects.set_branch(BRANCH, None)
        github.reset()
        fault = Fault(when, status)
        github.faults[number] = fault
        request, died = await finish(hosts, workspace, ONCE if tries == "one" else None)
        assert_exactly_one(github, request, base)
        if fault in github.faults.values():
            break
        cut, deaths = number, deaths + died
    else:
        raise AssertionError("there are more requests than thought")
    assert cut >= 11
    assert deaths == (cut if tries == "one" else 0)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_while_an_empty_repository_is_begun_is_mended_by_repeating(
    hosts: Hosts, workspace: Workspace, when: Literal["before", "after"]
) -> None:
    github = hosts.github
    for number in range(1, 9):
        for branch in github.objects.branches():
            github.objects.set_branch(branch, None)
        github.pulls.clear()
        github.reset()
        github.faults[number] = Fault(when)
        request, died = await finish(hosts, workspace, ONCE)
        assert died == 1
        assert_exactly_one(github, request, github.objects.branches()["main"])
        assert len(github.objects.history(request.commit)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_while_work_is_continued_is_mended_by_repeating(
    hosts: Hosts, github: GitHub, workspace: Workspace, when: Literal["before", "after"]
) -> None:
    origin = await workspace.head()
    first = await publish(hosts.new(), workspace)
    head = await save(workspace, {"app/more.py": "x = 1\n"})
    more = draft(origin=origin, continues=first.commit)
    for number in range(1, 6):
        github.objects.set_branch(BRANCH, first.commit)
        github.reset()
        github.faults[number] = Fault(when)
        with pytest.raises(CodeHostRefused):
            await hosts.new(patience=ONCE).publish(workspace, head, more)
        done = await hosts.new(patience=ONCE).publish(workspace, head, more)
        assert github.objects.history(github.objects.branches()[BRANCH])[:2] == [done.commit, first.commit]


async def test_two_processes_at_once_make_one_of_everything(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    base = github.objects.branches()["main"]
    github.settings.drafts = False
    made = await asyncio.gather(*(publish_and_open(hosts.new(), workspace, **FULL) for _ in range(4)))
    assert len({request.commit for request in made}) == len({request.number for request in made}) == 1
    assert_exactly_one(github, made[0], base)


async def test_a_request_that_the_list_shows_late_is_waited_for(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    host: CodeHost = hosts.new()
    published = await publish(host, workspace)
    await hosts.new().open_pull_request(draft(), published.commit)
    (pull,) = github.pulls
    late = github.pulls.copy()
    github.pulls.clear()
    github.meanwhile["post", "/pulls"] = lambda: github.pulls.append(pull)
    request = await host.open_pull_request(draft(), published.commit)
    assert request.number == pull.number
    assert github.pulls == late


async def test_at_most_ten_requests_publish_two_hundred_files_and_open_the_request(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await save(workspace, {f"src/{number % 7}/file{number}.py": f"x = {number}\n" * 100 for number in range(200)})
    github.reset()
    request = await publish_and_open(hosts.new(), workspace, labels=("autonomy",), reviewers=("rita", "sam"))
    assert request.diff_stat.startswith(" 202 files changed")
    assert [str(entry) for entry in github.log if entry.status not in (200, 201, 404)] == []
    assert len(github.log) == 10


async def test_ten_requests_are_enough_when_the_base_was_shown_before(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    host = hosts.new()
    await host.base()
    await publish_and_open(host, workspace)
    assert len(github.log) == 10
