"""A few points of the kill matrix (`make proof` tries many more): nothing is lost, nothing is done twice."""

import pytest

from benchmarks.kills import kill_at, undisturbed
from core.types import JsonObject

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TRIED = (
    "after SqliteTaskStore.create",
    "before SqliteInteractionLog.record",
    "after SqliteInteractionLog.record",
    "after GitWorkspace.commit",
    "before GroupCommitSaver.aput",
    "after SqliteTaskStore.decide",
    "after LocalCodeHost.publish",
    "after LocalCodeHost.open_pull_request",
)


@pytest.fixture(scope="module")
def whole() -> tuple[JsonObject, list[str]]:
    story, names = undisturbed()
    assert (story["status"], story["iterations"], story["pull_requests"], story["approvals"]) == ("completed", 1, 1, 1)
    assert story["calls"] == 10
    return story, names


@pytest.mark.parametrize("name", TRIED)
def test_a_kill_loses_nothing_and_repeats_nothing_that_was_recorded(
    name: str, whole: tuple[JsonObject, list[str]]
) -> None:
    story, names = whole
    last = len(names) - 1 - names[::-1].index(name)
    kill = kill_at(last, name, story)
    assert kill.killed
    assert kill.wrong == ()
    assert kill.in_flight <= 1
