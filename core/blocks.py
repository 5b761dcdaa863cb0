"""One grammar for what is put into prompts as data: `<block name="..." kind="...">` ... `</block>`.

Text of people, repositories and tools stands only inside such blocks, and cannot end its block early.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["untrusted", "document", "file"]

_GUTTER = re.compile(r"^ *([0-9]{1,7})\| (.*)$", re.S)
_BLOCK = re.compile(r'^<block name="([^"\n]*)" kind="(untrusted|document|file)">\n(.*?)\n?^</block>$', re.S | re.M)


@dataclass(frozen=True)
class Block:
    name: str
    kind: BlockKind
    text: str


def render_block(name: str, text: str, kind: BlockKind = "untrusted") -> str:
    """Return `text` fenced as a block; a line that would end the block is made harmless and restored by `parse_blocks`."""
    safe_name = re.sub(r'["\n\r<>]', "_", name)
    safe = re.sub(r"^(\\*)(</?block\b)", r"\1\\\2", text, flags=re.M)
    return f'<block name="{safe_name}" kind="{kind}">\n{safe}\n</block>'


def number_lines(text: str) -> str:
    """Put a gutter `12| ` before every line, as wide as the last number; an empty text stays empty."""
    if not text:
        return ""
    lines = text.split("\n")
    width = len(str(len(lines)))
    return "\n".join(f"{number:>{width}}| {line}" for number, line in enumerate(lines, 1))


def strip_line_numbers(text: str) -> str:
    """The text that was given to `number_lines`; a text that does not count its lines from 1 to its last comes back as it is."""
    matches = [_GUTTER.match(line) for line in text.split("\n")]
    if any(match is None or int(match[1]) != number for number, match in enumerate(matches, 1)):
        return text
    return "\n".join(match[2] for match in matches if match)


def parse_blocks(prompt: str) -> list[Block]:
    """Read every block of a prompt in order, with the text as it was given to `render_block`."""
    return [_read(found) for found in _BLOCK.finditer(prompt)]


def replace_blocks(prompt: str, change: Callable[[Block], str | None]) -> str:
    """The prompt with what `change` makes of each block in its place; where it makes None of it, the block stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        text = change(_read(found))
        return found[0] if text is None else text

    return _BLOCK.sub(replaced, prompt)


def _read(found: re.Match[str]) -> Block:
    name, kind, text = found.groups()
    return Block(name, kind, re.sub(r"^(\\*)\\(</?block\b)", r"\1\2", text, flags=re.M))  # type: ignore[arg-type]  # the pattern knows the kinds
