"""Learning after a real SIGKILL: every task counts once, every episode leads to one reflection, every version is told of."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.agent_views import MemoryDiffFilter
from core.episodes import EpisodeFilter
from core.models import InteractionFilter
from core.tasks import TaskFilter
from core.types import TaskStatus
from tasks.learning import Learner
from tasks.reflection import ReflectionPolicy
from tests.unit.llm.scripted import ScriptedClient
from tests.unit.tasks.learned import BACKEND, RULE, School, answer, school
from tests.unit.tasks.test_learning import FOUND, end, learner, notified

ROOT = Path(__file__).parents[3]
TASKS = 8
"""The last one is never begun, however late the kill comes; and so few make no rule a weak one."""
CHILD = """
import asyncio, sys
from pathlib import Path
from tests.unit.tasks.test_learning_kill import work
asyncio.run(work(Path(sys.argv[1])))
"""


def model() -> ScriptedClient:
    """Another rule with each answer, as long as there are any."""
    texts = ("Write short functions", "Name things by what they hold", "Load related things in one query", RULE)
    return ScriptedClient(*(answer(text) for text in texts), pieces=1)


def learning_two_by_two(opened: School) -> Learner:
    return learner(opened, opened.reflector(ReflectionPolicy(interval=2)))


def say(step: str) -> None:
    sys.stdout.write(f"{step}\n")
    sys.stdout.flush()


async def work(folder: Path) -> None:
    """Tasks end and are learned from, in a process that may be killed; says each step that is done."""
    async with school(folder, model()) as opened:
        await opened.change(learned_rules=("Told in both",))
        one = learning_two_by_two(opened)
        for number in range(TASKS - 1):
            notification = await end(opened, f"t{number}", TaskStatus.COMPLETED, FOUND)
            say("ended")
            await one.send(notification)
            say("learned")
        await asyncio.Event().wait()


@pytest.mark.parametrize("lines", [3, 8])
async def test_a_kill_counts_nothing_twice_and_loses_nothing(tmp_path: Path, lines: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(lines):
        await asyncio.to_thread(child.stdout.readline)
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=60)
    child.stdout.close()
    async with school(tmp_path, model()) as opened:
        one = learning_two_by_two(opened)
        ended = [
            task.task_id
            for task in await opened.stores.tasks.list(TaskFilter(status=TaskStatus.COMPLETED, limit=TASKS))
        ]
        assert lines // 2 <= len(ended) < TASKS
        for task_id in [*ended, *ended]:
            await one.send(notified(task_id))
        used = (await opened.identity()).rule_stats["Told in both"].use_count
        episodes = await opened.stores.episodes.list(EpisodeFilter(agent=BACKEND, limit=TASKS))
        assert (used, len(episodes)) == (len(ended), len(ended))
        diffs = await opened.diffs.list(MemoryDiffFilter(agent=BACKEND, limit=TASKS))
        named = Counter(episode.reflected for episode in episodes if episode.reflected)
        assert set(named) == {diff.diff_id for diff in diffs}
        assert sum(named.values()) >= len(ended) - 1
        saved = [
            each.version for each in await opened.stores.identities.versions(BACKEND) if each.cause == "reflection"
        ]
        assert sorted(saved) == sorted(diff.to_version for diff in diffs if diff.to_version)
        for name in named:
            calls = await opened.interactions.list(InteractionFilter(task_id=name, success=True))
            assert len(calls) == 1
