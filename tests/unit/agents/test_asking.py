"""One agent's questions to others: who answers from what, what is refused, what is bounded, and what is recorded once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agents import asking
from agents.asking import Dialogue, colleagues_of, shown_files
from agents.context import AgentContext, Amendment, Brief
from agents.writers import Writer
from core.errors import BudgetExceeded, ModelError
from core.events import AgentAnswered, AgentAsked
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName
from llm.recorded import RecordedClient
from observability.interactions import SqliteInteractionLog
from tests.plans import blog_plan, todo_plan
from tests.unit.agents.thinking import Sayings, brief, thinking
from tests.unit.memory.clock import HandClock

BACK, DATA, FRONT, QA, PLANNER = (
    AgentName.BACKEND, AgentName.DATABASE, AgentName.FRONTEND, AgentName.QA, AgentName.PLANNER,
)  # fmt: skip
DONE = "Done.\n\n````python path=backend/app/a.py\nx = 1\n````\n"
BUILD = {"brief": "Build it.", "files": {}}


def asks(*questions: tuple[str, str]) -> str:
    return "\n".join(f"````ask agent={agent}\n{text}\n````\n" for agent, text in questions)


def answers(text: str, wanted: str | None = None) -> str:
    change = {"wanted": wanted} if wanted else None
    return f"```json\n{json.dumps({'answer': text, 'contract_change': change})}\n```"


YES = answers("Yes.")


class Talking:
    """Writers say what they are given, one after the other; who is asked answers what `reply` says. Every request is kept."""

    def __init__(self, *said: str, reply: str | Exception = YES) -> None:
        self.said = list(said)
        self.reply = reply
        self.requests: list[ModelRequest] = []

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        self.requests.append(request)
        if request.prompt_name.endswith("/answer_question"):
            if isinstance(self.reply, Exception):
                raise self.reply
            return ModelResponse(text=self.reply, model=request.model)
        return ModelResponse(text=self.said.pop(0), model=request.model)

    async def close(self) -> None:
        """Nothing is open."""

    def asked(self) -> list[ModelRequest]:
        return [request for request in self.requests if request.prompt_name.endswith("/answer_question")]


async def told(context: AgentContext) -> list[AgentAnswered]:
    return [
        stored.event for stored in await context.events.read(task_id="t1") if isinstance(stored.event, AgentAnswered)
    ]


async def refusal(folder: Path, agent: str, text: str) -> str:
    model = Talking(asks((agent, text)), DONE)
    async with thinking(folder, model) as context:
        await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        (answered,) = await told(context)
    assert not model.asked()
    assert answered.refused in model.requests[-1].messages[-1].content, "the asking agent is told why"
    return answered.refused


async def test_the_one_that_is_asked_answers_as_itself_and_from_what_is_committed(tmp_path: Path) -> None:
    model = Talking(asks(("database_agent", "Is the owner of a todo loaded?")), DONE, reply=answers("Not eagerly."))
    files = {"backend/app/db/models/todo.py": "class Todo: ...\n", "backend/app/api/todos.py": "mine = 1\n"}
    async with thinking(tmp_path, model) as context:
        answer = await Dialogue(BACK, brief("build", files=files), context).files("build", **BUILD)
    assert list(answer.files) == ["backend/app/a.py"]
    assert not answer.questions
    (request,) = model.asked()
    text = request.messages[-1].content
    assert request.agent is DATA
    assert request.answer_format == "json"
    assert request.max_output_tokens == 2_000
    assert "Agent: database_agent\n" in text
    assert "class Todo: ..." in text
    assert "mine = 1" not in text
    assert "Is the owner of a todo loaded?" in text
    assert "````ask" not in text
    back = model.requests[-1]
    assert [message.role for message in back.messages] == ["system", "user", "assistant", "user"]
    assert "Not eagerly." in back.messages[-1].content


async def test_the_planner_is_shown_plan_and_contract_when_it_is_asked(tmp_path: Path) -> None:
    model = Talking(asks(("planner", "Which status?")), DONE)
    async with thinking(tmp_path, model) as context:
        await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
    text = model.asked()[0].messages[-1].content
    assert '<block name="plan" kind="document">' in text
    assert '<block name="operations" kind="document">' in text


@pytest.mark.parametrize(
    ("agent", "text", "why"),
    [
        ("backend_agent", "Am I right?", "that is you"),
        ("frontend_agent", "Which button?", "you may ask planner, database_agent"),
        ("orchestrator", "May I?", "you may ask"),
        ("somebody", "May I?", "you may ask"),
        ("database_agent", "a" * 1_001, "1001 characters, of at most 1000"),
        ("database_agent", " ", "empty"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_reason(tmp_path: Path, agent: str, text: str, why: str) -> None:
    assert why in await refusal(tmp_path, agent, text)


async def test_a_question_that_names_nobody_is_refused(tmp_path: Path) -> None:
    model = Talking("````ask\nWhat?\n````", DONE)
    async with thinking(tmp_path, model) as context:
        await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        assert [event.refused[:11] for event in await told(context)] == ["you may ask"]


async def test_a_turn_has_three_questions_and_an_end(tmp_path: Path) -> None:
    """However often it goes on asking: the last answer is taken for what it is."""
    many = [asks(("database_agent", f"{number}?"), ("planner", f"{number}?")) for number in range(5)]
    model = Talking(*many)
    async with thinking(tmp_path, model) as context:
        answer = await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        refused = [bool(event.refused) for event in await told(context)]
    assert len(model.asked()) == 3
    assert refused == [False, False, False, True, True, True, True, True]
    assert len(model.requests) - 3 == 1 + asking.MAX_ROUNDS
    assert answer.questions
    assert not answer.files
    said = [request.messages[-1].content for request in model.requests if request.prompt_name.endswith("/answered")]
    assert ["no more questions are taken" in text for text in said] == [False, True, True, True]


async def test_a_task_has_twelve_questions_whoever_asks_them(tmp_path: Path) -> None:
    model = Talking()
    async with thinking(tmp_path, model) as context:
        for turn in range(5):
            model.said = [asks(*(("planner", f"{turn} {number}?") for number in range(3))), DONE]
            asker = (BACK, DATA, QA)[turn % 3]
            await Dialogue(asker, brief("build", iteration=turn), context).files("build", **BUILD)
        refused = [event for event in await told(context) if event.refused]
    assert len(model.asked()) == 12
    assert [event.iteration for event in refused] == [4, 4, 4]
    assert "12 questions of the task are used up" in refused[0].refused


async def test_agents_that_ask_at_once_share_the_bound_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_PER_TASK", 4)  # a constant, which is twelve for people
    model = Talking()

    class Asking(Talking):
        async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
            if request.prompt_name.endswith("/build"):
                self.requests.append(request)
                return ModelResponse(text=asks(("planner", "a?"), ("planner", "b?")), model=request.model)
            self.said = [DONE]
            return await super().complete(request, on_delta)

    model = Asking()
    async with thinking(tmp_path, model) as context:
        turns = [Dialogue(agent, brief("build"), context).files("build", **BUILD) for agent in (BACK, DATA, QA)]
        await asyncio.gather(*turns)
        refused = [bool(event.refused) for event in await told(context)]
    assert len(model.asked()) == 4
    assert sorted(refused) == [False] * 4 + [True] * 2


async def test_one_that_is_asked_cannot_ask(tmp_path: Path) -> None:
    reply = answers("Ask the planner.") + "\n" + asks(("planner", "What do I say?"))
    model = Talking(asks(("database_agent", "Who knows?")), DONE, reply=reply)
    async with thinking(tmp_path, model) as context:
        await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        asked = [
            stored.event for stored in await context.events.read(task_id="t1") if isinstance(stored.event, AgentAsked)
        ]
    assert [event.asked for event in asked] == ["database_agent"]
    assert [request.agent for request in model.asked()] == [DATA]


async def test_a_model_that_fails_answers_nothing_and_the_turn_goes_on(tmp_path: Path) -> None:
    model = Talking(asks(("database_agent", "Why?")), DONE, reply=ModelError("the provider is down"))
    async with thinking(tmp_path, model) as context:
        answer = await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        (answered,) = await told(context)
    assert answer.files
    assert "no answer came (the provider is down)" in answered.refused


async def test_a_budget_that_is_reached_stops_the_turn(tmp_path: Path) -> None:
    model = Talking(asks(("database_agent", "Why?")), DONE, reply=BudgetExceeded("the cap is reached"))
    async with thinking(tmp_path, model) as context:
        with pytest.raises(BudgetExceeded):
            await Dialogue(BACK, brief("build"), context).files("build", **BUILD)
        assert not await told(context)


@pytest.mark.parametrize("change", ['{"wanted": "A title has 80 characters."}', '"A title has 80 characters."'])
async def test_what_an_answer_wants_changed_is_kept_for_the_planner(tmp_path: Path, change: str) -> None:
    reply = f'{{"answer": "It is too long.", "contract_change": {change}}}'
    model = Talking(asks(("database_agent", "How long?")), DONE, reply=reply)
    async with thinking(tmp_path, model) as context:
        result = await Writer(BACK).run(brief("build"), context)
    assert result.amendments == (Amendment(BACK, DATA, "A title has 80 characters."),)
    assert "The planner is asked to change the contract" in model.requests[-1].messages[-1].content


@pytest.mark.parametrize("nothing", ["null", '"none"', '""', "{}", "false", '{"wanted": null}'])
async def test_what_says_nothing_wants_nothing(tmp_path: Path, nothing: str) -> None:
    reply = f'{{"answer": "It is.", "contract_change": {nothing}}}'
    model = Talking(asks(("database_agent", "Is it?")), DONE, reply=reply)
    async with thinking(tmp_path, model) as context:
        result = await Writer(BACK).run(brief("build"), context)
    assert result.amendments == ()
    assert list(result.files) == ["backend/app/a.py"]


async def test_files_beside_a_question_are_kept(tmp_path: Path) -> None:
    first = DONE.replace("a.py", "b.py") + asks(("planner", "And the rest?"))
    async with thinking(tmp_path, Talking(first, DONE)) as context:
        result = await Writer(BACK).run(brief("build"), context)
    assert set(result.files) == {"backend/app/a.py", "backend/app/b.py"}


async def test_long_texts_are_bounded(tmp_path: Path) -> None:
    model = Talking(asks(("planner", "Why?")), DONE, reply=answers("a" * 9_000, "b" * 9_000))
    async with thinking(tmp_path, model) as context:
        dialogue = Dialogue(BACK, brief("build"), context)
        await dialogue.files("build", **BUILD)
        (answered,) = await told(context)
    assert (len(answered.answer), len(answered.wanted), len(dialogue.amendments[0].wanted)) == (2_000, 500, 500)


@asynccontextmanager
async def remembering(folder: Path, model: ModelClient) -> AsyncIterator[AgentContext]:
    """As the service: calls that were finished are taken from the log."""
    log = await SqliteInteractionLog.open(folder / "interactions.db")
    async with thinking(folder, model) as context:
        yield replace(context, model=RecordedClient(model, log, context.events, HandClock()))
    await log.close()


async def test_a_turn_that_was_killed_behind_the_answer_pays_for_nothing_twice_and_tells_of_it_once(
    tmp_path: Path,
) -> None:
    class Killed(Exception):
        """As the process being killed, where the agent goes on."""

    class Dying(Talking):
        async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
            if request.prompt_name.endswith("/answered") and len(self.said) == 1:
                self.requests.append(request)
                self.said.append("alive")
                raise Killed
            return await super().complete(request, on_delta)

    model = Dying(asks(("database_agent", "Why?")), DONE, reply=answers("So.", "Change it."))
    async with remembering(tmp_path, model) as context:
        given: Brief = brief("build")
        with pytest.raises(Killed):
            await Dialogue(BACK, given, context).files("build", **BUILD)
        dialogue = Dialogue(BACK, given, context)
        answer = await dialogue.files("build", **BUILD)
        events = [stored.event for stored in await context.events.read(task_id="t1")]
    assert answer.files
    assert [wish.wanted for wish in dialogue.amendments] == ["Change it."]
    assert len(model.asked()) == 1
    assert len([event for event in events if isinstance(event, AgentAsked)]) == 1
    (answered,) = [event for event in events if isinstance(event, AgentAnswered)]
    assert len(answered.call_ids) == 1
    assert answered.call_ids[0]


def test_who_may_be_asked_takes_part_and_is_somebody_else() -> None:
    assert FRONT not in colleagues_of(BACK, todo_plan())
    assert FRONT in colleagues_of(BACK, blog_plan())
    assert BACK not in colleagues_of(BACK, blog_plan())
    assert not {AgentName.ORCHESTRATOR, AgentName.GIT} & set(colleagues_of(BACK, blog_plan()))


def test_files_that_the_question_names_come_first_where_there_is_not_room_for_all() -> None:
    files = {f"backend/app/db/models/{name}.py": f"# {name}\n" + "x" * 9_000 for name in ("a1", "a2", "todo", "zoo")}
    shown, left_out = shown_files(DATA, todo_plan(), files, "What is in todo?")
    assert list(shown) == ["backend/app/db/models/todo.py", "backend/app/db/models/a1.py"]
    assert left_out == ["backend/app/db/models/a2.py", "backend/app/db/models/zoo.py"]


async def test_an_agent_without_questions_is_asked_once(tmp_path: Path) -> None:
    model = Sayings([DONE])
    async with thinking(tmp_path, model) as context:
        result = await Writer(BACK).run(brief("build"), context)
    assert len(model.requests) == 1
    assert result.amendments == ()
    assert "````ask agent=planner" in model.requests[0].messages[1].content
