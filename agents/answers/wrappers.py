"""Files in tags: `<file path="...">`, the blocks of our own prompts, `<path>` beside `<content>`."""

import re
from bisect import bisect_left
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
    for match in sorted((*_ATTRIBUTE.finditer(text), *_ELEMENTS.finditer(text)), key=lambda match: match.start()):
        line = text.rfind("\n", max(0, match.start() - 80), match.start()) + 1
        if text[max(line, match.start() - 80) : match.start()].strip() or (found and match.start() < found[-1].end):
            continue
        wrapper = _wrapper(text, match, ends)
        if wrapper is not None:
            found.append(wrapper)
    return found


def _wrapper(text: str, match: re.Match[str], ends: dict[str, list[int]]) -> Wrapper | None:
    tag = match["tag"]
    ours = tag == "block"
    if ours and 'kind="file"' not in match["behind"]:
        return None
    if match.group(0).endswith("/>"):
        return None
    closing = f"</{tag}>"
    if tag not in ends:
        ends[tag] = [
            found.start()
            for found in re.finditer(rf"^[ \t]*{re.escape(closing)}|{re.escape(closing)}[ \t]*$", text, re.M)
        ]
    at = bisect_left(ends[tag], match.end())
    if at == len(ends[tag]):
        return Wrapper(match.start(), len(text), match["path"], text[match.end() :], False)
    end = ends[tag][at]
    body = text[match.end() : end]
    end = text.index(closing, end) + len(closing)
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
