"""What is said when a cassette does not hold what is asked."""

import time
from pathlib import Path

import pytest

from core.errors import Diverged, ModelError
from core.types import AgentName
from llm.cassettes.divergence import MAX_LINES, MAX_WIDTH
from tests.unit.llm.cassettes.tapes import player, recorder
from tests.unit.llm.scripted import ScriptedClient, a_request

PROMPT = "\n".join(f"Rule {number}: be exact." for number in range(30))


async def diverge(folder: Path, text: str, **changes: object) -> str:
    """The message for a question that is not in the cassette at `folder`."""
    with pytest.raises(Diverged) as caught:
        await player().complete(a_request(text, model=f"replay/{folder}", **changes))
    assert not isinstance(caught.value, ModelError), "or a fallback would answer, or a person be asked"
    return str(caught.value)


async def record(folder: Path, *texts: str, **changes: object) -> None:
    tape = recorder(ScriptedClient(), folder)
    for text in texts:
        await tape.complete(a_request(text, **changes))
    await tape.close()


async def test_the_difference_to_the_most_similar_prompt_is_shown(tmp_path: Path) -> None:
    await record(tmp_path / "a", "Something else", PROMPT, "Yet another")
    told = await diverge(tmp_path / "a", PROMPT.replace("Rule 7: be exact", "Rule 7: be kind"))
    assert told.split("\n") == [
        f"replay/{tmp_path / 'a'}: planner asks planner/plan in iteration 0 what was not recorded",
        "From the most similar recorded call, task-1/planner.calls line 45, to the one asked:",
        "--- recorded",
        "+++ asked",
        "@@ user message, line 5 @@",
        *(f" Rule {number}: be exact." for number in (4, 5, 6)),
        "-Rule 7: be exact.",
        "+Rule 7: be kind.",
        *(f" Rule {number}: be exact." for number in (8, 9, 10)),
    ]


async def test_what_is_asked_of_the_answer_is_compared_too(tmp_path: Path) -> None:
    await record(tmp_path / "a", PROMPT)
    told = await diverge(tmp_path / "a", PROMPT, max_output_tokens=5, answer_schema={"type": "object"})
    assert "-max_output_tokens: 1000\n+max_output_tokens: 5\n" in told
    assert '+ "type": "object"' in told


async def test_of_equal_prompts_the_one_of_the_same_iteration_is_compared(tmp_path: Path) -> None:
    tape = recorder(ScriptedClient(), tmp_path / "a")
    for iteration in (0, 1, 2):
        await tape.complete(a_request(PROMPT, iteration=iteration))
    await tape.close()
    told = await diverge(tmp_path / "a", PROMPT + "!", iteration=1)
    assert "iteration: 1" not in [line[1:] for line in told.split("\n") if line[0] in "+-"]


async def test_a_step_that_was_never_recorded_is_named_with_those_that_were(tmp_path: Path) -> None:
    await record(tmp_path / "a", PROMPT)
    told = await diverge(tmp_path / "a", PROMPT, prompt_name="planner/repair", iteration=3)
    assert "planner asks planner/repair in iteration 3, and nothing was recorded of that step" in told
    assert "of planner there are only (iteration) planner/plan (0)" in told
    told = await diverge(tmp_path / "a", PROMPT, agent=AgentName.QA, prompt_name="qa_agent/tests")
    assert "nothing of qa_agent" in told


async def test_however_much_differs_the_message_stays_short_and_is_soon_there(tmp_path: Path) -> None:
    await record(tmp_path / "a", "\n".join(f"{number} {'x' * 300}" for number in range(30_000)))
    started = time.process_time()
    told = await diverge(tmp_path / "a", "\n".join(f"{number} {'y' * 300}" for number in range(30_000, 0, -1)))
    assert time.process_time() - started < 10
    lines = told.split("\n")
    assert len(lines) == MAX_LINES + 5
    assert all(len(line) <= MAX_WIDTH + 1 for line in lines[1:])
    assert "more lines" in lines[-1]


async def test_the_difference_holds_no_secret(tmp_path: Path) -> None:
    await record(tmp_path / "a", "My key is sk-ant-api03-canary0000000000, and that is all")
    told = await diverge(tmp_path / "a", "My key is sk-ant-api03-canary0000000000, and more")
    assert "+My key is [redacted], and more" in told
    assert "canary" not in told
