"""Takes away what a model thought aloud: `<think>` with its end, without its end, or an end without its beginning."""

import re
from collections.abc import Collection

from agents.answers.blocks import Scan
from agents.answers.blocks import scan as scan_text
from agents.answers.errors import AnswerError

_NAMES = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad"
OPENING = re.compile(rf"\s*<({_NAMES})>", re.IGNORECASE)
TAG = re.compile(rf"<(?P<end>/?)(?P<name>{_NAMES})>", re.IGNORECASE)
_MAX_ROUNDS = 6


def without_leading_reasoning(text: str) -> str:
    """The text behind the thinking that it begins with; the same text where it does not, or where the thinking never ends."""
    for _ in range(_MAX_ROUNDS):
        opening = OPENING.match(text)
        if opening is None:
            break
        end = re.compile(f"</{opening[1]}>", re.IGNORECASE).search(text, opening.end())
        if end is None:
            break
        text = text[end.end() :]
    return text


def without_reasoning(text: str, scan: Scan, known: Collection[str], *, finished: bool) -> tuple[str, Scan]:
    """The answer behind its thinking, taken apart. Only tags outside of blocks count: code may hold them too.

    Raises AnswerError for an answer that was cut off while the model thought, or hides in thinking that never ends.
    """
    rest = without_leading_reasoning(text)
    if rest is not text:
        text, scan = rest, scan_text(rest, known)
    for _ in range(_MAX_ROUNDS):
        tag = next((found for start, end in scan.prose for found in TAG.finditer(text, start, end)), None)
        if tag is None:
            return text, scan
        if tag["end"]:
            text = text[tag.end() :]
        else:
            end = re.compile(f"</{tag['name']}>", re.IGNORECASE).search(text, tag.end())
            if end is None:
                _check_unclosed(text, scan, finished=finished)
                text = text[: tag.start()] + text[tag.end() :]
            else:
                text = text[: tag.start()] + text[end.end() :]
        scan = scan_text(text, known)
    return text, scan


def _check_unclosed(text: str, scan: Scan, *, finished: bool) -> None:
    """Thinking that never ends may hold the answer when that is the last thing, and each file stands there once."""
    if not finished:
        raise AnswerError("the answer is cut off while thinking: think shorter, and answer")
    paths = [block.path for block in scan.blocks]
    behind = text[scan.prose[-1][0] : scan.prose[-1][1]] if scan.prose and scan.prose[-1][1] == len(text) else ""
    if not paths or len(set(paths)) < len(paths) or behind.strip():
        raise AnswerError("the thinking is not closed by </think>, so that the answer in it cannot be told from drafts")
