"""What an event looks like on the wire."""

from hypothesis import given
from hypothesis import strategies as st

from core.events import EVENT, LlmDelta, Notice, StoredEvent
from core.frames import frame, frame_of_row
from core.types import AgentName


def stored(text: str, *, position: int = 7, task_id: str = "t1") -> StoredEvent:
    return StoredEvent(position=position, seq=3, task_id=task_id, ts=1_000.25, event=Notice(text=text))


def test_a_stored_event_has_its_position_as_id_its_type_as_event_and_itself_as_data() -> None:
    head, data, *rest = frame(stored("hello")).wire.decode().rsplit("\n", 3)
    assert head == "id: 7\nevent: notice"
    assert StoredEvent.model_validate_json(data.removeprefix("data: ")) == stored("hello")
    assert rest == ["", ""]


def test_an_event_that_is_live_only_has_no_id() -> None:
    event = LlmDelta(agent=AgentName.PLANNER, call_id="c", text="Hel")
    live = frame(StoredEvent(position=0, seq=0, task_id="t1", ts=1.0, event=event))
    assert live.wire.startswith(b"event: llm_delta\ndata: {")


@given(text=st.text(), task_id=st.text(max_size=20), position=st.integers(1, (1 << 63) - 1))
def test_any_text_stays_on_one_line_and_is_read_back_as_it_was(text: str, task_id: str, position: int) -> None:
    event = stored(text, position=position, task_id=task_id)
    made = frame(event)
    assert made.stored == event
    assert (made.position, made.task_id) == (position, task_id)
    assert made.wire.count(b"\n") == 4
    assert b"\r" not in made.wire


def test_a_row_of_the_table_makes_the_frame_that_the_event_made() -> None:
    event = stored('a "quoted" line\nand another')
    body = EVENT.dump_json(event.event).decode()
    assert frame_of_row(event.position, event.seq, event.task_id, event.ts, "notice", body) == frame(event)
