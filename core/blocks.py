"""One grammar for what is put into prompts as data: `<block name="..." kind="...">` ... `</block>`.

Text of people, repositories and tools stands only inside such blocks, and cannot end its block early.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["untrusted", "document", "file"]

NUMBERED = 10
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
    """Put `  <10>` behind every tenth line: enough to count from, at a tenth of the tokens of a gutter."""
    lines = text.split("\n")
    return "\n".join(f"{line}  <{number}>" if number % NUMBERED == 0 else line for number, line in enumerate(lines, 1))


def strip_line_numbers(text: str) -> str:
    """The text that was given to `number_lines`; a text whose lines are not so numbered comes back as it is."""
    lines = text.split("\n")
    marks = {number: f"  <{number}>" for number in range(NUMBERED, len(lines) + 1, NUMBERED)}
    if not all(lines[number - 1].endswith(mark) for number, mark in marks.items()):
        return text
    return "\n".join(line.removesuffix(marks.get(number, "")) for number, line in enumerate(lines, 1))


def parse_blocks(prompt: str) -> list[Block]:
    """Read every block of a prompt in order, with the text as it was given to `render_block`."""
    return [_read(found) for found in _BLOCK.finditer(prompt)]


def block_spans(text: str) -> list[tuple[int, int]]:
    """Where the blocks of a text begin and end."""
    return [found.span() for found in _BLOCK.finditer(text)]


def replace_blocks(prompt: str, change: Callable[[Block], str | None]) -> str:
    """The prompt with what `change` makes of each block in its place; where it makes None of it, the block stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        text = change(_read(found))
        return found[0] if text is None else text

    return _BLOCK.sub(replaced, prompt)


def _read(found: re.Match[str]) -> Block:
    name, kind, text = found.groups()
    return Block(name, kind, re.sub(r"^(\\*)\\(</?block\b)", r"\1\2", text, flags=re.M))  # type: ignore[arg-type]  # the pattern knows the kinds
