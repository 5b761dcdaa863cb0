"""The pull request of a key: how it is made complete, found again, and what people say on it."""

from typing import Any

import pytest

from code_host import github_requests
from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import RequestComment, RequestState
from tests.contracts.fixed_clock import FixedClock
from tests.unit.code_host.github.work import BRANCH, draft, publish, publish_and_open
from tests.wire.github.hosts import Hosts
from tests.wire.github.server import GitHub
from tests.wire.github.state import Pull, iso

NOW = 1_760_000_000.0


def stranger(number: int, **changes: Any) -> Pull:
    """Somebody else's request."""
    fields: dict[str, Any] = {
        "number": number,
        "head": f"feature-{number}",
        "base": "main",
        "title": "T",
        "body": None,
        "draft": False,
        "author": "sam",
        "created_at": iso(NOW),
        "updated_at": iso(NOW),
        "head_sha": "1" * 40,
        "base_sha": "2" * 40,
    }
    return Pull(**(fields | changes))


async def test_a_request_has_labels_reviewers_teams_and_is_a_draft(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await publish_and_open(hosts.new(), workspace, labels=("a", "b", "a"), reviewers=("rita", "acme/core"), draft=True)
    (pull,) = github.pulls
    assert (pull.labels, pull.reviewers, pull.teams, pull.draft) == (["a", "b"], ["rita"], ["core"], True)
    assert pull.body == "It sells.\n\n<!-- autonomy: t1 -->"


async def test_where_drafts_are_not_to_be_had_the_description_says_so(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.settings.drafts = False
    request = await publish_and_open(hosts.new(), workspace, draft=True)
    assert request.body == "It sells.\n\nThis repository takes no draft requests: please do not merge this one yet."
    assert not github.pulls[0].draft


async def test_reviewers_that_are_not_taken_are_named_and_the_others_asked(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    names = ("nobody", "rita", "octavia", "acme/none", "acme/core")
    request = await publish_and_open(hosts.new(), workspace, reviewers=names)
    assert (github.pulls[0].reviewers, github.pulls[0].teams) == (["rita"], ["core"])
    assert request.body.endswith("GitHub did not take these reviewers: nobody, octavia, acme/none.")
    assert await hosts.new().open_pull_request(draft(reviewers=names), request.commit) == request


async def test_labels_that_are_not_taken_are_named_and_the_others_added(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    wanted: dict[str, Any] = {"labels": ("x" * 51, "shop"), "reviewers": ("nobody",)}
    request = await publish_and_open(hosts.new(), workspace, **wanted)
    assert github.pulls[0].labels == ["shop"]
    assert f"these labels: {'x' * 51}." in request.body
    assert request.body.endswith("these reviewers: nobody.")
    assert await hosts.new().open_pull_request(draft(**wanted), request.commit) == request


async def test_no_more_reviewers_are_asked_than_github_takes(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    names = tuple(f"r{number:02}" for number in range(17))
    github.settings.collaborators |= set(names)
    request = await publish_and_open(hosts.new(), workspace, reviewers=names)
    assert github.pulls[0].reviewers == list(names[:15])
    assert request.body.endswith("reviewers: r15, r16.")


async def test_who_has_reviewed_is_not_asked_again(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    names = ("rita", "sam")
    request = await publish_and_open(hosts.new(), workspace, reviewers=names)
    (pull,) = github.pulls
    pull.reviewers.remove("rita")
    pull.reviews.append({"id": 1, "login": "Rita", "submitted_at": iso(NOW)})
    await hosts.new().open_pull_request(draft(reviewers=names), request.commit)
    assert pull.reviewers == ["sam"]


async def test_a_request_that_is_not_open_any_more_is_returned_as_it_is(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    request = await publish_and_open(hosts.new(), workspace)
    (pull,) = github.pulls
    pull.open = False
    again = await hosts.new().open_pull_request(draft(labels=("late",)), request.commit)
    assert (again.number, again.state) == (request.number, RequestState.CLOSED)
    pull.merged_at = iso(NOW)
    github.objects.set_branch(BRANCH, None)
    found = await hosts.new().find("t1")
    assert found is not None
    assert (found.state, found.commit, found.tree) == (RequestState.MERGED, request.commit, request.tree)
    assert pull.labels == []


@pytest.mark.parametrize("merged", [True, False])
async def test_what_was_merged_or_closed_and_its_branch_deleted_before_it_was_recorded_is_found(
    hosts: Hosts, github: GitHub, workspace: Workspace, merged: bool
) -> None:
    published = await publish(hosts.new(), workspace)
    request = await hosts.new().open_pull_request(draft(), published.commit)
    (pull,) = github.pulls
    pull.open = False
    github.objects.set_branch(BRANCH, None)
    if merged:
        github.objects.set_branch("main", published.commit)
        pull.merged_at = iso(NOW)
    else:
        github.commit({"README.md": "# By people\n"})
    assert await publish(hosts.new(), workspace) == published
    again = await hosts.new().open_pull_request(draft(), published.commit)
    assert (again.number, again.state) == (request.number, RequestState.MERGED if merged else RequestState.CLOSED)
    assert github.objects.branches().keys() == {"main"}


async def test_what_is_longer_than_github_takes_is_cut(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    request = await publish_and_open(hosts.new(), workspace, title="t" * 300, body="b" * 70_000)
    assert request.title == "t" * 255 + "…"
    assert request.body.endswith("b…\n\nThe rest did not fit.")
    assert (await hosts.new().find("t1")) == request


async def test_the_branch_must_hold_the_published_commit(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    published = await publish(hosts.new(), workspace)
    github.commit({"by": "a person"}, BRANCH)
    with pytest.raises(CodeHostRefused) as refused:
        await hosts.new().open_pull_request(draft(), published.commit)
    assert refused.value.fields["reason"] == "conflict"
    assert github.pulls == []


@pytest.mark.parametrize("body", ["Edited by a person", "<!-- autonomy: t1 -->", None])
async def test_a_request_is_found_by_its_marker_or_else_its_branch(
    hosts: Hosts, github: GitHub, workspace: Workspace, body: str | None
) -> None:
    request = await publish_and_open(hosts.new(), workspace)
    github.pulls[0].body = body
    if body and "autonomy" in body:
        github.objects.set_branch("renamed", github.objects.branches()[BRANCH])
        github.pulls[0].head = "renamed"
    found = await hosts.new().find("t1")
    assert found is not None
    assert found.number == request.number
    for other in ("1", "shop-t1x", "p-t1"):
        assert await hosts.new().find(other) is None


async def test_a_request_is_found_among_many_and_then_remembered(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await publish_and_open(hosts.new(), workspace)
    github.pulls.extend(stranger(number) for number in range(2, 250))
    host = hosts.new()
    github.reset()
    found = await host.find("t1")
    assert found is not None
    assert found.number == 1
    assert [entry.path.rsplit("/", 2)[-1] for entry in github.log][:4] == ["pulls", "pulls", "pulls", "1"]
    github.reset()
    assert await host.find("t1") == found
    assert len(github.log) == 1


async def test_the_search_has_an_end(hosts: Hosts, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_requests, "MOST_PAGES", 3)
    github.pulls.extend(stranger(number) for number in range(1, 500))
    assert await hosts.new().find("t1") is None
    assert len(github.log) == 3


async def test_a_request_from_a_fork_is_never_taken_for_ours(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.pulls.append(stranger(1, head=BRANCH, body="<!-- autonomy: t1 -->", from_fork=99))
    assert await hosts.new().find("t1") is None
    request = await publish_and_open(hosts.new(), workspace)
    assert request.number == 2


async def test_a_list_that_takes_no_notice_of_the_branch_is_searched_for_it(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    github.settings.filters_heads = False
    github.pulls.append(stranger(1))
    github.pulls.append(stranger(2, head=BRANCH, body="<!-- autonomy: t1 -->", from_fork=99))
    request = await publish_and_open(hosts.new(), workspace)
    assert request.number == 3
    assert (await publish_and_open(hosts.new(), workspace)) == request


async def test_a_key_in_a_marker_counts_for_more_than_the_end_of_a_branch(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    await publish_and_open(hosts.new(), workspace, key="a-t1", branch="autonomy/shop-a-t1")
    assert await hosts.new().find("t1") is None


async def test_comments_are_those_of_people_oldest_first(
    hosts: Hosts, github: GitHub, workspace: Workspace, clock: FixedClock
) -> None:
    await publish_and_open(hosts.new(), workspace)
    (pull,) = github.pulls
    pull.reviews += [
        {"id": 1, "body": "No.", "state": "CHANGES_REQUESTED", "submitted_at": iso(NOW + 50)},
        {"id": 2, "body": "", "state": "APPROVED", "submitted_at": iso(NOW + 10), "author_association": "MEMBER"},
        {"id": 3, "body": "", "state": "COMMENTED", "submitted_at": iso(NOW + 11)},
        {"id": 4, "body": "Me too", "state": "APPROVED", "submitted_at": iso(NOW + 12), "author_association": "NONE"},
        {"id": 6, "body": "not sent off yet", "state": "PENDING"},
        {"id": 5, "body": "robot", "state": "APPROVED", "submitted_at": iso(NOW), "bot": True},
    ]
    pull.remarks += [
        {"id": 1, "body": "Here", "path": "app/main.py", "line": 3, "created_at": iso(NOW + 20)},
        {"id": 2, "body": "Gone", "path": "a", "original_line": 7, "created_at": iso(NOW + 21)},
        {"id": 3, "body": "All", "path": "b", "line": 1, "subject_type": "file", "created_at": iso(NOW + 22)},
    ]
    pull.comments += [
        {"id": 1, "body": "Nice", "login": None, "created_at": iso(NOW + 5)},
        {"id": 2, "body": "Ours <!-- autonomy: t1 -->", "created_at": iso(NOW + 6)},
        {"id": 3, "body": "beep", "bot": True, "created_at": iso(NOW + 7)},
    ]
    said = await hosts.new().comments("t1")
    assert [comment.comment_id for comment in said] == [
        "comment-1", "review-2", "review-4", "line-1", "line-2", "line-3", "review-1",
    ]  # fmt: skip
    assert said[0] == RequestComment(comment_id="comment-1", author="ghost", body="Nice", ts=NOW + 5)
    assert [comment.verdict for comment in said if comment.comment_id.startswith("review")] == [
        "approved", "none", "changes_requested",
    ]  # fmt: skip
    assert [(comment.path, comment.line) for comment in said[3:6]] == [("app/main.py", 3), ("a", 7), ("b", None)]


async def test_all_pages_of_comments_are_read(hosts: Hosts, github: GitHub, workspace: Workspace) -> None:
    await publish_and_open(hosts.new(), workspace)
    github.pulls[0].comments += [{"id": number, "created_at": iso(NOW + number)} for number in range(250)]
    assert len(await hosts.new().comments("t1")) == 250


async def test_without_a_request_there_are_no_comments(hosts: Hosts, github: GitHub) -> None:
    assert list(await hosts.new().comments("t9")) == []


async def test_a_request_that_github_does_not_make_is_refused_with_its_words(
    hosts: Hosts, github: GitHub, workspace: Workspace
) -> None:
    host = hosts.new()
    published = await publish(host, workspace)
    github.objects.set_branch("main", published.commit)
    with pytest.raises(CodeHostRefused, match="No commits between") as refused:
        await host.open_pull_request(draft(), published.commit)
    assert refused.value.fields["reason"] == "rejected"
