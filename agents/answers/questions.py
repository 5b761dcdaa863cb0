"""Questions to other agents in an answer: a block `ask agent=...`, or the tag `<ask agent="...">`. What is in a file is none."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.answers.errors import AnswerError, line_of

_INFO = re.compile(
    r"ask(?:[ _-]agent)?\b(?:\s*[:=({]?\s*(?:(?:agent|to|name)\s*[=:]\s*)?[\"'`]?(?P<agent>[a-z][\w -]{0,59}?)[\"'`]?\s*[)}]?)?",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^ {0,3}<(?P<tag>ask(?:_agent)?)\s+(?:agent|to|name)\s*=\s*[\"']?(?P<agent>[\w -]{1,60}?)[\"']?\s*>(?P<text>.*?)</(?P=tag)>",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_OPENED = re.compile(r"^ {0,3}<ask(?:_agent)?\s[^>\n]{0,200}>", re.IGNORECASE | re.MULTILINE)


class Question(NamedTuple):
    """What is asked, and who; `agent` is the name as it was written, empty where none was."""

    agent: str
    text: str


def agent_in_info(info: str) -> str | None:
    """Whom a fence with this info string asks, empty where it does not say; None where it begins no question."""
    found = _INFO.fullmatch(info) if info[:3].lower() == "ask" else None
    return None if found is None else (found["agent"] or "").strip().replace(" ", "_").lower()


def tagged_questions(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, Question]]:
    """Questions in tags that stand whole in one of `spans`, the words between blocks, with where they begin and end.

    Raises AnswerError for one that has no end there.
    """
    for start, end in spans:
        words, at = text[start:end], 0
        while opened := _OPENED.search(words, at):
            found = _TAG.match(words, opened.start())
            if found is None:
                where = line_of(text, start + opened.start())
                raise AnswerError(f"the question in line {where} is not closed by </ask>, or holds a block")
            agent = found["agent"].strip().replace(" ", "_").lower()
            yield start + found.start(), start + found.end(), Question(agent, found["text"].strip())
            at = found.end()
