"""What surrounds an answer or lies on top of it: byte order mark, line ends, template tokens, a gutter of line numbers."""

import re

_TURN = re.compile(
    r"<\|(?:im_end|im_start|eot_id|end|endoftext|return|start_header_id|end_of_text)\|>|<end_of_turn>|<｜end▁of▁sentence｜>"
    r"|</s>\s*\Z"
)
_FINAL_CHANNEL = "<|channel|>final<|message|>"
_ASSISTANT = re.compile(r"\s*(?:<\|im_start\|>assistant\n|<\|start_header_id\|>assistant<\|end_header_id\|>\n*)")
_GUTTER = re.compile(r"[ \t]*([0-9]{1,7})([ \t]?(?:\||→|\t|:))(.*)", re.S)
_MIN_NUMBERED = 3
_TAIL = 80


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
    for token in _TURN.finditer(text):
        # Inside of code such a token is text: it ends the answer where the answer or another turn ends behind it.
        behind = text[token.end() : token.end() + 40].lstrip()
        if not behind or behind.startswith("<|"):
            return text[: token.start()]
    return text


def strip_gutter(text: str, *, least: int = _MIN_NUMBERED) -> str | None:
    """The text without its line numbers when every line is numbered, one by one; else None.

    `least` is how many lines make a gutter: one or two numbered lines can be meant so.
    """
    first = _GUTTER.match(text)
    if first is None:
        return None
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < least:
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
