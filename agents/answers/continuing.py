"""Joins an answer that was cut off with what the model said next, though it repeats itself or opens its fence again."""

import re

from agents.answers.cleaning import open_fence
from agents.answers.errors import AnswerError
from agents.answers.landmarks import Fence, find_fences, line_at
from agents.answers.paths import path_in_info
from agents.answers.reasoning import without_leading_reasoning

_REACH = 4_000
"""Characters at the seam within which a repetition is looked for."""
_DISTINCT = 12
"""Signs from which on a repetition is no chance: a brace on a line of its own is."""
_SHORT = 5
"""Signs of a begun line from which on it is no chance that the continuation begins with all of it."""
_BEGINNING = 80
"""Characters in which a text that is begun anew agrees with the one that was cut off."""
_LINE_ENDS = (";", "{", "}", ")", "]", ",", ":", ">")
_INTRO = re.compile(r"\s*(?:[^\n{}<>=]{0,160}[:.…]\s*\n\s*)?(?=(?:`{3,}|~{3,}))")
_WORDS = re.compile(
    r"\s*(?:sure|certainly|of course|here is|here's|continuing|continued|continue|i'll continue|let me continue|\.\.\.|…)"
    r"[^\n]{0,160}\n+",
    re.IGNORECASE,
)


def continued(said: str, more: str) -> str:
    """One answer of both parts. What is repeated at the seam stands in it once; an answer begun anew takes the old one's place.

    Raises AnswerError when a new fence hides whether the continuation goes on in the line that was cut off or below it.
    """
    rest = without_leading_reasoning(more)
    if _begins_alike(said, rest):
        return rest
    opener = open_fence(said)
    begin = opener.end + 1 if opener else 0
    behind = _behind_intro(rest, opener, said)
    rest = rest[behind:]
    if behind and _begins_alike(said[begin:], rest):
        return said[:begin] + rest
    joined = _without_repetition(said, rest)
    if joined is not None:
        return joined
    return said + rest if rest == more else _at_new_line(said, rest)


def _in_json(said: str) -> bool:
    """Whether all of it is JSON, bare or in a fence: white space at a seam means nothing there, or stands in a string."""
    return said.lstrip("`~jsonc5 \n").startswith(("{", "["))


def _behind_intro(more: str, opener: Fence | None, said: str) -> int:
    """Offset behind words and a fence that open again what is open already; 0 where the continuation begins at once."""
    if opener is None and not _in_json(said):
        return 0
    intro = _INTRO.match(more)
    first = find_fences(line_at(more, intro.end())) if intro else []
    if intro is None or not first or not first[0].info:
        words = _WORDS.match(more)
        return words.end() if words else 0
    path, open_path = path_in_info(first[0].info), path_in_info(opener.info) if opener else None
    another = path != open_path if path else opener is not None and _language(first[0]) != _language(opener)
    return 0 if another else min(len(more), intro.end() + first[0].end + 1)


def _language(fence: Fence) -> str:
    return fence.info.split(maxsplit=1)[0].split(":", 1)[0].lower() if fence.info else ""


def _begins_alike(text: str, more: str) -> bool:
    """Whether a continuation writes a text anew from its beginning."""
    head = text.lstrip()[:_BEGINNING]
    return len("".join(head.split())) >= _DISTINCT and more.lstrip().startswith(head)


def _without_repetition(said: str, more: str) -> str | None:
    """Both, without the longest end of what was said that the continuation repeats; None where it repeats nothing."""
    tail_at = max(0, len(said) - _REACH)
    tail, head = said[tail_at:], more.lstrip("\n")
    key = head[:_DISTINCT]
    at = tail.find(key) if key.strip() else -1
    while at >= 0:
        repeated = tail[at:]
        if head.startswith(repeated) and len("".join(repeated.split())) >= _DISTINCT:
            return said[: tail_at + at] + head
        at = tail.find(key, at + 1)
    return _without_begun_line(said, head)


def _without_begun_line(said: str, head: str) -> str | None:
    """The same for a line that was only begun, however short: the continuation begins with it, indentation and all."""
    begun = said[said.rfind("\n") + 1 :]
    if len(begun.strip()) < _SHORT or not head.startswith(begun) or begun.strip() in _LINE_ENDS:
        return None
    return said[: len(said) - len(begun)] + head


def _at_new_line(said: str, more: str) -> str:
    """Behind thinking, words or a fence a continuation begins a line: right where the one before is ended."""
    more = more.lstrip("\n")
    last = said[said.rfind("\n") + 1 :]
    if not last or _in_json(said):
        return said + more
    if last.rstrip().endswith(_LINE_ENDS) and last.count('"') % 2 == 0 and last.count("'") % 2 == 0:
        return f"{said}\n{more}"
    raise AnswerError(
        f"the answer was cut off in the line {last[-80:]!r}, and the continuation does not say whether it goes on in that line "
        "or below it"
    )
