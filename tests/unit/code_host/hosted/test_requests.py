"""What holds for every hosted code host: one request per key, which says what was drafted and is found again."""

import pytest

from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import RequestState
from tests.unit.code_host.hosted.doing import published, reason
from tests.wire.hosted import World, draft
from tests.wire.rest_server import Answer


async def test_a_request_says_what_was_drafted(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    _, request = await published(world, workspace, draft(draft=True, labels=("autonomy", "two words")))
    assert (request.key, request.branch, request.base) == ("t1", "autonomy/todo-api-t1", "main")
    assert request.title == "Add a todo API"
    assert request.body.startswith("What it does.\n\nAnd how.")
    assert request.url.startswith("http")
    assert request.clone_url.endswith(".git")
    (listed,) = world.listed()
    assert listed.draft


async def test_a_request_for_what_was_not_published_is_refused(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().open_pull_request(draft(), "0" * 40)
    assert reason(caught) == "not_found"
    await world.host().publish(workspace, await workspace.head(), draft())
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().open_pull_request(draft(), "0" * 40)
    assert reason(caught) == "conflict"
    assert world.listed() == []


@pytest.mark.parametrize("merged", [True, False])
async def test_a_request_is_found_by_its_key_alone_when_its_branch_is_gone(
    world: World, workspace: Workspace, merged: bool
) -> None:
    world.store.push("main", {"a": "b"})
    for key in ("t1", "t10"):
        await published(world, workspace, draft(key))
    _, request = await published(world, workspace, draft("t1"))
    world.end(request.number, merged=merged)
    found = await world.host().find("t1")
    assert found is not None
    assert (found.number, found.title, found.body) == (request.number, request.title, request.body)
    assert found.state is (RequestState.MERGED if merged else RequestState.CLOSED)
    assert await world.host().open_pull_request(draft("t1"), request.commit) == found
    assert await world.host().find("t") is None
    assert await world.host().find("t1_") is None


async def test_somebody_elses_request_from_the_branch_is_not_taken_for_ours(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    done = await world.host().publish(workspace, await workspace.head(), draft())
    world.open_by_somebody(draft().branch, "by hand")
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().open_pull_request(draft(), done.commit)
    assert reason(caught) == "branch_taken"


@pytest.mark.parametrize("shown", [True, False])
async def test_a_request_of_200_files_takes_at_most_10_requests(world: World, shown: bool) -> None:
    world.store.push("main", {f"theirs/{number}.txt": "x" for number in range(20)})
    many = {f"backend/part{number % 12}/file{number}.py": f"{number}\n" for number in range(200)}
    workspace = await world.workspace(many, "t2")
    host = world.host()
    if shown:
        await host.base()
    done = await host.publish(workspace, await workspace.head(), draft())
    await host.open_pull_request(draft(), done.commit)
    assert len(world.server.asked) == (10 if shown else 8)


async def test_nothing_shows_the_token(world: World, workspace: Workspace) -> None:
    host = world.host()
    assert world.secret not in repr(host)
    for status in (400, 401, 403, 404, 409, 422, 500):
        world.server.forget()
        world.server.faults = {step: Answer(status, {"message": f"no, {world.secret}"}) for step in range(1, 9)}
        with pytest.raises(CodeHostRefused) as caught:
            await host.base()
        assert world.secret not in str(caught.value)
        assert world.secret not in str(caught.value.fields)
