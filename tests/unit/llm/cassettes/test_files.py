"""What a file may look like, and where one that may not is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import InvalidInput
from llm.cassettes.files import read_calls, read_header
from llm.cassettes.player import Cassette
from llm.cassettes.recorder import Recording
from tests.unit.llm.cassettes.tapes import player, recorder
from tests.unit.llm.scripted import ScriptedClient, a_request

FOLDER = Path(__file__).parent / "version_1"
"""A cassette as version 1 writes it: what this release cannot read any more, nobody can replay."""


@pytest.fixture
async def written(tmp_path: Path) -> Path:
    """A cassette of two calls; the file of the calls."""
    tape = recorder(ScriptedClient("Answer one", "Answer two"), tmp_path / "a")
    for text in ("Question one", "Question two"):
        await tape.complete(a_request(text))
    await tape.close()
    return tmp_path / "a" / "task-1" / "planner.calls"


def test_every_line_of_a_text_has_a_line_of_its_own(written: Path) -> None:
    lines = written.read_text().splitlines()
    assert '     "Question one"' in lines
    assert '   "Answer one"' in lines
    assert [line for line in lines if line in ("{", "}")] == ["{", "}"] * 2


def test_entries_can_be_read_as_a_sequence_of_json_objects(written: Path) -> None:
    decoder, text = json.JSONDecoder(), written.read_text()
    first, end = decoder.raw_decode(text)
    second, _ = decoder.raw_decode(text, end + 1)
    assert [entry["question"]["messages"][1]["content"] for entry in (first, second)] == [
        ["Question one"],
        ["Question two"],
    ]


async def test_a_cassette_of_version_1_can_be_replayed() -> None:
    assert read_header(FOLDER).version == 1
    request = a_request("Zoë: plan a todo list", model=f"replay/{FOLDER}", iteration=2)
    assert (await player().complete(request)).text == "Two lines,\nthe second for task t1."


def test_every_beginning_of_a_file_can_be_read(written: Path) -> None:
    data = written.read_bytes()
    first = data.index(b"}\n{") + 2
    for length in range(len(data) + 1):
        count = (length >= first) + (length == len(data))
        found = read_calls(data[:length], "f")
        assert (len(found.entries), found.whole_bytes) == (count, (0, first, len(data))[count])


async def test_recording_goes_on_behind_what_is_whole(written: Path) -> None:
    data = written.read_bytes()
    written.write_bytes(data[: len(data) - 300])
    tape = recorder(ScriptedClient("Answer two, again", "Answer three"), written.parents[1])
    for text in ("Question two", "Question three"):
        await tape.complete(a_request(text))
    await tape.close()
    texts = [entry.call.answer.text for entry in Cassette.read(written.parents[1]).entries if entry.call.answer]
    assert texts == ["Answer one", "Answer two, again", "Answer three"]


WRONG: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "text before the first entry": (lambda data: b"garbage\n" + data, r"line 1: an entry must begin here.*garbage"),
    "text between entries": (
        lambda data: data.replace(b"}\n{", b"}\nxx\n{"),
        r"line \d+: an entry must begin here.*xx",
    ),
    "text at the end": (lambda data: data + b"zz", r"line \d+: an entry must begin here.*zz"),
    "an end that is missing": (lambda data: data.replace(b"}\n{", b"{"), r"line \d+: .*inside the one of line 1"),
    "no JSON": (lambda data: data.replace(b' "model"', b" model", 1), r"line \d+: .*property name"),
    "no UTF-8": (lambda data: data.replace(b"Question one", b"Question \xff", 1), r"line 21: this is not UTF-8"),
    "an unknown field": (lambda data: data.replace(b'"failure"', b'"mood"', 1), r"line 1: .*mood|line 1: failure"),
    "a wrong type": (
        lambda data: data.replace(b'"iteration": 0', b'"iteration": "x"', 1),
        r"line 1: question.iteration",
    ),
    "another question": (
        lambda data: data.replace(b"Question two", b"Question 2", 1),
        r"line \d+: the hash is not that",
    ),
    "binary": (lambda data: bytes(range(256)), r"line 1: an entry must begin here"),
}


@pytest.mark.parametrize("name", list(WRONG))
async def test_what_is_wrong_is_refused_with_file_line_and_reason(written: Path, name: str) -> None:
    spoil, reason = WRONG[name]
    written.write_bytes(spoil(written.read_bytes()))
    with pytest.raises(InvalidInput, match=rf"task-1/planner\.calls {reason}"):
        await player().complete(a_request(model=f"replay/{written.parents[1]}"))


def test_the_line_is_the_one_that_is_wrong(written: Path) -> None:
    lines = written.read_text().split("\n")
    second = lines.index("{", 1)
    wrong = next(number for number, line in enumerate(lines) if number > second and '"iteration"' in line)
    lines[wrong] = '  "iteration": 0 0,'
    with pytest.raises(InvalidInput, match=rf"f line {wrong + 1}: "):
        read_calls("\n".join(lines).encode(), "f")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "is no cassette: there is no cassette.json"),
        ("", r"cassette\.json line 1: "),
        ('{\n "format": "autonomy cassette",\n "version": 2\n}', r"cassette\.json line 3: version 2 is newer than 1"),
        ('{\n "format": "something else",\n "version": 1\n}', r"cassette\.json line 1: format"),
        ('{"version": "x"}', r"cassette\.json line 1: version"),
        ('{\n "version": 1,,\n}', r"cassette\.json line 2: "),
        ("[1]", r"cassette\.json line 1: "),
    ],
)
async def test_a_header_that_cannot_be_understood_is_refused(tmp_path: Path, text: str | None, reason: str) -> None:
    (tmp_path / "a").mkdir()
    if text is not None:
        (tmp_path / "a" / "cassette.json").write_text(text)
        with pytest.raises(InvalidInput, match=reason):
            Recording.open(tmp_path / "a")
    with pytest.raises(InvalidInput, match=reason):
        await player().complete(a_request(model=f"replay/{tmp_path / 'a'}"))


async def test_a_file_that_cannot_be_read_is_named(written: Path) -> None:
    written.unlink()
    written.mkdir()
    with pytest.raises(InvalidInput, match=r"planner\.calls cannot be read: Is a directory"):
        await player().complete(a_request(model=f"replay/{written.parents[1]}"))
