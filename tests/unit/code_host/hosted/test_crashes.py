"""What holds for every hosted code host: one branch, one commit, one request, whatever is cut, lost or done twice."""

import asyncio
from pathlib import Path

import pytest

from core.errors import CodeHostRefused
from core.ports import Workspace
from tests.unit.code_host.hosted.doing import cut, published, reason
from tests.wire.hosted import World, commit, draft
from tests.wire.rest_server import Answer, Fault


async def test_the_same_again_changes_nothing(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    first = await published(world, workspace, draft())
    world.store.push("main", {"a": "moved on"})
    assert await published(world, workspace, draft(title="Other words", commit_message="Other words")) == first
    assert len(world.listed()) == 1


async def test_everything_at_the_same_time_gives_one_commit_and_one_request(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    done = await asyncio.gather(*(published(world, workspace, draft()) for _ in range(6)))
    assert len({each.model_dump_json() for each, _ in done}) == 1
    assert len({each.model_dump_json() for _, each in done}) == 1
    assert len(world.listed()) == 1


async def test_at_the_same_time_in_an_empty_repository(world: World, workspace: Workspace) -> None:
    done = await asyncio.gather(*(published(world, workspace, draft()) for _ in range(4)))
    assert len({each.commit for each, _ in done}) == 1
    onto = done[0][0].onto
    assert onto in world.store.history(world.store.branches["main"])
    assert len(world.listed()) == 1


async def test_work_that_was_merged_before_it_was_recorded_is_found_again(world: World, workspace: Workspace) -> None:
    world.store.push("main", {"a": "b"})
    done, request = await published(world, workspace, draft())
    world.end(request.number, merged=True)
    world.store.move("main", done.commit)
    world.store.push("main", {"README.md": "edited since"})
    assert await world.host().publish(workspace, await workspace.head(), draft()) == done
    assert draft().branch not in world.store.branches


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_cut_at_any_request_is_mended_by_repeating(world: World, workspace: Workspace, fault: Fault) -> None:
    world.store.push("main", {"a": "b"})
    await published(world, workspace, draft("t0", reviewers=("ann",), labels=("one",)))
    for step in range(1, 1 + len(world.server.asked)):
        wanted = draft(f"t{step}", reviewers=("ann",), labels=("one",))
        world.server.forget()
        world.server.faults[step] = fault
        await cut(published(world, workspace, wanted, tries=1))
        assert not world.server.faults, "it was cut"
        done, request = await published(world, workspace, wanted, tries=1)
        assert world.store.branches[wanted.branch] == done.commit
        assert world.store.parents(done.commit) == [world.store.branches["main"]]
        assert request.number == len(world.listed()) == step + 1


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_cut_in_an_empty_repository_is_mended_by_repeating(
    world: World, workspace: Workspace, tmp_path: Path, fault: Fault
) -> None:
    await published(world, workspace, draft())
    for step in range(1, 1 + len(world.server.asked)):
        fresh = type(world)(tmp_path / str(step))
        await fresh.server.start()
        fresh.server.faults[step] = fault
        await cut(published(fresh, workspace, draft(), tries=1))
        assert not fresh.server.faults, "it was cut"
        done, request = await published(fresh, workspace, draft(), tries=1)
        assert fresh.store.branches == {"main": done.onto, draft().branch: done.commit}
        assert fresh.store.tree(done.commit) == await workspace.tree()
        assert request.number == len(fresh.listed()) == 1
        await fresh.close()


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_a_cut_while_continuing_is_mended_by_repeating(world: World, workspace: Workspace, fault: Fault) -> None:
    world.store.push("main", {"a": "b"})
    last, _ = await published(world, workspace, draft())
    for step in range(1, 8):
        origin = await workspace.head()
        await commit(workspace, {"README.md": f"{step}\n"})
        wanted = draft(origin=origin, continues=last.commit)
        world.server.forget()
        world.server.faults[step] = fault
        await cut(published(world, workspace, wanted, tries=1))
        world.server.forget()
        done, _ = await published(world, workspace, wanted, tries=1)
        assert world.store.parents(done.commit) == [last.commit]
        last = done
    assert len(world.listed()) == 1


@pytest.mark.parametrize(
    "fault", ["before", "after", Answer(502, b"Bad Gateway"), Answer(429, b"Retry later\n", {"retry-after": "3"})]
)
async def test_a_loss_or_a_limit_at_any_request_is_waited_out(
    world: World, workspace: Workspace, fault: Answer
) -> None:
    world.store.push("main", {"a": "b"})
    await published(world, workspace, draft("t0"))
    for step in range(1, 1 + len(world.server.asked)):
        world.server.forget()
        world.server.faults[step] = fault
        await published(world, workspace, draft(f"t{step}"))
        assert len(world.listed()) == step + 1
        assert world.waited_s, "it waited before it tried again"
        world.waited_s.clear()


async def test_a_limit_that_lasts_is_told_with_its_end(world: World, workspace: Workspace) -> None:
    world.server.faults[1] = Answer(429, b"Retry later\n", {"retry-after": "900"})
    with pytest.raises(CodeHostRefused) as caught:
        await world.host().base()
    assert reason(caught) == "rate_limited"
    assert caught.value.fields["retry_after_s"] == 900.0
