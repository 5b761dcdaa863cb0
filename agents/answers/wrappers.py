"""Files in tags: `<file path="...">`, the blocks of our own prompts, `<path>` beside `<content>`."""

import re
from bisect import bisect_left
from itertools import zip_longest
from typing import NamedTuple

from core.blocks import parse_blocks

_TAGS = "file|block|code|artifact|boltAction|create_file|write_file|write_to_file|source_file|new_file"
_ATTRIBUTE = re.compile(
    rf"<(?P<tag>{_TAGS})\s(?P<before>[^>\n]{{0,200}}?)\b(?:path|filePath|file_path|filename|file|name)\s*=\s*"
    r"[\"'](?P<path>[^\"'\n]{1,240})[\"'](?P<behind>[^>\n]{0,200})>"
)
_ELEMENTS = re.compile(
    r"<(?:path|file_path|filepath|filename)>\s*(?P<path>[^<\n]{1,240}?)\s*</(?:path|file_path|filepath|filename)>\s{0,20}"
    r"<(?P<tag>content|contents|code|file_text)>"
)
_INDENT = 80
_FENCED = re.compile(r"\s*(?P<ticks>`{3,}|~{3,})[^\n]*\n(?P<body>.*?)\n?[ \t]*(?P=ticks)\s*", re.S)
_CDATA = re.compile(r"\s*<!\[CDATA\[(?P<body>.*)\]\]>\s*", re.S)


class Wrapper(NamedTuple):
    """A file in tags, with the offsets of all of it and its text; not `closed` where the end tag is missing."""

    start: int
    end: int
    path: str
    body: str
    closed: bool


def begins_wrapper(text: str, start: int, end: int) -> bool:
    """Whether a part of a text holds the first tag of a file."""
    return "<" in text[start:end] and any(tag.search(text, start, end) for tag in (_ATTRIBUTE, _ELEMENTS))


def find_wrappers(text: str) -> list[Wrapper]:
    """Every wrapped file in order. Only a tag that begins its line counts."""
    ends: dict[str, list[int]] = {}
    found: list[Wrapper] = []
    openings = [
        match for match in (*_ATTRIBUTE.finditer(text), *_ELEMENTS.finditer(text)) if _begins_line(text, match.start())
    ]
    openings.sort(key=lambda match: match.start())
    for match, following in zip_longest(openings, openings[1:]):
        if found and match.start() < found[-1].end:
            continue
        wrapper = _wrapper(text, match, following.start() if following else len(text), ends)
        if wrapper is not None:
            found.append(wrapper)
    return found


def _begins_line(text: str, at: int) -> bool:
    return not text[max(text.rfind("\n", max(0, at - _INDENT), at) + 1, at - _INDENT) : at].strip()


def _wrapper(text: str, match: re.Match[str], following: int, ends: dict[str, list[int]]) -> Wrapper | None:
    """The file behind an opening tag; not closed where there is no end tag before the next file, or more than one."""
    tag = match["tag"]
    ours = tag == "block"
    if (ours and 'kind="file"' not in match["behind"]) or match.group(0).endswith("/>"):
        return None
    closing = f"</{tag}>"
    if tag not in ends:
        line = rf"^[ \t]*{re.escape(closing)}|{re.escape(closing)}[ \t]*$"
        ends[tag] = [found.start() for found in re.finditer(line, text, re.M)]
    at = bisect_left(ends[tag], match.end())
    candidates = ends[tag][at : bisect_left(ends[tag], following)]
    if not candidates or (len(candidates) > 1 and not ours and f"<{tag}" not in text[candidates[0] : candidates[1]]):
        return Wrapper(match.start(), following, match["path"], text[match.end() : following], False)
    body = text[match.end() : candidates[0]]
    end = text.index(closing, candidates[0]) + len(closing)
    if ours:
        parsed = parse_blocks(text[match.start() : end])
        body = f"{parsed[0].text}\n" if parsed and parsed[0].text else ""
    return Wrapper(match.start(), end, match["path"], _unwrapped(body), True)


def _unwrapped(body: str) -> str:
    """What stands between the tags, without the line breaks beside them, a fence, or CDATA marks."""
    for pattern in (_CDATA, _FENCED):
        match = pattern.fullmatch(body)
        if match:
            body = match["body"]
    return body.removeprefix("\n")
