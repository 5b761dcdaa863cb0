"""What holds for every answer: canonical ones come back exactly, and others raise AnswerError alone."""

import json
import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.answers import decode_files, decode_json
from agents.answers.applying import find_elision
from agents.answers.cleaning import strip_gutter
from agents.answers.edits import is_diff
from core.types import Json, JsonObject
from llm.offline.answers import render_files
from tests.unit.agents.answers.cases import all_cases
from tests.unit.agents.answers.outcomes import try_everything

NASTY_LINES = [
    "", "    ", "```", "```sh", "````", "`````python path=a.py", "~~~", "~~~~ text", "  ```", "# File: a/b.py", "**a/b.py**",
    "<think>", "</think>", "<file path=\"x.py\">", "</file>", "=======", "-------", "{", "}", '{"files": {"a.py": ""}}',
    "1| one", "x = '''", 'y = """', "</block>", "<|im_end|> x", "// and so on...", "path=a.py", "delete path=a.py", "\\", "\t",
    "+ added", "- removed", "@@ -1 +1 @@", "<<<<<<< SEARCH", ">>>>>>> REPLACE", "\u00a0", "“quoted”",
]  # fmt: skip
NAMES = st.from_regex(r"[a-z][a-z0-9_.\-]{0,8}", fullmatch=True).filter(lambda name: not name.endswith("."))
PATHS = st.builds(
    lambda folders, name, suffix: "/".join([*folders, f"{name}.{suffix}"]),
    st.lists(NAMES, max_size=3),
    NAMES,
    st.sampled_from(["py", "ts", "tsx", "md", "json", "yaml", "txt", "css"]),
)
LINES = st.one_of(
    st.sampled_from(NASTY_LINES),
    st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=30),
)
CONTENTS = st.lists(LINES, max_size=12).map(lambda lines: "\n".join(lines) + "\n" if lines else "")
JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSONS, max_size=5)
UNHURRIED = settings(deadline=None, max_examples=150)
SEEDS = tuple(f"{case.answer}{''.join(case.more)}" for case in all_cases())


def plain(content: str) -> bool:
    """Whether nothing in a content says that it is not the whole file: a gutter, an elision, a diff, the markers of an edit."""
    return not (
        strip_gutter(content) or find_elision(content, "") or is_diff(content, "") or "<<<<<<< SEARCH" in content
    )


@UNHURRIED
@given(st.dictionaries(PATHS, CONTENTS, min_size=1, max_size=4), st.lists(PATHS, max_size=2, unique=True))
def test_files_that_are_written_as_asked_are_read_back_exactly(files: dict[str, str], deletes: list[str]) -> None:
    assume(all(plain(content) for content in files.values()))
    deletes = sorted(path for path in deletes if path not in files)
    answer = decode_files(render_files("Said.", files, deletes))
    assert answer.files == files
    assert answer.deletes == tuple(deletes)
    assert answer.prose == "Said."


@UNHURRIED
@given(
    OBJECTS,
    st.sampled_from(["{}", "```json\n{}\n```", "Here it is:\n\n{}\n\nThat is all.", "```\n{}\n```\n", "So: {}"]),
)
def test_json_that_is_written_by_the_standard_is_read_back_exactly(value: JsonObject, around: str) -> None:
    assume(value or around == "{}")
    for indent in (None, 2):
        written = json.dumps(value, ensure_ascii=indent is None, indent=indent)
        assert exactly(decode_json(around.replace("{}", written))) == exactly(value)


def exactly(value: Json) -> str:
    """The value with its types: 1, 1.0 and True differ."""
    return repr(value)


@UNHURRIED
@given(st.lists(LINES, min_size=1, max_size=15), st.data())
def test_an_edit_that_quotes_lines_which_occur_once_puts_the_new_ones_in_their_place(
    lines: list[str], data: st.DataObject
) -> None:
    numbered = [
        f"{number}: {line}" for number, line in enumerate(lines) if "SEARCH" not in line and "REPLACE" not in line
    ]
    assume(numbered)
    first = data.draw(st.integers(0, len(numbered) - 1))
    last = data.draw(st.integers(first + 1, len(numbered)))
    new = data.draw(st.lists(st.sampled_from(["x = 1", "", "    y", "```", "text"]), max_size=3))
    text = "".join(f"{line}\n" for line in numbered)
    block = "".join(
        f"{line}\n" for line in ["<<<<<<< SEARCH", *numbered[first:last], "=======", *new, ">>>>>>> REPLACE"]
    )
    answer = decode_files(f"`````edit path=a.txt\n{block}`````\n", {"a.txt": text})
    assert answer.files["a.txt"] == "".join(f"{line}\n" for line in [*numbered[:first], *new, *numbered[last:]])


@UNHURRIED
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*NASTY_LINES, '{"a": ', "[", "'", '"', ",", ":", "/*", "//", "\\u12", "\n"]),
            st.text(max_size=8),
        )
    )
)
def test_whatever_is_written_raises_nothing_but_an_answer_error(pieces: list[str]) -> None:
    try_everything("".join(pieces))
    try_everything("\n".join(pieces))


@UNHURRIED
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_damaged_answers_of_the_corpus_raise_nothing_but_an_answer_error(text: str, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randint(1, 40))
        text = chance.choice(
            [
                text[:start] + text[end:],
                text[:end] + text[start:],
                text[:start],
                text[:start] + text[start:end][::-1] + text[end:],
            ]
        )
    try_everything(text)
