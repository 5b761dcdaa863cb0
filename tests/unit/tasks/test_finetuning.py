"""Which calls become examples, what stands in them, and which file each is in."""

import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.episodes import Episode
from core.findings import Finding
from core.finetuning import FinetuneManifest, FinetuneRequest, Format, check_file
from core.identity import render_identity
from core.models import Interaction, InteractionPage, InteractionSearch, Message
from core.redaction import Redactor
from core.types import AgentName, TaskStatus
from observability.call_history import SqliteCallHistory
from tasks.finetuning import FinetuneExport
from tests.unit.tasks.moved import PLANNER, QA, Place, a_call, an_episode, place

SECRET = "hunter2-hunter2"  # what must not come out
FINDING = Finding(check="pytest", message="wrong", owner=QA, severity="high")


@dataclass(frozen=True)
class Written:
    train: list[dict[str, Any]]
    validation: list[dict[str, Any]]
    manifest: FinetuneManifest
    files: dict[str, bytes]

    @property
    def answers(self) -> list[str]:
        return [each["messages"][-1]["content"] for each in self.train]


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path / "held") as opened:
        yield opened


async def write(held: Place, folder: Path, **wanted: Any) -> Written:
    request = FinetuneRequest.model_validate({"format": Format.OPENAI, "split": 0.0, **wanted})
    export = FinetuneExport(held.stores, Redactor([SECRET]), held.clock, folder)
    archive = b"".join([piece async for piece in export.examples(request)])
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        files = {name: read.read(name) for name in read.namelist()}
    train, validation = (
        [json.loads(line) for line in files[f"{name}.jsonl"].splitlines()] for name in ("train", "validation")
    )
    return Written(train, validation, FinetuneManifest.model_validate_json(files["manifest.json"]), files)


async def record(held: Place, *calls: Interaction) -> None:
    for call in calls:
        await held.stores.interactions.record(call)


def asked(text: str) -> tuple[Message, ...]:
    return (Message(role="system", content="You test"), Message(role="user", content=text))


@pytest.mark.parametrize(("outcome", "answers"), [
    ("clean", ["answer clean"]),
    ("accepted", ["answer back", "answer clean"]),
    ("all", ["answer unknown", "answer failed", "answer back", "answer clean"]),
])  # fmt: skip
async def test_how_the_task_went_decides(held: Place, tmp_path: Path, outcome: str, answers: list[str]) -> None:
    await held.stores.episodes.record(
        an_episode("clean"),
        an_episode("back", findings=(FINDING,)),
        an_episode("failed", status=TaskStatus.FAILED),
        an_episode("unknown", PLANNER),
    )
    await record(held, *(a_call(name, task_id=name) for name in ("clean", "back", "failed", "unknown")))
    written = await write(held, tmp_path, outcome=outcome)
    assert written.answers == answers
    assert written.manifest.read == 4
    assert sum(written.manifest.left_out.values()) == 4 - len(answers)
    if outcome == "clean":
        assert written.manifest.left_out == {"task not finished": 1, "other outcome": 2}


async def test_what_is_no_whole_answer_is_left_out_and_the_reason_counted(held: Place, tmp_path: Path) -> None:
    first = a_call("unreadable", messages=asked("Write"), response="{broken")
    repair = (*first.messages, Message(role="assistant", content="{broken"), Message(role="user", content="Again"))
    await record(
        held,
        first,
        a_call("repaired", prompt_name="qa_agent/repair", messages=repair, response="fine"),
        a_call("cut", messages=asked("Cut"), finish_reason="length"),
        a_call("rest", messages=asked("Rest"), prompt_name="qa_agent/continue"),
        a_call("empty", messages=asked("Empty"), response=" "),
        a_call("away", messages=asked("Away"), success=False),
        a_call("long", messages=asked("x" * 1_000)),
    )
    written = await write(held, tmp_path, outcome="all", max_chars=500)
    assert written.answers == ["fine"]
    assert written.train[0]["messages"][2] == {"role": "assistant", "content": "{broken", "weight": 0}
    assert written.manifest.left_out == {
        "could not be read": 1, "cut off": 1, "continuation": 1, "empty": 1, "too long": 1,
    }  # fmt: skip


async def test_the_same_and_nearly_the_same_is_said_once(held: Place, tmp_path: Path) -> None:
    await record(
        held,
        a_call("c1", messages=asked("Count 12 rows of task 3f9c2a7be1d04c55"), response="Done"),
        a_call("c2", messages=asked("Count 12 rows of task 3f9c2a7be1d04c55"), response="Done"),
        a_call("c3", messages=asked("count  7 rows of task 99aa2a7be1d04c00"), response="done"),
        a_call("c4", messages=asked("Count 12 rows of task 3f9c2a7be1d04c55"), response="Not done"),
    )
    written = await write(held, tmp_path, outcome="all")
    assert (written.answers, written.manifest.left_out) == (["Not done", "done"], {"near duplicate": 1, "duplicate": 1})
    await record(held, a_call("c5", messages=asked("count  7 rows of task 99aa2a7be1d04c00"), response="done"))
    assert (await write(held, tmp_path, outcome="all")).manifest.left_out == {"near duplicate": 1, "duplicate": 2}


async def test_secrets_do_not_come_out(held: Place, tmp_path: Path) -> None:
    key = "ghp_" + "a1" * 10
    await record(held, a_call("c", messages=asked(f"log in with {SECRET}"), response=f"used {key}"))
    written = await write(held, tmp_path, outcome="all")
    assert "log in with [redacted]" in str(written.train)
    assert not any(secret.encode() in body for body in written.files.values() for secret in (SECRET, key))


@pytest.mark.parametrize("wanted", Format)
async def test_no_task_is_in_both_files_the_same_seed_gives_the_same_and_a_trainer_takes_them(
    held: Place, tmp_path: Path, wanted: Format
) -> None:
    await record(held, *(a_call(f"c{n}", messages=asked(word(n)), task_id=f"t{n % 40}") for n in range(120)))
    written = await write(held, tmp_path, outcome="all", split=0.25, format=wanted)
    assert len(written.train) + len(written.validation) == 120 == written.manifest.train + written.manifest.validation
    validated = {task_of(each) for each in written.validation}
    assert validated.isdisjoint({task_of(each) for each in written.train})
    assert 4 <= len(validated) <= 18
    assert (await write(held, tmp_path, outcome="all", split=0.25, format=wanted)).files == written.files
    other = await write(held, tmp_path, outcome="all", split=0.25, format=wanted, seed=1)
    assert {task_of(each) for each in other.validation} != validated
    for name, training in (("train.jsonl", True), ("validation.jsonl", False)):
        assert check_file(wanted, written.files[name].splitlines(), training=training).problems == ()


def word(number: int) -> str:
    """Different ones for different numbers, not only in digits, with the task at its end."""
    return f"{'ab'[number % 2]}{'x' * (number // 40)} task {chr(97 + number % 40 // 2)}{'z' * (number % 40 % 2)}"


def task_of(example: dict[str, Any]) -> str:
    texts = example.get("messages") or example["conversations"]
    said = next(each for each in texts if "task " in str(each))
    return str(said.get("content") or said["value"]).rpartition("task ")[2]


async def test_the_identity_is_taken_out_where_it_is_known(held: Place, tmp_path: Path) -> None:
    told = render_identity(await held.stores.identities.load(QA))
    system = f"Agent: qa_agent\nYou test\n\n{told}\n\nAnswer in files."
    messages = (Message(role="system", content=system), Message(role="user", content="Test it"))
    await record(
        held,
        a_call("known", messages=messages),
        a_call("forgotten", messages=messages, identity_version=77),
        a_call("without", messages=asked("Read this"), identity_version=0),
    )
    written = await write(held, tmp_path, outcome="all", identity=False)
    assert written.manifest.left_out == {"identity not kept": 1}
    systems = [each["messages"][0]["content"] for each in written.train]
    assert systems == ["You test", "Agent: qa_agent\nYou test\n\nAnswer in files."]
    kept = await write(held, tmp_path, outcome="all")
    assert kept.train[-1]["messages"][0]["content"] == system


async def test_one_agent_and_a_time_can_be_asked_for(held: Place, tmp_path: Path) -> None:
    await record(
        held,
        a_call("old", messages=asked("old"), ts=5.0),
        a_call("new", messages=asked("new"), ts=50.0),
        a_call("plan", messages=asked("plan"), ts=50.0, agent=AgentName.PLANNER),
    )
    written = await write(held, tmp_path, outcome="all", agent=QA, since=10.0)
    assert (written.answers, written.manifest.read) == (["answer new"], 1)


class LongHistory(SqliteCallHistory):
    """As many calls as are wanted, made when they are asked for, so that none is held."""

    def __init__(self, count: int) -> None:
        self._count = count

    async def page(self, query: InteractionSearch) -> InteractionPage:
        first = int(query.before or 0)
        text = "word " * 400
        one = a_call("one")
        items = tuple(
            one.model_copy(update={"task_id": f"t{n // 10}", "messages": asked(f"{text}{letters(n)}")})
            for n in range(first, first + 200)
        )
        return InteractionPage(items=items, next=str(first + 200) if first + 200 < self._count else None)


def letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


async def test_memory_grows_by_sums_and_not_by_examples(held: Place, tmp_path: Path) -> None:
    async def most_for(count: int) -> int:
        stores = held.stores
        long = type(stores)(
            stores.identities, stores.memory_diffs, stores.episodes, stores.interactions, LongHistory(count)
        )
        export = FinetuneExport(long, Redactor(), held.clock, tmp_path)
        tracemalloc.start()
        async for _ in export.examples(FinetuneRequest(format=Format.SHAREGPT, outcome="all")):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small = await most_for(400)
    per_example = (await most_for(1_400) - small) / 1_000
    assert per_example < 600  # an example has 2,000 characters


def test_an_episode_of_a_completed_task_is_clean_without_what_blocks() -> None:
    """What the filter rests on."""
    low = FINDING.model_copy(update={"severity": "low"})
    assert [Episode.model_validate({**an_episode("t").model_dump(), "findings": [each.model_dump()]}).succeeded
            for each in (low, FINDING)] == [True, False]  # fmt: skip
