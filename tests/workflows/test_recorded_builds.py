"""Whole builds that were answered by somebody who saw the prompts alone, from the cassettes in `tests/data/cassettes/`.

A change of prompts ends them with the difference. `docs/cassettes.md` says how answers are carried over to new prompts.
"""

from pathlib import Path

import pytest

from config import PROJECT, model_setting
from core.blocks import parse_blocks
from core.events import CheckFinished, Notice
from core.findings import CheckStatus
from core.tasks import InterruptKind
from core.types import AgentName, TaskStatus
from llm.cassettes.player import Cassette
from tests.workflows.house import open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(600)]
TAPES = sorted((PROJECT / "tests" / "data" / "cassettes").iterdir())
EXAMPLES = (PROJECT / "examples" / "sentences.txt").read_text().splitlines()


def sentence_of(tape: Path) -> str:
    """The task that was recorded."""
    first = next(
        entry for entry in Cassette.read(tape).entries if entry.call.question.prompt_name.endswith("/classify")
    )
    blocks = parse_blocks(first.call.question.messages[-1].content)
    return next(block.text for block in blocks if block.name == "task")


def test_there_are_four_of_them_and_none_is_an_example() -> None:
    sentences = [sentence_of(tape) for tape in TAPES]
    assert len(sentences) >= 4
    assert not set(sentences) & set(EXAMPLES)


@pytest.mark.parametrize("tape", TAPES, ids=lambda tape: tape.name)
async def test_the_recorded_answers_make_an_application_that_passes_every_check(tape: Path, tmp_path: Path) -> None:
    models = dict.fromkeys(map(model_setting, AgentName), f"replay/{tape}")
    async with open_house(tmp_path / "data", **models) as house:
        task = await house.settled((await house.submit(sentence_of(tape))).task_id)
        asked = await house.question(task.task_id)
        assert asked.kind is InterruptKind.APPROVAL, asked.prompt
        await house.decide(asked, "approve")
        task = await house.settled(task.task_id, segment=task.segment + 1)
        assert task.status is TaskStatus.COMPLETED, task.error
        events = [each.event for each in await house.events(task.task_id)]
    last = {event.result.name: event.result for event in events if isinstance(event, CheckFinished)}
    assert {result.status for result in last.values()} == {CheckStatus.PASSED}, last
    assert last["pytest"].tests_run > 10
    assert not [event.text for event in events if isinstance(event, Notice) and "recorded calls" in event.text]
    assert house.model.calls == [], "nothing was asked of another model"
