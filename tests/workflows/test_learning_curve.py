"""A short learning curve, for real: findings become a rule, the rule is tried, and the next task goes through at once."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.learning.points import Mode
from benchmarks.learning.running import Curve, run
from core.types import AgentName

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(1_200)]
SENTENCES = (
    "Backend only: orchards with a unique name",
    "Backend only: canals with a unique name",
)


async def test_an_agent_that_learns_makes_a_mistake_once_and_one_that_does_not_makes_it_again(tmp_path: Path) -> None:
    apprentices, often = frozenset({AgentName.QA}), {"reflection_interval": 1}
    on = Curve(Mode.ON, SENTENCES, seed=1, rate=1, pairs=4, folder=tmp_path, apprentices=apprentices, more=often)
    learned = await run(on)
    assert [(point.rounds, point.passed) for point in learned] == [(2, True), (1, True)]
    assert (learned[0].rules > 0, learned[-1].trials) == (True, 0)
    unlearned = await run(replace(on, mode=Mode.OFF, sentences=SENTENCES[1:]))
    assert [(point.rounds, point.rules) for point in unlearned] == [(2, 0)]
    assert await run(on) == learned, "a curve that is there is not done again"
