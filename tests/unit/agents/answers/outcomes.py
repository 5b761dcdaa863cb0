"""Asks everything that can be asked of a text."""

from collections.abc import Callable

from agents.answer_models import ReviewAnswer
from agents.answers import AnswerError, continued, decode_as, decode_files, decode_json


def try_everything(text: str) -> None:
    """Only AnswerError may come of it, and it says something."""
    calls: tuple[Callable[[], object], ...] = (
        lambda: decode_files(text, {"backend/app/main.py": "a = 1\n"}),
        lambda: decode_files(text, finished=False, strict=False),
        lambda: decode_json(text),
        lambda: decode_as(text, ReviewAnswer),
        lambda: decode_as(text, ReviewAnswer, finished=False),
        lambda: continued(text[: len(text) // 2], text[len(text) // 2 :]),
    )
    for call in calls:
        message = _problem(call)
        assert message is None or message.strip()


def _problem(call: Callable[[], object]) -> str | None:
    try:
        call()
    except AnswerError as error:
        return str(error)
    return None
