"""Asking, continuing, repairing once: what a model says wrong goes back to it with the reason, and then it is enough."""

from pathlib import Path

import pytest

from agents.answer_models import ReplyAnswer, ReviewAnswer, reply_answer
from agents.conversation import Conversation, MalformedAnswer
from agents.deciders import Orchestrator, Reviewer
from agents.writers import Writer
from core.findings import Finding
from core.types import AgentName
from tests.unit.agents.thinking import Sayings, brief, thinking

TODOS = "backend/app/api/todos.py"
MAIN = "backend/app/main.py"
FILES = {TODOS: "def read(todo_id):\n    raise HTTPException(500)\n", MAIN: "app = create_app()\n"}
FIX = {"findings": (), "feedback": "", "iteration": 1}
GOOD_EDIT = f"""Done.

````edit path={TODOS}
<<<<<<< SEARCH
    raise HTTPException(500)
=======
    raise HTTPException(404)
>>>>>>> REPLACE
````
"""


def asked(model: Sayings, number: int) -> str:
    """The last words of a request."""
    return model.requests[number].messages[-1].content


async def test_an_edit_of_a_file_that_was_shown_comes_out_as_the_whole_file(tmp_path: Path) -> None:
    model = Sayings([GOOD_EDIT])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("fix"), context, "files")
        answer = await conversation.files("fix", files=FILES, **FIX)
    assert answer.files == {TODOS: "def read(todo_id):\n    raise HTTPException(404)\n"}
    assert answer.prose == "Done."
    assert len(model.requests) == 1


async def test_an_edit_that_does_not_fit_goes_back_with_the_lines_of_the_file(tmp_path: Path) -> None:
    model = Sayings([GOOD_EDIT.replace("(500)", "(501)"), GOOD_EDIT])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("fix"), context, "files")
        answer = await conversation.files("fix", files=FILES, **FIX)
    assert answer.files[TODOS].endswith("raise HTTPException(404)\n")
    assert "Step: repair" in asked(model, 1)
    assert "raise HTTPException(501)" in asked(model, 1)
    assert "2|     raise HTTPException(500)" in asked(model, 1)


async def test_files_that_the_model_wrote_before_may_be_edited_too(tmp_path: Path) -> None:
    model = Sayings(
        [
            f"````python path={MAIN}\na = 1\nb = 2\n````",
            GOOD_EDIT.replace(TODOS, MAIN)
            .replace("    raise HTTPException(500)", "a = 1")
            .replace("    raise HTTPException(404)", "a = 3"),
        ]
    )
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        await conversation.files("build", brief="Write.", files={})
        answer = await conversation.files("fix", files={}, **FIX)
    assert answer.files == {MAIN: "a = 3\nb = 2\n"}


async def test_a_second_answer_that_cannot_be_read_is_malformed(tmp_path: Path) -> None:
    model = Sayings(["```python\nx = 1\n```", "```python\nx = 1\n```"])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        with pytest.raises(MalformedAnswer, match="names no path"):
            await conversation.files("build", brief="Write.", files={})
    assert len(model.requests) == 2


async def test_a_nameless_example_beside_files_costs_one_question_and_not_the_answer(tmp_path: Path) -> None:
    text = f"````python path={MAIN}\na = 1\n````\n\nUse it:\n\n```python\nfrom app import main\n\nmain.a\nmain.b\n```\n"
    model = Sayings([text, text])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        answer = await conversation.files("build", brief="Write.", files={})
    assert answer.files == {MAIN: "a = 1\n"}
    assert "from app import main" in asked(model, 1)


async def test_an_answer_that_was_cut_off_is_continued_and_joined(tmp_path: Path) -> None:
    model = Sayings([(f"````python path={MAIN}\nimport os\n\nprint(os.na", "length"), "print(os.name)\n````"])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        answer = await conversation.files("build", brief="Write.", files={})
    assert answer.files == {MAIN: "import os\n\nprint(os.name)\n"}
    assert "Step: continue" in asked(model, 1)


async def test_an_answer_that_stays_cut_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    model = Sayings(
        [
            (f"````python path={MAIN}\na = 1\n", "length"),
            *[(f"b{number} = 1\n", "length") for number in range(6)],
            f"````python path={MAIN}\na = 1\n````",
        ]
    )
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        answer = await conversation.files("build", brief="Write.", files={})
    assert "cut off" in asked(model, 7)
    assert answer.files == {MAIN: "a = 1\n"}


async def test_an_answer_that_only_repeats_itself_when_it_goes_on_is_not_asked_to_go_on_again(tmp_path: Path) -> None:
    """A model that has begun to loop fills its output limit each time: without this rule it is paid fourteen times."""
    lines = "x = 1\ny = 2\nz = 3\n" * 400
    begun = f"````python path={MAIN}\n{lines}"
    model = Sayings([(begun, "length"), (lines, "length"), (begun, "length"), (begun, "length")])
    async with thinking(tmp_path, model) as context:
        conversation = Conversation(AgentName.BACKEND, brief("build"), context, "files")
        with pytest.raises(MalformedAnswer, match="what came next only repeated what it held"):
            await conversation.files("build", brief="Write.", files={})
    assert len(model.requests) == 4
    assert "only repeated what it held" in asked(model, 2)


async def test_json_is_asked_for_with_its_schema_and_repaired_with_what_is_missing(tmp_path: Path) -> None:
    model = Sayings(['{"summary": "fine"}', '{"scores": {"security": 9, "performance": 9, "quality": 9}}'])
    async with thinking(tmp_path, model) as context:
        result = await Reviewer().run(brief("review", files=FILES, extra={"evidence": "none"}), context)
    assert result.data["scores"] == {"security": 9.0, "performance": 9.0, "quality": 9.0}
    first, second = (request.answer_schema for request in model.requests)
    assert first == second
    assert first is not None
    assert first["required"] == ["scores"]
    assert set(first["properties"]) == set(ReviewAnswer.model_fields)  # type: ignore[arg-type,call-overload]  # a JSON object
    assert "title" not in str(first), "names are not said twice"
    assert "scores" in asked(model, 1)


async def test_json_that_fits_after_no_repair_is_malformed(tmp_path: Path) -> None:
    model = Sayings(["no", "still no"])
    async with thinking(tmp_path, model) as context:
        with pytest.raises(MalformedAnswer, match="no JSON object"):
            await Orchestrator().run(brief("classify"), context)


async def test_a_reply_can_only_be_one_of_the_actions_that_answer_the_question(tmp_path: Path) -> None:
    model = Sayings(['{"action": "approve"}', '{"action": "Raise-Budget", "budget_usd": "2"}'])
    extra = {"question": {}, "reply": "ok", "allowed": ["raise_budget", "abort"]}
    async with thinking(tmp_path, model) as context:
        result = await Orchestrator().run(brief("reply", extra=extra), context)
    assert result.data == {"action": "raise_budget", "message": "", "budget_usd": 2.0}
    assert issubclass(reply_answer(("raise_budget", "abort")), ReplyAnswer)


async def test_files_answers_have_no_schema(tmp_path: Path) -> None:
    model = Sayings([f"````python path={MAIN}\na = 1\n````"])
    async with thinking(tmp_path, model) as context:
        await Writer(AgentName.BACKEND).run(brief("build"), context)
    assert model.requests[0].answer_schema is None


async def test_what_a_writer_edits_is_committed_as_whole_files(tmp_path: Path) -> None:
    model = Sayings([GOOD_EDIT])
    finding = Finding(check="contract", message="expected 404", file=TODOS, owner=AgentName.BACKEND)
    async with thinking(tmp_path, model) as context:
        result = await Writer(AgentName.BACKEND).run(brief("fix", files=FILES, findings=(finding,)), context)
    assert result.files == {TODOS: "def read(todo_id):\n    raise HTTPException(404)\n"}
    assert result.findings == ()
