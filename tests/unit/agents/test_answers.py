"""Reading what models really write."""

import pytest

from agents.answers import AnswerError, decode_files, decode_json


def test_the_canonical_block_is_read_with_inner_fences() -> None:
    text = "Here.\n\n````markdown path=README.md\n# App\n```sh\nrun\n```\n````\n\n````python path=a/b.py\nx = 1\n````\n"
    answer = decode_files(text)
    assert answer.files == {"README.md": "# App\n```sh\nrun\n```\n", "a/b.py": "x = 1\n"}
    assert answer.complete
    assert answer.prose == "Here."


@pytest.mark.parametrize(
    "text",
    [
        "```python path=app/x.py\nx = 1\n```",
        '```python\tpath="app/x.py"\nx = 1\n```',
        "```py file: app/x.py\nx = 1\n```",
        "```app/x.py\nx = 1\n```",
        "```python:app/x.py\nx = 1\n```",
        "### app/x.py\n```python\nx = 1\n```",
        "**app/x.py**\n\n```python\nx = 1\n```",
        "File: `app/x.py`\n```\nx = 1\n```",
        "~~~python filename=app/x.py\nx = 1\n~~~",
        "<think>```python path=bad.py\n```</think>\n```python path=app/x.py\r\nx = 1\r\n```",
    ],
)
def test_other_ways_to_name_a_file_are_read_too(text: str) -> None:
    assert decode_files(text).files == {"app/x.py": "x = 1\n"}


def test_inner_fences_of_the_same_length_are_paired_off() -> None:
    text = "```markdown path=README.md\nUse:\n```sh\nmake\n```\nDone.\n```\n"
    assert decode_files(text).files == {"README.md": "Use:\n```sh\nmake\n```\nDone.\n"}


def test_a_block_that_is_not_closed_is_kept_and_reported() -> None:
    answer = decode_files("````python path=a.py\nx = 1\ny =")
    assert answer.files == {"a.py": "x = 1\ny =\n"}
    assert not answer.complete


def test_deletions_are_read() -> None:
    assert decode_files("````delete path=old.py\n````").deletes == ("old.py",)


def test_a_fence_without_a_path_is_prose() -> None:
    assert decode_files("For example:\n```sh\nls\n```\n").files == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": ["x"]}',
        'Sure!\n```json\n{"a": 1, "b": ["x"]}\n```\nBye',
        'The answer is {"a": 1, "b": ["x"]}.',
        "{'a': 1, 'b': ['x']}",
        '{"a": 1, "b": ["x",],}',
        "{\u201ca\u201d: 1, \u201cb\u201d: [\u201cx\u201d]}",
        '{\n  // the number\n  "a": 1, /* list */ "b": ["x"]\n}',
        '{a: 1, b: ["x"]}',
        '```\n{"a": 1, "b": ["x"]\n```',
        '<think>{"a": 2}</think>{"a": 1, "b": ["x"]}',
    ],
)
def test_json_is_read_amid_what_local_models_add(text: str) -> None:
    assert decode_json(text) == {"a": 1, "b": ["x"]}


def test_mending_leaves_the_inside_of_strings_alone() -> None:
    assert decode_json('{"a": "it\'s, // not a comment, }", "b": "True",}') == {
        "a": "it's, // not a comment, }",
        "b": "True",
    }


@pytest.mark.parametrize("text", ["", "no json here", "[1, 2]", "{{{"])
def test_what_is_no_object_is_an_error_that_says_so(text: str) -> None:
    with pytest.raises(AnswerError):
        decode_json(text)
