"""What a conversation loses first when it outgrows its model, what it never loses, and what a person is told in the end."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.condensing import in_excerpts, without_outdated
from agents.fitting import FittingClient, Window, fitted, tightened
from core.blocks import parse_blocks, render_block
from core.errors import ContextOverflow
from core.models import Message, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import AgentName, Json

MAIN, TODOS, OTHER = "backend/app/main.py", "backend/app/todos.py", "backend/app/other.py"


def system(text: str = "You write code.") -> Message:
    return Message(role="system", content=text)


def user(step: str, *parts: str) -> Message:
    return Message(role="user", content="\n".join([f"Step: {step}", *parts]))


def answer(**files: str) -> Message:
    blocks = [f"````python path=backend/app/{name}.py\n{text}\n````" for name, text in files.items()]
    return Message(role="assistant", content="\n\n".join(["Done.", *blocks]))


def file(path: str, text: str) -> str:
    return render_block(path, text, "file")


def findings(*entries: tuple[str, int | None]) -> str:
    listed: list[Json] = [{"check": "ruff", "message": "wrong", "file": path, "line": line} for path, line in entries]
    return render_block("findings", json.dumps(listed), "document")


def numbered(count: int) -> str:
    return "\n".join(f"value_{number} = {number}" for number in range(1, count + 1))


TASK = render_block("task", "A todo list")
LONG = [
    system(),
    user("build", TASK),
    answer(main="a = 1", todos="b = 1", other="c = 1"),
    user("fix", findings((MAIN, 1)), file(MAIN, "a = 1")),
    answer(main="a = 2"),
    user("fix", findings((MAIN, 1), (TODOS, None)), file(MAIN, "a = 2"), file(TODOS, "b = 1")),
]


def test_the_newest_text_of_each_file_stays_and_older_ones_are_mentioned() -> None:
    made = without_outdated(LONG)
    texts = [message.content for message in made]
    assert texts[:2] == [LONG[0].content, LONG[1].content]
    assert texts[2] == (
        f"Done.\n\n({MAIN}: its newer text stands below.)\n\n({TODOS}: its newer text stands below.)\n\n"
        f"````python path={OTHER}\nc = 1\n````"
    )
    assert f"({MAIN}: its newer text stands below.)" in texts[3]
    assert "This was answered" in texts[3]
    assert "a = 2" not in texts[4]
    assert texts[5] == LONG[5].content


def test_an_answer_that_was_repaired_goes() -> None:
    said = Message(role="assistant", content="````python\nx = 1\n````")
    repair = user("repair", render_block("problem", "a block names no path"))
    kept = [system(), user("build", TASK), said, repair]
    assert without_outdated(kept) == tuple(kept), "what is to be repaired is still needed"
    made = without_outdated([*kept, answer(main="x = 1"), user("fix", file(MAIN, "x = 1"))])
    assert made[2].content == "(An answer stood here that could not be used.)"
    assert "names no path" not in made[3].content


def test_an_edit_makes_no_earlier_text_void() -> None:
    edit = Message(
        role="assistant", content=f"````edit path={MAIN}\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n````"
    )
    messages = [system(), user("fix", findings((MAIN, 1)), file(MAIN, "a")), edit, user("repair", "no")]
    assert without_outdated(messages) == tuple(messages)


def test_excerpts_name_their_lines_and_leave_out_what_has_no_finding() -> None:
    messages = [
        system(),
        user(
            "fix",
            TASK,
            findings((MAIN, 200), (TODOS, None)),
            file(MAIN, numbered(400)),
            file(TODOS, "b"),
            file(OTHER, "c"),
        ),
    ]
    made = in_excerpts(messages, lambda _: False)
    shown = {block.name: block.text for block in parse_blocks(made[1].content) if block.kind == "file"}
    assert shown[MAIN].split("\n")[0] == "value_194 = 194"
    assert "value_200 = 200  <200>" in shown[MAIN]
    assert len(shown[MAIN].split("\n")) == 13
    assert f"(Of {MAIN} lines 194 to 206 of 400 follow" in made[1].content
    assert shown[TODOS] == "b", "short files stay whole"
    assert f"({OTHER} is left out for want of room." in made[1].content
    assert TASK in made[1].content


def test_as_many_lines_are_shown_as_fit() -> None:
    messages = [system(), user("fix", findings((MAIN, 200)), file(MAIN, numbered(400)))]
    made = in_excerpts(messages, lambda some: sum(len(one.content) for one in some) < 2_000)
    assert "lines 180 to 220 of 400" in made[1].content


def test_who_has_to_read_everything_is_shown_no_excerpts() -> None:
    messages = [system(), user("review", file(MAIN, numbered(400)))]
    assert in_excerpts(messages, lambda _: False) == tuple(messages)


def test_the_end_of_an_answer_that_goes_on_is_kept() -> None:
    cut = Message(role="assistant", content=f"````python path={MAIN}\n{numbered(2_000)}")
    made = in_excerpts([system(), user("fix", findings((MAIN, 1))), cut, user("continue")], lambda _: False)
    assert made[2].content.endswith("value_2000 = 2000")
    assert len(made[2].content) < 6_100


TURNS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["main", "todos", "other"]), st.sampled_from(["x = 1", "y = 2", "z = 3"]), max_size=3),
        st.sets(st.sampled_from([MAIN, TODOS, OTHER])),
    ),
    max_size=5,
)  # fmt: skip


@given(TURNS)
def test_condensing_keeps_the_beginning_the_last_turn_and_the_newest_texts(turns: list) -> None:
    messages = [system(), user("build", TASK)]
    newest: dict[str, str] = {}
    for files, shown in turns:
        messages.append(answer(**files))
        newest |= {f"backend/app/{name}.py": text for name, text in files.items()}
        texts = {path: newest[path] for path in sorted(shown) if path in newest}
        messages.append(user("fix", findings(*((path, 1) for path in texts)), *(file(*each) for each in texts.items())))
    made = without_outdated(messages)
    assert [message.role for message in made] == [message.role for message in messages]
    assert made[:2] == tuple(messages[:2])
    assert made[-1] == messages[-1]
    assert without_outdated(made) == made
    whole = "\n".join(message.content for message in made)
    assert all(text in whole for text in newest.values())
    assert sum(len(message.content) for message in made) <= sum(
        len(message.content) for message in messages
    ) + 60 * len(turns)


class Narrow:
    """A model that takes `limit` characters, and refuses the rest as providers do."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.asked: list[ModelRequest] = []

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        self.asked.append(request)
        if sum(len(message.content) for message in request.messages) > self.limit:
            raise ContextOverflow(f"{request.model}: too long", model=request.model)
        return ModelResponse(text="ok", model=request.model)

    async def close(self) -> None:
        """Nothing is open."""


def fitting(model: Narrow, window: Window | None) -> FittingClient:
    async def find(agent: AgentName, name: str) -> Window | None:
        return window

    return FittingClient(model, find, lambda agent: "MODEL_BACKEND")


def request(messages: Sequence[Message], **changes: object) -> ModelRequest:
    fields: dict[str, object] = {
        "task_id": "t1", "agent": AgentName.BACKEND, "model": "some/model", "messages": tuple(messages),
        "prompt_name": "backend_agent/fix", "prompt_hash": "h",
    }  # fmt: skip
    return ModelRequest.model_validate(fields | changes)


BIG = [
    system(),
    user("build", TASK),
    answer(main=numbered(900), todos=numbered(900)),
    user("fix", findings((MAIN, 400)), file(MAIN, numbered(900)), file(TODOS, numbered(900))),
]


async def test_what_fits_is_sent_as_it_is() -> None:
    model = Narrow(10**9)
    await fitting(model, Window(200_000, 200_000)).complete(request(BIG))
    await fitting(model, None).complete(request(BIG))
    assert model.asked == [request(BIG)] * 2


async def test_what_is_out_of_date_goes_before_the_provider_is_asked() -> None:
    model = Narrow(10**9)
    await fitting(model, Window(24_000, 24_000)).complete(request(BIG, max_output_tokens=1_000))
    assert model.asked[0].messages == without_outdated(BIG)


async def test_a_refusal_is_answered_by_excerpts_once() -> None:
    model = Narrow(20_000)
    response = await fitting(model, None).complete(request(BIG))
    assert response.text == "ok"
    assert [len(one.messages) for one in model.asked] == [4, 4]
    assert model.asked[0].messages == tuple(BIG)
    assert f"(Of {MAIN} lines" in model.asked[1].messages[-1].content


async def test_what_cannot_fit_is_not_sent_whole_unless_the_fallback_takes_it() -> None:
    small, larger = Window(4_000, 4_000), Window(4_000, 200_000)
    assert f"(Of {MAIN} lines" in fitted(request(BIG), small).messages[-1].content
    assert fitted(request(BIG), larger).messages == without_outdated(BIG)


async def test_the_answer_is_left_the_room_that_is_there_and_a_quarter_at_least() -> None:
    assert fitted(request(BIG), Window(200_000, 200_000)).max_output_tokens == 16_000
    assert 8_192 // 4 < fitted(request(BIG), Window(8_192, 8_192)).max_output_tokens < 8_192
    whole = request([system(), user("review", file(MAIN, numbered(2_000)))])
    assert fitted(whole, Window(8_192, 8_192)).max_output_tokens == 8_192 // 4
    assert tightened(request(BIG), Window(8_192, 8_192)).max_output_tokens == 8_192 // 4
    assert tightened(request(BIG), None).max_output_tokens == 4_000


@pytest.mark.parametrize("window", [Window(8_192, 8_192), None])
async def test_what_does_not_fit_at_all_says_what_is_needed_and_where_to_set_it(window: Window | None) -> None:
    model = Narrow(100)
    with pytest.raises(ContextOverflow) as told:
        await fitting(model, window).complete(request(BIG))
    assert len(model.asked) <= 2
    words = ("some/model", "8,192" if window else "unknown", "MODEL_CONTEXT_WINDOWS", "MODEL_BACKEND", "too long")
    assert all(word in str(told.value)[:500] for word in words), str(told.value)
    assert told.value.fields["window"] == (8_192 if window else None)
    assert int(str(told.value.fields["needed_at_least"])) > 0
