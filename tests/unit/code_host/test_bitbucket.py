"""What is Bitbucket's own: no blob ids, scopes, forms, lists that leave people out, and requests that cannot be doubled."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from code_host.bitbucket import BitbucketCodeHost
from code_host.bitbucket_form import commit_form
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Workspace
from core.publication import Publication, PullRequest, RequestComment
from tests.contracts.fixed_clock import FixedClock
from tests.wire.bitbucket.repository import PullRequest as Stored
from tests.wire.bitbucket.world import BitbucketWorld
from tests.wire.hosted import commit, draft, texts
from tests.wire.rest_server import Answer


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[BitbucketWorld]:
    made = BitbucketWorld(tmp_path)
    await made.server.start()
    yield made
    await made.close()


@pytest.fixture
async def workspace(world: BitbucketWorld) -> Workspace:
    return await world.workspace({"README.md": "# Todo\n"})


async def publish(world: BitbucketWorld, workspace: Workspace, **changes: object) -> PullRequest:
    host = world.host(tries=2)
    wanted = draft().model_copy(update=changes)
    done = await host.publish(workspace, await workspace.head(), wanted)
    assert done.tree == "", "Bitbucket does not tell it"
    return await host.open_pull_request(wanted, done.commit)


async def refusal(world: BitbucketWorld, workspace: Workspace, **changes: object) -> CodeHostRefused:
    with pytest.raises(CodeHostRefused) as caught:
        await publish(world, workspace, **changes)
    assert "; " in str(caught.value), "it says how to fix it"
    return caught.value


def asked(world: BitbucketWorld, part: str) -> list[str]:
    return [one.line for one in world.server.asked if part in one.line]


def bad_token(world: BitbucketWorld) -> None:
    world.server.secret = "another"


def reading_token(world: BitbucketWorld) -> None:
    world.repository.scopes = ("repository", "pullrequest")


def hidden(world: BitbucketWorld) -> None:
    world.repository.may_read = False


def reader(world: BitbucketWorld) -> None:
    world.repository.may_write = False


def restricted(world: BitbucketWorld) -> None:
    world.repository.restricted.append("autonomy/.*")


CASES: list[tuple[Callable[[BitbucketWorld], None], str, str]] = [
    (bad_token, "bad_token", "valid"),
    (hidden, "not_found", "may see it"),
    (reading_token, "missing_right", "write"),
    (reader, "missing_right", "You do not have access"),
    (restricted, "protected", "exempt the branch"),
]


@pytest.mark.parametrize(("arrange", "reason", "words"), CASES)
async def test_what_bitbucket_refuses_is_told_with_its_reason_and_a_fix(
    world: BitbucketWorld,
    workspace: Workspace,
    arrange: Callable[[BitbucketWorld], None],
    reason: str,
    words: str,
) -> None:
    world.store.push("main", {"a": "b"})
    arrange(world)
    refused = await refusal(world, workspace)
    assert refused.fields["reason"] == reason
    assert words in str(refused)
    assert world.repository.requests == []


@pytest.mark.parametrize(("arrange", "reason", "words"), CASES[:3])
async def test_the_probe_finds_it_before_anything_is_published(
    world: BitbucketWorld, arrange: Callable[[BitbucketWorld], None], reason: str, words: str
) -> None:
    world.store.push("main", {"a": "b"})
    assert (await world.host().probe()).ok
    arrange(world)
    probe = await world.host().probe()
    assert not probe.ok, reason
    assert words in f"{probe.reason}; {probe.fix}"


@pytest.mark.parametrize(
    ("scopes", "ok"),
    [
        (("pullrequest:write",), True),
        (("repository:write", "pullrequest"), False),
        (("write:repository:bitbucket", "write:pullrequest:bitbucket", "read:repository:bitbucket"), True),
        (("write:repository:bitbucket", "read:pullrequest:bitbucket"), False),
        (None, True),
    ],
)
async def test_scopes_count_in_both_vocabularies_and_only_where_they_are_told(
    world: BitbucketWorld, scopes: tuple[str, ...] | None, ok: bool
) -> None:
    told = {} if scopes is None else {"x-oauth-scopes": ", ".join(scopes)}
    world.server.faults[1] = Answer(200, {"full_name": "team/todo", "mainbranch": None}, told)
    assert (await world.host().probe()).ok is ok


async def test_an_api_token_goes_with_its_user(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    world.user = "me@example.org"
    host = world.host()
    await publish(world, workspace)
    assert all(one.headers["authorization"].startswith("Basic ") for one in world.server.asked)
    world.server.secret = "another"
    with pytest.raises(CodeHostRefused, match="valid"):
        await host.base()


async def test_the_base_tells_paths_without_ids(world: BitbucketWorld) -> None:
    base = world.store.push("main", {"README.md": "x", "docs/a.md": "y"})
    there = await world.host().base()
    assert (there.commit, there.files) == (base, {"README.md": "", "docs/a.md": ""})


async def test_a_tree_that_is_deep_and_wide_is_read_to_its_end(world: BitbucketWorld) -> None:
    deep = "/".join(f"d{number}" for number in range(13))
    files = {f"wide/{number}.txt": "x" for number in range(230)} | {f"{deep}/leaf": "x", "top": "y"}
    world.store.push("main", files)
    assert set((await world.host().base()).files) == set(files)


async def test_what_was_shown_is_compared_without_reading_it(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs", "other": "x"})
    shown = await world.host().base()
    world.store.push("main", {"other": "moved"})
    request = await publish(world, workspace, replaces={"README.md": ""}, shown_base=shown.commit)
    assert texts(world.store, request.commit) == {"README.md": b"# Todo\n", "other": b"moved"}
    assert asked(world, "/src/") == [line for line in asked(world, "/src/") if line.endswith("/")]


async def test_a_file_that_the_base_has_as_approved_is_no_conflict(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "# Todo\n"})
    await commit(workspace, {"more.md": "x"})
    request = await publish(world, workspace)
    assert texts(world.store, request.commit) == {"README.md": b"# Todo\n", "more.md": b"x"}


async def test_a_shown_file_that_is_the_approved_one_already_is_believed_only_when_read(
    world: BitbucketWorld, workspace: Workspace
) -> None:
    world.store.push("main", {"README.md": "# Todo\n"})
    await commit(workspace, {"more.md": "x"})
    shown = await world.host().base()
    request = await publish(world, workspace, replaces={"README.md": ""}, shown_base=shown.commit)
    assert any(line.endswith(f"{request.commit}/README.md") for line in asked(world, "/src/"))


async def test_what_goes_on_from_an_own_commit_is_not_read_again(world: BitbucketWorld) -> None:
    many = {f"part{number}.py": f"{number}\n" for number in range(40)}
    workspace = await world.workspace(many, "many")
    world.store.push("main", {"a": "b"})
    first = await publish(world, workspace)
    origin = await workspace.head()
    await commit(workspace, dict.fromkeys(many, "changed\n"))
    world.server.forget()
    second = await publish(world, workspace, origin=origin, continues=first.commit)
    assert world.store.parents(second.commit) == [first.commit]
    assert len(world.server.asked) <= 10


async def test_what_goes_on_from_another_commit_of_the_branch_is_read(
    world: BitbucketWorld, workspace: Workspace
) -> None:
    world.store.push("main", {"a": "b"})
    await publish(world, workspace)
    origin = await workspace.head()
    by_hand = world.store.push(draft().branch, {"hand.txt": "x"})
    await commit(workspace, {"README.md": "# Better\n"})
    second = await publish(world, workspace, origin=origin, continues=by_hand)
    assert texts(world.store, second.commit) == {"a": b"b", "hand.txt": b"x", "README.md": b"# Better\n"}
    third = await refusal(world, workspace, origin=None, continues=second.commit)
    assert third.fields["reason"] == "rejected"


async def test_a_commit_whose_address_is_not_told_is_looked_for(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    world.repository.tells_location = False
    request = await publish(world, workspace)
    assert request.commit == world.store.branches[draft().branch]


async def test_an_executable_that_lost_its_mode_is_not_let_through(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"README.md": "theirs"}, mode=0o100755)
    shown = await world.host().base()

    def forgetful(answer: Answer) -> Answer:
        """A host that takes no notice of attributes."""
        if isinstance(answer.body, dict) and answer.body.get("attributes"):
            return Answer(answer.status, answer.body | {"attributes": []}, answer.headers)
        return answer

    world.server.altered = forgetful
    refused = await refusal(world, workspace, replaces={"README.md": ""}, shown_base=shown.commit)
    assert refused.fields["reason"] == "rejected"
    assert "README.md" in str(refused)


async def test_labels_reviewers_and_drafts(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    ann, bob, eve = (world.repository.user(name) for name in ("ann", "bob", 'e"ve'))
    account = str(bob.shown()["account_id"])
    names = ("@ann", account, 'e"ve', "nobody")
    request = await publish(world, workspace, labels=("one", "two"), reviewers=names, draft=True)
    made = world.repository.request(request.number)
    assert (made.title, made.draft) == ("Add a todo API", True)
    assert made.reviewers == [ann.uuid, bob.uuid, eve.uuid]
    assert "Labels: one, two." in made.description
    assert "did not take these reviewers: nobody." in made.description


async def test_reviewers_that_bitbucket_refuses_do_not_fail_the_request(
    world: BitbucketWorld, workspace: Workspace
) -> None:
    world.store.push("main", {"a": "b"})
    author = world.repository.user("autonomy", "app_user")
    request = await publish(world, workspace, reviewers=(author.uuid,))
    made = world.repository.request(request.number)
    assert made.reviewers == []
    assert f"did not take these reviewers: {author.uuid}." in made.description


async def test_members_that_may_not_be_seen_are_named_as_not_taken(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    world.repository.user("ann")
    world.repository.members_visible = False
    request = await publish(world, workspace, reviewers=("ann",))
    assert "did not take these reviewers: ann." in world.repository.request(request.number).description


async def test_a_request_is_found_when_its_marker_was_taken_away(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    world.repository.request(request.number).description = "Better words."
    found = await world.host().find("t1")
    assert found is not None
    assert (found.number, found.body) == (request.number, "Better words.")


async def test_a_request_from_a_fork_with_our_marker_is_not_ours(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    mallory = world.repository.user("mallory")
    forged = Stored(1, mallory, "x", "<!-- autonomy: t1 -->", draft().branch, "main", "mallory/todo", commit="0" * 40)
    world.repository.requests.append(forged)
    assert await world.host().find("t1") is None


async def test_comments_are_what_people_said_oldest_first(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    repository, request = world.repository, await publish(world, workspace)
    assert await world.host().comments("t1") == []
    number = request.number
    repository.user("pipelines", "app_user")
    first = repository.comment(number, "ann", "Please rename it.")
    repository.comment(number, "pipelines", "Build 5 passed")
    repository.comment(number, "ann", "Gone", deleted=True)
    repository.comment(number, "ann", "Not sent", pending=True)
    repository.comment(number, "ann", "Ours <!-- autonomy: t1 --> again")
    inline = {"inline": {"path": "README.md", "from": None, "to": 1}}
    line = repository.comment(number, "bob", "Why?", **inline)
    repository.review(number, "bob", "changes_requested")
    repository.review(number, "ann", "approved")
    repository.review(number, "cat", None)
    repository.review(number, "pipelines", "approved")
    said = await world.host().comments("t1")
    assert said[:2] == [
        RequestComment(comment_id=f"comment-{first}", author="ann", body="Please rename it.", ts=said[0].ts),
        RequestComment(
            comment_id=f"comment-{line}", author="bob", body="Why?", ts=said[1].ts, path="README.md", line=1
        ),
    ]
    assert [(each.author, each.verdict) for each in said[2:]] == [("bob", "changes_requested"), ("ann", "approved")]
    assert await world.host().comments("t1") == said
    repository.review(number, "bob", "approved")
    again = await world.host().comments("t1")
    assert [(each.author, each.verdict) for each in again[2:]] == [("ann", "approved"), ("bob", "approved")]
    assert await world.host().comments("t9") == ()


async def test_comments_are_paged(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    for number in range(230):
        world.repository.comment(request.number, "ann", f"{number}")
    assert [each.body for each in await world.host().comments("t1")] == [f"{number}" for number in range(230)]


async def test_a_web_page_instead_of_an_answer_is_not_quoted(world: BitbucketWorld) -> None:
    world.server.faults[1] = Answer(404, b"<html>private things of the caller</html>")
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().base()
    assert "private" not in str(caught.value)


async def test_an_empty_repository_that_may_not_be_begun_is_told(world: BitbucketWorld, workspace: Workspace) -> None:
    world.repository.restricted.append("main")
    refused = await refusal(world, workspace)
    assert refused.fields["reason"] == "empty"
    assert "push a first commit to main" in str(refused)


async def test_the_host_says_what_it_published(world: BitbucketWorld, workspace: Workspace) -> None:
    base = world.store.push("main", {"a": "b"})
    done = await world.host().publish(workspace, await workspace.head(), draft())
    assert done == Publication(commit=world.store.branches[draft().branch], onto=base)


@pytest.mark.parametrize("repo", ["", "team", "team/", "a/b/c"])
def test_what_cannot_be_right_is_refused(repo: str) -> None:
    with pytest.raises(InvalidInput):
        BitbucketCodeHost("token", repo, FixedClock())


def test_a_form_holds_bytes_as_they_are_and_quotes_names() -> None:
    kind, body = commit_form({"message": "ü"}, {'a "b".bin': b"\x00\r\n--x"}, ["gone"], frozenset())
    boundary = kind.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 4
    assert b'name="/a %22b%22.bin"; filename="a %22b%22.bin"\r\n' in body
    assert b"\r\n\r\n\x00\r\n--x\r\n--" + boundary in body
    assert b'name="files"\r\n\r\n/gone\r\n' in body


async def test_a_verdict_counts_of_reviewers_alone(world: BitbucketWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    repository, request = world.repository, await publish(world, workspace)
    repository.review(request.number, "bob", "changes_requested", role="PARTICIPANT")
    (said,) = await world.host().comments("t1")
    assert (said.author, said.verdict) == ("bob", "none")
