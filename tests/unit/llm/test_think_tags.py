"""Thinking that a model writes in front of its answer."""

import pytest

from llm.think_tags import AnswerOnly


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("The answer", "The answer"),
        ("<think>hm</think>The answer", "The answer"),
        ("\n <think>\nhm <b>\n</think>\n\n  The answer </think>", "The answer </think>"),
        ("<think>hm, the answer", "<think>hm, the answer"),
        ("<think></think>", ""),
        ("<thin", "<thin"),
        ("<thinker>", "<thinker>"),
        ("  <", "  <"),
        ("", ""),
        ("In <think>tags</think>", "In <think>tags</think>"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_block_at_the_beginning_is_taken_out_however_it_is_cut(said: str, answer: str, size: int) -> None:
    reader = AnswerOnly()
    heard = [reader.feed(said[start : start + size]) for start in range(0, len(said), size)]
    assert "".join(heard) + reader.rest() == answer


def test_an_answer_without_a_block_is_handed_on_at_once() -> None:
    reader = AnswerOnly()
    assert reader.feed("T") == "T"
    assert reader.feed("<think>") == "<think>"
