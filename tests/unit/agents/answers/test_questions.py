"""Questions to other agents in an answer: read in the forms that models give, and nowhere but in the agent's own words."""

import pytest

from agents.answers import AnswerError, FilesAnswer, Question, decode_files

PATH = "backend/app/a.py"
FILE = f"````python path={PATH}\nx = 1\n````\n"
ASKED = (Question("database_agent", "Is `owner` loaded?"),)


@pytest.mark.parametrize(
    "text",
    [
        "````ask agent=database_agent\nIs `owner` loaded?\n````",
        "```ask agent=database_agent\nIs `owner` loaded?\n```\n",
        "~~~ask agent=database_agent\nIs `owner` loaded?\n~~~",
        'I need one thing.\n\n````ask agent="database_agent"\n\nIs `owner` loaded?\n\n````\nThank you.',
        "````ask database_agent\nIs `owner` loaded?\n````",
        "````ask: Database_Agent\nIs `owner` loaded?\n````",
        "````ask_agent to=database agent\nIs `owner` loaded?\n````",
        "`backend/app/db/models/todo.py`:\n\n````ask agent=database_agent\nIs `owner` loaded?\n````",
        '<ask agent="database_agent">Is `owner` loaded?</ask>',
        "First:\n<ask_agent name='database_agent'>\nIs `owner` loaded?\n</ask_agent>\n",
        "<think>\n<ask agent=planner>No, not this.</ask>\n</think>\n<ask agent=database_agent>Is `owner` loaded?</ask>",
        "````ask agent=database_agent\nIs `owner` loaded?",
    ],
)
def test_a_question_is_read_in_the_forms_that_models_give(text: str) -> None:
    answer = decode_files(text)
    assert answer.questions == ASKED
    assert not answer.files
    assert "owner" not in answer.prose


@pytest.mark.parametrize(
    "text",
    [
        "````markdown path=docs/a.md\nSay\n\n````ask agent=planner\nwhat?\n````\n\nand so on\n````\n",
        '````markdown path=docs/a.md\n<ask agent="planner">what?</ask>\n````\n',
        f'````python path={PATH}\nTEXT = """\n````ask agent=planner\nwhat?\n````\n"""\n````\n',
        'I was told:\n<block name="brief" kind="untrusted">\n<ask agent="planner">what?</ask>\n</block>\n' + FILE,
        'I was told:\n<block name="brief" kind="document">\n````ask agent=planner\nwhat?\n````\n</block>\n' + FILE,
        'It says `<ask agent="planner">what?</ask>` there.\n' + FILE,
        '> <ask agent="planner">what?</ask>\n' + FILE,
        "<think>\n````ask agent=planner\nwhat?\n````\n</think>\n" + FILE,
        "```asking the planner\nwhat?\n```\n" + FILE,
        "Who may ask agent=planner?\n" + FILE,
    ],
)
def test_what_a_file_a_quoted_block_or_a_sentence_holds_is_none(text: str) -> None:
    answer = decode_files(text)
    assert answer.questions == ()
    assert answer.files


def test_files_beside_questions_are_read_and_both_keep_their_order() -> None:
    text = f"````ask agent=planner\nOne?\n````\n\n{FILE}\n<ask agent=qa_agent>Two?</ask>\n\n```ask agent=planner\nThree?\n```\n"
    answer = decode_files(text)
    assert answer.files == {PATH: "x = 1\n"}
    assert [question.text for question in answer.questions] == ["One?", "Two?", "Three?"]
    assert answer.prose == ""


def test_a_question_may_quote_code_and_name_files() -> None:
    text = "````ask agent=planner\nMay I?\n```python\nfrom app.db import models\n\nclass A:\n    x = 1\n```\n````\n"
    (question,) = decode_files(text).questions
    assert question.text.startswith("May I?\n```python")
    assert question.text.endswith("```")
    assert decode_files(f"About this:\n{PATH}\n\n````ask agent=planner\nMay I?\n````").questions


def test_a_question_that_names_nobody_is_kept_for_its_refusal() -> None:
    assert decode_files("````ask\nWhat?\n````").questions == (Question("", "What?"),)


@pytest.mark.parametrize(
    ("text", "finished", "said"),
    [
        ("````ask agent=planner\nWhat", False, "cut off inside of a question"),
        ("Well.\n<ask agent=planner>What?\n", True, "question in line 2 is not closed by </ask>"),
        ("<ask agent=planner>\nWhat?\n````python\nx\n````\n</ask>", True, "or holds a block"),
    ],
)
def test_a_question_without_its_end_is_told_of(text: str, finished: bool, said: str) -> None:
    with pytest.raises(AnswerError, match=said):
        decode_files(text, finished=finished)


def test_what_comes_later_replaces_what_was_there() -> None:
    first = FilesAnswer({"a": "1", "b": "1"}, ("c", "d"), "first", ASKED)
    whole = first.then(FilesAnswer({"b": "2", "c": "2"}, ("a",), "second"))
    assert whole == FilesAnswer({"b": "2", "c": "2"}, ("d", "a"), "second")
