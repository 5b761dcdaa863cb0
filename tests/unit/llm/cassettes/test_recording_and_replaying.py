"""A call that was recorded is answered from its cassette."""

import asyncio
import resource
import time
from pathlib import Path

import pytest

from core.errors import BudgetExceeded, Diverged, InvalidInput, ModelError, ModelTransientError, Refused
from core.models import Message, ModelRequest, ModelResponse
from core.types import AgentName, Usage
from llm.cassettes.calls import Answer, Question
from llm.cassettes.files import read_header
from llm.cassettes.recorder import Recording
from llm.parameters import Parameters
from tests.unit.llm.cassettes.tapes import all_text, player, recorder
from tests.unit.llm.scripted import ScriptedClient, a_request

KEY = "canary-in-the-settings"
SHAPED = "sk-ant-api03-canary0000000000"


async def record(folder: Path, inner: ScriptedClient, *texts: str, task_id: str = "first-task") -> None:
    tape = recorder(inner, folder)
    for text in texts:
        await tape.complete(a_request(text, task_id=task_id))
    await tape.close()


async def test_an_answer_comes_again_with_its_usage_and_costs_nothing(tmp_path: Path) -> None:
    usage = Usage(input_tokens=7, output_tokens=3, cache_read_tokens=2, cache_write_tokens=1)
    await record(tmp_path / "a", ScriptedClient("An answer\r\nof two lines\n", usage=usage), "Plan")
    inner = ScriptedClient()
    pieces: list[str] = []
    model = f"replay/{tmp_path / 'a'}"
    replaying = player(inner=inner)
    response = await replaying.complete(a_request("Plan", model=model, task_id="another"), pieces.append)
    assert (response.text, response.usage, response.cost_usd) == ("An answer\r\nof two lines\n", usage, 0)
    assert (response.model, response.finish_reason) == (model, "stop")
    assert "".join(pieces) == response.text
    assert inner.requests == []


async def test_equal_questions_have_their_answers_in_the_order_in_which_they_were_given(tmp_path: Path) -> None:
    inner = ScriptedClient("first", "second")
    tape = recorder(inner, tmp_path / "a")
    for task in ("task-one", "task-two"):
        await tape.complete(a_request(task_id=task))
    await tape.close()
    replaying, request = player(), a_request(model=f"replay/{tmp_path / 'a'}")
    assert [(await replaying.complete(request)).text for _ in range(2)] == ["first", "second"]
    with pytest.raises(Diverged, match=r"once more than was recorded \(2 times: task-1/planner.calls line 1, task-2"):
        await replaying.complete(request)


async def test_the_answers_do_not_depend_on_the_order_of_the_questions(tmp_path: Path) -> None:
    texts = [f"Question {number}" for number in range(8)]
    await record(tmp_path / "a", ScriptedClient(*[f"Answer to {text}" for text in texts]), *texts)
    replaying = player()
    asked = [replaying.complete(a_request(text, model=f"replay/{tmp_path / 'a'}")) for text in reversed(texts)]
    assert [found.text for found in await asyncio.gather(*asked)] == [f"Answer to {text}" for text in reversed(texts)]


async def test_answers_can_be_carried_over_to_prompts_that_were_changed(tmp_path: Path) -> None:
    await record(tmp_path / "a", ScriptedClient("first", "second"), "Plan A", "Plan B")
    model = f"replay/{tmp_path / 'a'}?answers=by_step"
    again = recorder(replaying := player(), tmp_path / "b")
    for text in ("Plan A in other words", "Plan B in other words"):
        await again.complete(a_request(text, model=model, task_id="another"))
    with pytest.raises(Diverged):
        await replaying.complete(a_request("Plan C", model=model))
    await again.close()
    assert "replay/" not in all_text(tmp_path / "b"), "who answered once is said, and not where from"
    other_round = a_request("Plan A", model=model).model_copy(update={"iteration": 2})
    assert (await player().complete(other_round)).text == "first", "of another round where there is none of this"
    exact = a_request("Plan B in other words", model=f"replay/{tmp_path / 'b'}")
    assert (await player().complete(exact)).text == "second"


async def test_the_id_of_a_task_is_another_one_in_every_run(tmp_path: Path) -> None:
    await record(tmp_path / "a", ScriptedClient("push autonomy/app-1234abcd"), "branch 1234abcd", task_id="1234abcd")
    request = a_request("branch 9999ffff", model=f"replay/{tmp_path / 'a'}", task_id="9999ffff")
    assert (await player().complete(request)).text == "push autonomy/app-9999ffff"
    assert "1234abcd" not in all_text(tmp_path / "a" / "task-1")


@pytest.mark.parametrize(
    "change",
    [
        {"iteration": 1},
        {"agent": AgentName.BACKEND},
        {"prompt_name": "planner/amend"},
        {"answer_format": "json"},
        {"answer_schema": {"type": "object"}},
        {"max_output_tokens": 5},
        {"params": {"temperature": 1}},
        {"messages": (Message(role="user", content="Plan a todo list"),)},
    ],
)
async def test_whatever_makes_the_answer_is_part_of_the_question(tmp_path: Path, change: dict[str, object]) -> None:
    await record(tmp_path / "a", ScriptedClient(), "Plan a todo list")
    with pytest.raises(Diverged):
        await player().complete(a_request(model=f"replay/{tmp_path / 'a'}", **change))


def test_every_field_of_a_call_is_kept_or_left_out_on_purpose() -> None:
    left_out = {"task_id", "account", "model", "prompt_hash", "identity_version", "breakpoints"}
    assert set(ModelRequest.model_fields) == set(Question.model_fields) | left_out
    assert set(ModelResponse.model_fields) == set(Answer.model_fields) | {"call_id"}


async def test_what_means_nothing_for_the_answer_is_not(tmp_path: Path) -> None:
    await record(tmp_path / "a", ScriptedClient(), "Plan")
    request = a_request("Plan", model=f"replay/{tmp_path / 'a'}", account="other", prompt_hash="other", task_id="other")
    assert (await player().complete(request)).text == "An answer"


@pytest.mark.parametrize("error", [ModelError("no such model", provider_status=404), ModelTransientError("busy")])
async def test_a_failure_is_part_of_the_story(tmp_path: Path, error: ModelError) -> None:
    tape = recorder(ScriptedClient(error, "better"), tmp_path / "a")
    request = a_request(model="claude-sonnet-4-6")
    with pytest.raises(type(error)):
        await tape.complete(request)
    await tape.complete(request)
    replaying, again = player(), a_request(model=f"replay/{tmp_path / 'a'}")
    with pytest.raises(ModelError, match=str(error)) as caught:
        await replaying.complete(again)
    assert (type(caught.value), caught.value.fields) == (type(error), error.fields)
    assert (await replaying.complete(again)).text == "better"


async def test_what_never_reached_a_model_is_no_part_of_it(tmp_path: Path) -> None:
    tape = recorder(ScriptedClient(BudgetExceeded("no money")), tmp_path / "a")
    with pytest.raises(BudgetExceeded):
        await tape.complete(a_request())
    assert not (tmp_path / "a" / "task-1").exists()


async def test_an_answer_that_the_journal_gives_again_is_there_once(tmp_path: Path) -> None:
    for _ in range(2):  # the second recorder is another process after a restart
        await record(tmp_path / "a", ScriptedClient("same"), "Plan", "Plan")
    assert all_text(tmp_path / "a").count('"hash"') == 1


async def test_an_answer_comes_in_the_pieces_and_the_time_that_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(tmp_path / "a", ScriptedClient("abcdefgh", pieces=4, pause_s=0.1), "Plan")
    came: list[tuple[float, str]] = []
    started = time.monotonic()

    def note(piece: str) -> None:
        came.append((time.monotonic() - started, piece))

    model = f"replay/{tmp_path / 'a'}"
    await player().complete(a_request("Plan", model=f"{model}?speed=1"), note)
    assert [piece for _, piece in came] == ["ab", "cd", "ef", "gh"]
    assert all(at >= 0.09 * number for number, (at, _) in enumerate(came, 1))
    slept, sleep = list[float](), asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted)
    await player().complete(a_request("Plan", model=model))
    assert sum(slept) == 0


async def test_pieces_of_an_attempt_that_broke_off_are_left_out(tmp_path: Path) -> None:
    class TwoAttempts(ScriptedClient):
        async def complete(self, request, on_delta=None):  # type: ignore[no-untyped-def]  # as its base
            on_delta("broken off ")
            return await super().complete(request, on_delta)

    await record(tmp_path / "a", TwoAttempts("whole"), "Plan")
    pieces: list[str] = []
    await player().complete(a_request("Plan", model=f"replay/{tmp_path / 'a'}"), pieces.append)
    assert "".join(pieces) == "whole"


async def test_a_call_that_is_cancelled_can_be_made_again(tmp_path: Path) -> None:
    await record(tmp_path / "a", ScriptedClient("slow", pieces=2, pause_s=0.2), "Plan")
    replaying, request = player(), a_request("Plan", model=f"replay/{tmp_path / 'a'}?speed=1")
    calling = asyncio.create_task(replaying.complete(request))
    await asyncio.sleep(0.05)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert (await replaying.complete(request)).text == "slow"


@pytest.mark.parametrize(
    "text",
    ["Zoë schrieb: 你好 🏗️ \u2028 \x85 \u202e", "\r\n\r\n", "", "{\n}\n{", "\n" * 50, "x" * 3_000_000, "y\n" * 100_000],
    ids=["unicode", "line ends", "nothing", "braces", "empty lines", "a long line", "many lines"],
)
async def test_texts_of_any_kind_and_size_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    await record(tmp_path / "a", ScriptedClient(text), f"Plan: {text}")
    assert (await player().complete(a_request(f"Plan: {text}", model=f"replay/{tmp_path / 'a'}"))).text == text


async def test_half_of_a_surrogate_pair_in_an_answer_survives(tmp_path: Path) -> None:
    await record(tmp_path / "a", ScriptedClient("half \ud83d of one"), "Plan")
    assert (await player().complete(a_request("Plan", model=f"replay/{tmp_path / 'a'}"))).text == "half \ud83d of one"


async def test_no_secret_is_written_and_none_changes_the_question(tmp_path: Path) -> None:
    failing = ModelError(f"bad key {KEY}, {SHAPED}", said={"api_key": "opaque-canary", "text": KEY})
    parameters = Parameters({"claude": {"extra_headers": {"Authorization": "Bearer opaque-canary"}, "seed": 1}})
    tape = recorder(ScriptedClient(f"You sent {KEY}.", failing), tmp_path / "a", (KEY,), parameters)
    request = a_request(f"My keys are {KEY} and {SHAPED}", params={"api_key": "opaque-canary", "user": KEY})
    await tape.complete(request)
    with pytest.raises(ModelError):
        await tape.complete(request.model_copy(update={"iteration": 1}))
    text = all_text(tmp_path / "a")
    assert "canary" not in text
    assert text.count("[redacted]") >= 9
    assert '"parameters": {"extra_headers": {"Authorization": "[redacted]"}, "seed": 1' in text

    other = f"My keys are another-canary and {SHAPED[:-4]}1111"
    again = a_request(other, params={"api_key": "new", "user": "another-canary"}, model=f"replay/{tmp_path / 'a'}")
    assert (await player(("another-canary",)).complete(again)).text == "You sent [redacted]."


async def test_two_tasks_at_once_are_kept_apart(tmp_path: Path) -> None:
    tape = recorder(ScriptedClient(*[f"answer {number}" for number in range(40)]), tmp_path / "a")
    calls = [
        tape.complete(a_request(f"Question {number}", task_id=f"task-of-{number % 2}", agent=agent))
        for number in range(20)
        for agent in (AgentName.BACKEND, AgentName.QA)
    ]
    await asyncio.gather(*calls)
    await tape.close()
    header = read_header(tmp_path / "a")
    assert set(header.tasks) == {"task-of-0", "task-of-1"}
    files = {str(path.relative_to(tmp_path / "a")): path for path in (tmp_path / "a").rglob("*.calls")}
    assert set(files) == {f"task-{task}/{agent}.calls" for task in (1, 2) for agent in ("backend_agent", "qa_agent")}
    assert all(path.read_text().count('"hash"') == 10 for path in files.values())
    replaying = player()
    for number in range(20):
        for agent in (AgentName.BACKEND, AgentName.QA):
            request = a_request(f"Question {number}", agent=agent, model=f"replay/{tmp_path / 'a'}")
            assert (await replaying.complete(request)).text.startswith("answer ")


async def test_a_folder_is_written_by_one_process_and_holds_nothing_else(tmp_path: Path) -> None:
    recording = Recording.open(tmp_path / "a")
    with pytest.raises(Refused, match="another process"):
        Recording.open(tmp_path / "a")
    recording.close()
    recording.close()
    Recording.open(tmp_path / "a").close()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="holds other files"):
        Recording.open(tmp_path / "b")
    (tmp_path / "c").write_text("a file")
    with pytest.raises(InvalidInput, match="cannot be used"):
        Recording.open(tmp_path / "c")


async def test_an_entry_that_does_not_fit_on_the_disk_is_taken_back_and_can_be_written_later(tmp_path: Path) -> None:
    inner = ScriptedClient("first", "x" * 100_000)
    tape = recorder(inner, tmp_path / "a")
    await tape.complete(a_request("One"))
    before = all_text(tmp_path / "a")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 2_000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            await tape.complete(a_request("Two"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert all_text(tmp_path / "a") == before
    await tape.complete(a_request("Two"))
    assert (await player().complete(a_request("Two", model=f"replay/{tmp_path / 'a'}"))).text == "x" * 100_000


@pytest.mark.parametrize(
    "model", ["replay/", "replay/x?speed=0", "replay/x?speed=fast", "replay/x?speed=nan", "replay/x?answers=any"]
)
async def test_a_name_that_is_no_cassette_is_refused(model: str) -> None:
    with pytest.raises(InvalidInput, match=r"speed must be|needs the folder|answers must be"):
        await player().complete(a_request(model=model))


async def test_other_models_are_asked_as_ever() -> None:
    inner = ScriptedClient("from the model")
    assert (await player(inner=inner).complete(a_request())).text == "from the model"
