"""What is GitLab's own: rights and roles, guarded branches, notes and approvals, reviewers, paging."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from code_host.gitlab import GitLabCodeHost
from code_host.gitlab_comments import is_bot
from core.errors import CodeHostRefused, InvalidInput
from core.ports import Workspace
from core.publication import PullRequest, RequestComment
from tests.contracts.fixed_clock import FixedClock
from tests.wire.gitlab.project import MergeRequest, Project, Token
from tests.wire.gitlab.server import SECRET
from tests.wire.gitlab.world import GitLabWorld
from tests.wire.hosted import commit, draft
from tests.wire.rest_server import Answer, Asked


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[GitLabWorld]:
    made = GitLabWorld(tmp_path)
    await made.server.start()
    yield made
    await made.close()


@pytest.fixture
async def workspace(world: GitLabWorld) -> Workspace:
    return await world.workspace({"README.md": "# Todo\n"})


async def publish(world: GitLabWorld, workspace: Workspace, **changes: object) -> PullRequest:
    host = world.host(tries=2)
    wanted = draft().model_copy(update=changes)
    done = await host.publish(workspace, await workspace.head(), wanted)
    return await host.open_pull_request(wanted, done.commit)


async def refusal(world: GitLabWorld, workspace: Workspace) -> CodeHostRefused:
    with pytest.raises(CodeHostRefused) as caught:
        await publish(world, workspace)
    assert "; " in str(caught.value), "it says how to fix it"
    return caught.value


def bad_token(project: Project) -> None:
    project.tokens.clear()


def read_only_token(project: Project) -> None:
    project.tokens[SECRET] = Token(project.user("autonomy-bot"), ("read_api",))


def archived(project: Project) -> None:
    project.archived = True


def reporter(project: Project) -> None:
    project.user("autonomy-bot", 20)


def stranger(project: Project) -> None:
    project.levels.clear()


def stranger_in_public(project: Project) -> None:
    project.levels.clear()
    project.public = True


def without_requests(project: Project) -> None:
    project.features["merge_requests"] = "disabled"


def guarded(project: Project) -> None:
    project.user("autonomy-bot", 30)
    project.protected.append("autonomy/.*")


def rule(project: Project) -> None:
    project.push_rule = "^JIRA-[0-9]+"


CASES: list[tuple[Callable[[Project], None], str, str]] = [
    (bad_token, "bad_token", "token"),
    (read_only_token, "missing_right", "scope api"),
    (archived, "archived", "unarchive"),
    (reporter, "missing_right", "Developer"),
    (stranger, "not_found", "the token may see it"),
    (stranger_in_public, "missing_right", "Developer"),
    (without_requests, "missing_right", "merge requests switched off"),
    (guarded, "protected", "You are not allowed to push into this branch"),
    (rule, "protected", "JIRA"),
]


@pytest.mark.parametrize(("arrange", "reason", "words"), CASES)
async def test_what_gitlab_refuses_is_told_with_its_reason_and_a_fix(
    world: GitLabWorld, workspace: Workspace, arrange: Callable[[Project], None], reason: str, words: str
) -> None:
    world.store.push("main", {"a": "b"})
    arrange(world.project)
    refused = await refusal(world, workspace)
    assert refused.fields["reason"] == reason
    assert words in str(refused)
    assert world.project.requests == []


@pytest.mark.parametrize(("arrange", "reason", "words"), CASES[:-2])
async def test_the_probe_finds_it_before_anything_is_published(
    world: GitLabWorld, arrange: Callable[[Project], None], reason: str, words: str
) -> None:
    world.store.push("main", {"a": "b"})
    assert (await world.host().probe()).ok
    arrange(world.project)
    probe = await world.host().probe()
    assert not probe.ok
    assert words in f"{probe.reason}; {probe.fix}"
    assert probe.fix
    assert all(asked.method == "GET" for asked in world.server.asked), f"it found {reason} and changed nothing"


async def test_the_probe_tells_the_version(world: GitLabWorld) -> None:
    assert (await world.host().probe()).version == "GitLab 18.7.1-ee"


@pytest.mark.parametrize("way", ["group_levels", "invited_levels"])
async def test_rights_by_a_group_count(world: GitLabWorld, workspace: Workspace, way: str) -> None:
    world.store.push("main", {"a": "b"})
    number = world.project.user("autonomy-bot").id
    world.project.levels[number] = 10
    getattr(world.project, way)[number] = 30
    assert (await world.host().probe()).ok
    await publish(world, workspace)
    getattr(world.project, way)[number] = 20
    assert not (await world.host().probe()).ok


async def test_the_probe_of_what_cannot_be_reached_says_so(world: GitLabWorld) -> None:
    world.server.faults = dict.fromkeys(range(1, 9), "before")
    probe = await world.host().probe()
    assert (probe.ok, probe.fix) == (False, "check the network and try again")


async def test_an_empty_project_that_a_developer_may_not_begin_is_told(
    world: GitLabWorld, workspace: Workspace
) -> None:
    world.project.user("autonomy-bot", 30)
    refused = await refusal(world, workspace)
    assert refused.fields["reason"] == "empty"
    assert "push a first commit to main" in str(refused)


async def test_a_target_that_is_not_there_is_refused(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    with pytest.raises(CodeHostRefused, match="no branch develop") as caught:
        await publish(world, workspace, base="develop")
    assert caught.value.fields["reason"] == "not_found"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(413, b"too large"), "too_large"),
        (Answer(400, {"message": {"base": ["is strange"]}}), "rejected"),
        (Answer(503, b"busy"), "unreachable"),
        (Answer(200, b"<html>a proxy</html>"), "unreachable"),
        (Answer(200, {"id": 5}), "unreachable"),
        (Answer(429, b"Retry later\n", {"ratelimit-remaining": "0", "ratelimit-reset": "1760000500"}), "rate_limited"),
    ],
)
async def test_other_answers_to_a_commit(world: GitLabWorld, workspace: Workspace, answer: Answer, reason: str) -> None:
    world.store.push("main", {"a": "b"})
    for step in (4, 5):
        world.server.faults[step] = answer
    refused = await refusal(world, workspace)
    assert refused.fields["reason"] == reason
    assert refused.fields.get("retry_after_s") == (499.5 if reason == "rate_limited" else None)


async def test_a_base_of_many_files_is_read_page_by_page(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {f"d{number // 40}/{number}.txt": str(number) for number in range(250)})
    assert len((await world.host().base()).files) == 250
    assert len([asked for asked in world.server.asked if asked.parts[-1] == "tree"]) == 3
    request = await publish(world, workspace)
    assert request.tree == world.store.tree(request.commit)


async def test_a_submodule_is_left_alone(world: GitLabWorld, workspace: Workspace) -> None:
    base = world.store.commit([], {"theirs": (0o100644, b"x")}, [], "start")
    world.store.move("main", base)
    module = world.store.push("main", {"a": "b"})
    world.store.move("main", world.store.with_submodule(module, "vendor", base))
    request = await publish(world, workspace)
    assert world.store.files(request.commit)["vendor"].blob == base
    inside = await world.workspace({"vendor/x.py": "x"}, "inside")
    with pytest.raises(CodeHostRefused) as caught:
        await publish(world, inside, key="t2", branch="autonomy/t2")
    assert caught.value.fields["paths"] == ["vendor/x.py"]


async def test_somebody_who_pushes_just_before_the_commit_that_continues_is_not_overwritten(
    world: GitLabWorld, workspace: Workspace
) -> None:
    world.store.push("main", {"a": "b"})
    first = await publish(world, workspace)
    origin = await workspace.head()
    await commit(workspace, {"README.md": "# Better\n"})

    def pushed_between(asked: Asked) -> None:
        if asked.method == "POST":
            world.store.push(first.branch, {"README.md": "by hand"})

    world.server.meanwhile = pushed_between
    with pytest.raises(CodeHostRefused) as caught:
        await publish(world, workspace, origin=origin, continues=first.commit)
    assert caught.value.fields["reason"] == "conflict"
    assert caught.value.fields["paths"] == ["README.md"]
    assert world.store.content(world.store.files(world.store.branches[first.branch])["README.md"].blob) == b"by hand"


async def test_labels_reviewers_and_drafts(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    ann = world.project.user("ann")
    request = await publish(world, workspace, labels=("one", "a, b"), reviewers=("@Ann", "nobody"), draft=True)
    made = world.project.request(request.number)
    assert made.title == "Draft: Add a todo API"
    assert made.labels == ["one", "a  b"]
    assert list(made.reviewers) == [ann.id]
    assert "not known to GitLab: nobody" in made.description
    assert made.description.endswith("<!-- autonomy: t1 -->")


async def test_a_title_that_is_too_long_is_cut(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace, title="long\n" * 100, draft=True)
    assert len(world.project.request(request.number).title) == 255


async def test_a_request_from_a_fork_with_our_marker_is_not_ours(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    mallory = world.project.user("mallory")
    forged = MergeRequest(1, mallory, "x", "<!-- autonomy: t1 -->", "autonomy/todo-api-t1", "main", None, 99, 0)
    world.project.requests.append(forged)
    assert await world.host().find("t1") is None
    assert (await publish(world, workspace)).number == 2


async def test_a_request_is_found_among_many(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    for number in range(120):
        world.open_by_somebody(f"b{number}", f"<!-- autonomy: t1{number} -->")
    found = await world.host().find("t1")
    assert found is not None
    assert found.number == request.number


async def test_comments_are_what_people_said_oldest_first(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    project, request = world.project, await publish(world, workspace)
    assert await world.host().comments("t1") == []
    number = request.number
    first = project.note(number, "ann", "Please rename it.")
    project.note(number, "autonomy-bot", "added 1 commit", system=True)
    project.note(number, "project_42_bot_0af3", "Coverage is 90 %")
    project.note(number, "ann", "Ours <!-- autonomy: t1 --> again")
    line = project.note(number, "bob", "Why?", at=("README.md", 1))
    project.ask_for_changes(number, "bob")
    project.approve(number, "ann")
    project.approve(number, "service_account_group_7_ab")
    said = await world.host().comments("t1")
    assert said[:2] == [
        RequestComment(comment_id=f"note-{first}", author="ann", body="Please rename it.", ts=said[0].ts),
        RequestComment(comment_id=f"note-{line}", author="bob", body="Why?", ts=said[1].ts, path="README.md", line=1),
    ]
    assert [(each.author, each.verdict) for each in said[2:]] == [("bob", "changes_requested"), ("ann", "approved")]
    assert [each.ts for each in said] == sorted(each.ts for each in said)
    assert await world.host().comments("t1") == said
    assert await world.host().comments("t9") == ()


async def test_comments_are_paged(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    for number in range(230):
        world.project.note(request.number, "ann", f"{number}")
    assert [each.body for each in await world.host().comments("t1")] == [f"{number}" for number in range(230)]


async def test_verdicts_that_an_edition_does_not_have_are_left_out(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    world.project.note(request.number, "ann", "Fine.")
    world.server.forget()
    for step in (3, 4):
        world.server.faults[step] = Answer(404, {"error": "404 Not Found"})
    assert [each.body for each in await world.host().comments("t1")] == ["Fine."]


async def test_an_approval_without_a_note_of_gitlab_still_counts(world: GitLabWorld, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    request = await publish(world, workspace)
    ann = world.project.user("ann")
    world.project.request(request.number).approved_by.append(ann.id)
    (said,) = await world.host().comments("t1")
    assert (said.comment_id, said.verdict) == (f"approved-{ann.id}", "approved")


@pytest.mark.parametrize(
    ("username", "bot"),
    [
        ("project_1_bot", True),
        ("group_12_bot_a0f", True),
        ("service_account_x", True),
        ("ann", False),
        ("robot", False),
    ],
)
def test_bots_are_known_by_their_names(username: str, bot: bool) -> None:
    assert is_bot(username) is bot


@pytest.mark.parametrize(
    ("token", "project", "base"), [("", "a/b", "https://x/api/v4"), ("t", "a", "https://x"), ("t", "a/b", "x/api")]
)
def test_what_cannot_be_right_is_refused(token: str, project: str, base: str) -> None:
    with pytest.raises(InvalidInput):
        GitLabCodeHost(token, project, FixedClock(), api_base=base)
