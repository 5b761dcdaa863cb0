"""What surrounds an answer or lies on top of it: byte order mark, line ends, template tokens, a gutter of line numbers."""

import re
from itertools import islice, pairwise

from agents.answers.landmarks import Fence, find_fences
from agents.answers.paths import path_in_info

_TURN = re.compile(
    r"<\|(?:im_end|im_start|eot_id|end|endoftext|return|start_header_id|end_of_text)\|>|<end_of_turn>|<｜end▁of▁sentence｜>"
    r"|</s>\s*\Z"
)
_FINAL_CHANNEL = "<|channel|>final<|message|>"
_ASSISTANT = re.compile(r"\s*(?:<\|im_start\|>assistant\n|<\|start_header_id\|>assistant<\|end_header_id\|>\n*)")
_GUTTER = re.compile(r"[ \t]*([0-9]{1,7})([ \t]?(?:\||→|\t|:))(.*)", re.S)
_MIN_NUMBERED = 3
_TAIL = 80
_MAX_TOKENS = 20


def normalize(text: str) -> str:
    """The answer with line feeds alone, without byte order mark and without what a chat template left in it."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    text = text.removeprefix("\ufeff")
    if "<|" in text or _TURN.search(text, max(0, len(text) - _TAIL)):
        text = _without_turns(text)
    return text


def _without_turns(text: str) -> str:
    if _FINAL_CHANNEL in text:
        text = text.rsplit(_FINAL_CHANNEL, 1)[1]
    opening = _ASSISTANT.match(text)
    if opening:
        text = text[opening.end() :]
    for token in islice(_TURN.finditer(text), _MAX_TOKENS):
        # Inside of code such a token is text; it ends the answer at its end, and where another turn begins behind it.
        said, behind = text[: token.start()], text[token.end() : token.end() + 40].lstrip()
        ended = said.rstrip(" ").endswith(("```", "~~~")) or open_fence(said) is None
        if not behind or (behind.startswith("<|") and ended):
            return said
    return text


def open_fence(said: str) -> Fence | None:
    """The fence that is still open at the end of what was said."""
    opener: Fence | None = None
    for fence in find_fences(said):
        if opener is None:
            opener = fence
        elif fence.closes(opener):
            opener = None
        elif path_in_info(fence.info) and len(fence.ticks) >= len(opener.ticks):
            opener = fence
    return opener


def strip_gutter(text: str) -> str | None:
    """The text without its line numbers when every line is numbered, one by one; else None.

    Numbers with a colon make a gutter from three lines on: fewer can be meant so.
    """
    first = _GUTTER.match(text)
    if first is None:
        return None
    lines = text.removesuffix("\n").split("\n")
    if first[2].strip() == ":" and len(lines) < _MIN_NUMBERED:
        return None
    rests: list[str] = []
    for number, line in enumerate(lines, int(first[1])):
        match = _GUTTER.match(line)
        if match is None or int(match[1]) != number or match[2].strip() != first[2].strip():
            return None
        rests.append(match[3])
    if first[2] != "\t" and all(not rest or rest[0] == " " for rest in rests):
        rests = [rest[1:] for rest in rests]
    return "\n".join(rests) + ("\n" if text.endswith("\n") else "")


def skips_lines(text: str) -> bool:
    """Whether every line is numbered, but not one by one."""
    if _GUTTER.match(text) is None:
        return False
    matches = [_GUTTER.match(line) for line in text.removesuffix("\n").split("\n")]
    numbers = [int(match[1]) for match in matches if match and match[2].strip()]
    rising = all(one < other for one, other in pairwise(numbers))
    return len(numbers) == len(matches) >= _MIN_NUMBERED and rising
