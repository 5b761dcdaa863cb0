"""The mailbox model: files as questions and answers."""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from core.errors import Conflict, ModelError, NotFound
from core.models import ModelRequest
from llm.mailbox import MailboxClient, answer, list_pending
from tests.unit.llm.scripted import a_request
from tests.unit.memory.clock import HandClock


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def client(deadline_s: float = 60.0, clock: HandClock | None = None) -> MailboxClient:
    return MailboxClient(clock or HandClock(time.time()), deadline_s=deadline_s, poll_s=0.01)


def to(box: Path, text: str = "Plan a todo list", **changes: object) -> ModelRequest:
    return a_request(text, model=f"mailbox/{box}", **changes)


async def posted(box: Path, count: int = 1) -> list[str]:
    async with asyncio.timeout(60):
        while len(pending := await asyncio.to_thread(list_pending, box)) < count:  # noqa: ASYNC110  # the client posts them
            await asyncio.sleep(0.01)
    return [request.id for request in pending]


async def test_a_request_is_a_file_that_says_everything_and_one_that_people_can_read(box: Path) -> None:
    asking = asyncio.create_task(client().complete(to(box, answer_format="files")))
    (request_id,) = await posted(box)
    document = json.loads((box / f"{request_id}.request.json").read_text())
    assert document["messages"][1] == {"role": "user", "content": "Plan a todo list"}
    assert (document["answer_format"], document["agent"], document["prompt_name"]) == (
        "files",
        "planner",
        "planner/plan",
    )
    assert document["deadline"] == pytest.approx(document["created"] + 60)
    readable = (box / f"{request_id}.request.md").read_text()
    assert "You plan." in readable
    assert f"{request_id}.answer.md" in readable
    answer(box, request_id, "A plan")
    response = await asking
    assert (response.text, response.model) == ("A plan", f"mailbox/{box}")
    assert response.usage.input_tokens > 0
    assert list_pending(box) == []


async def test_any_program_may_write_the_answer_slowly_and_it_is_taken_whole(box: Path) -> None:
    asking = asyncio.create_task(client().complete(to(box)))
    (request_id,) = await posted(box)
    part = box / f"{request_id}.part"
    part.write_text("half ")
    await asyncio.sleep(0.05)
    part.write_text("half and half")
    part.rename(box / f"{request_id}.answer.txt")
    async with asyncio.timeout(60):
        assert (await asking).text == "half and half"


async def test_an_answer_file_that_is_still_growing_is_waited_for(box: Path) -> None:
    slow = MailboxClient(HandClock(time.time()), deadline_s=60.0, poll_s=0.2)
    asking = asyncio.create_task(slow.complete(to(box)))
    (request_id,) = await posted(box)
    with (box / f"{request_id}.answer.md").open("w") as file:
        for word in ("one ", "two ", "three ", "four ", "five"):
            file.write(word)
            file.flush()
            os.fsync(file.fileno())
            await asyncio.sleep(0.1)
    async with asyncio.timeout(60):
        assert (await asking).text == "one two three four five"


async def test_after_a_kill_the_same_question_is_found_again_with_the_answer_that_came_meanwhile(box: Path) -> None:
    asking = asyncio.create_task(client().complete(to(box)))
    (request_id,) = await posted(box)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    answer(box, request_id, "A plan")
    async with asyncio.timeout(60):
        assert (await client().complete(to(box))).text == "A plan"
    assert len([name for name in os.listdir(box) if name.endswith(".request.json")]) == 1


async def test_many_wait_at_once_and_each_gets_its_own_answer(box: Path) -> None:
    asking = [asyncio.create_task(client().complete(to(box, f"Question {number}"))) for number in range(20)]
    for request_id in await posted(box, 20):
        document = json.loads((box / f"{request_id}.request.json").read_text())
        answer(box, request_id, document["messages"][1]["content"].replace("Question", "Answer"))
    responses = await asyncio.gather(*asking)
    assert [response.text for response in responses] == [f"Answer {number}" for number in range(20)]


async def test_tasks_agents_and_iterations_do_not_share_a_question(box: Path) -> None:
    requests = [to(box), to(box, task_id="t2"), to(box, agent="qa_agent"), to(box, iteration=1)]
    asking = [asyncio.create_task(client().complete(request)) for request in requests]
    assert len(set(await posted(box, 4))) == 4
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_question_that_nobody_answers_fails_at_its_deadline_and_can_be_asked_anew(box: Path) -> None:
    clock = HandClock(time.time())
    with pytest.raises(ModelError, match="nobody answered"):
        await client(0.05, clock).complete(to(box))
    clock.time += 100
    asking = asyncio.create_task(client(60.0, clock).complete(to(box)))
    (request_id,) = await posted(box)
    answer(box, request_id, "late, but here")
    async with asyncio.timeout(60):
        assert (await asking).text == "late, but here"


async def test_answers_in_other_encodings_of_people_are_read(box: Path) -> None:
    asking = asyncio.create_task(client().complete(to(box)))
    (request_id,) = await posted(box)
    (box / f"{request_id}.answer.md").write_bytes(b"\xef\xbb\xbfna\xefve \xc3\xbc")
    async with asyncio.timeout(60):
        assert (await asking).text == "na\ufffdve ü"


async def test_answering_twice_or_what_was_not_asked_is_refused(box: Path) -> None:
    asking = asyncio.create_task(client().complete(to(box)))
    (request_id,) = await posted(box)
    answer(box, request_id, "A plan")
    with pytest.raises(Conflict):
        answer(box, request_id, "Another plan")
    for wrong in ("planner-0123456789abcdef0123", "../../etc/passwd", ""):
        with pytest.raises(NotFound):
            answer(box, wrong, "x")
    await asking


async def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelError, match="file"):
        await client().complete(to(tmp_path / "file"))
    with pytest.raises(ModelError, match="mailbox/DIR"):
        await client().complete(a_request(model="mailbox/"))
