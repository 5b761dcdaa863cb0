"""A few points of the kill matrix (`make proof` tries many more): nothing is lost, nothing is done twice."""

import pytest

from benchmarks.kill_drive import Point
from benchmarks.kills import Story, kill_at, undisturbed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
TRIED = (
    "after SqliteTaskStore.create",
    "before DbosEngine.submit",
    "before SqliteInteractionLog.record",
    "after SqliteInteractionLog.record",
    "after GitWorkspace.commit",
    "after SqliteEffectStore.finish",
    "before GroupCommitSaver.aput",
    "after node join",
    "after SqliteInterruptStore.decide",
    "after LocalCodeHost.publish",
    "before SqliteEffectStore.begin",
    "after LocalCodeHost.open_pull_request",
    "after writing the files out",
    "after SqliteEffectStore.feed",
    "after WebhookNotifier.send",
)


@pytest.fixture(scope="module")
def whole() -> tuple[Story, list[Point]]:
    story, points = undisturbed()
    assert (story.status, story.rounds, story.pull_requests) == ("completed", 1, 1)
    assert story.questions == (("interrupt.opened", "approval"), ("interrupt.decided", "approval"))
    assert story.messages == ("task.started", "interrupt.opened", "interrupt.decided", "published", "task.completed")
    assert (story.calls_repeated, story.calls_in_flight, story.messages_repeated) == (0, 0, 0)
    assert story.events_whole
    return story, points


@pytest.mark.parametrize("name", TRIED)
def test_a_kill_loses_nothing_and_repeats_nothing_that_was_recorded(
    name: str, whole: tuple[Story, list[Point]]
) -> None:
    story, points = whole
    last = max(times for passed, times in points if passed == name)
    kill = kill_at((name, last), story)
    assert kill.killed
    assert kill.wrong == ()
    assert kill.in_flight <= 1
    assert kill.messages_repeated <= 1
