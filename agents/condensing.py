"""Makes a conversation shorter by rules, without a model: first what is out of date goes, then files are shown in excerpts.

The system message, and of the first turn everything but files that were written anew since, stay byte for byte as they
are, so that a provider's prompt cache goes on paying.
"""

import json
import re
from collections.abc import Callable, Sequence

from core.blocks import Block, number_lines, render_block, replace_blocks, strip_line_numbers
from core.models import Message

AROUND = (60, 20, 6)
"""Lines that an excerpt shows on either side of a finding, from the most to the least."""
_TAIL = 6_000
"""Characters of the last answer that are kept when it is to be continued or repaired."""
_STEP = re.compile(r"^Step: (\w+)$", re.M)
_FILE = re.compile(
    r"^(?P<ticks>`{3,})(?P<kind>[^\n`]*?)\bpath=(?P<path>[^\s`]+)[^\n]*\n.*?^(?P=ticks)`*[ \t]*$", re.M | re.S
)
"""A file in an answer, in the form that agents are asked for."""
_PARTS = frozenset({"edit", "delete"})
Fits = Callable[[Sequence[Message]], bool]
Messages = tuple[Message, ...]


def characters(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)


def without_outdated(messages: Sequence[Message]) -> Messages:
    """Without what a later turn has made void; what is left of it is a mention.

    Void are a file's text when a later turn holds it whole, an answer that was given anew, and findings between the first
    turn (the task itself) and the last one (what is open). The newest text of each file stays whole.
    """
    first, last = _turns(messages)
    newer: set[str] = set()
    made: list[Message] = []
    for number in range(len(messages) - 1, -1, -1):
        message = messages[number]
        if message.role == "assistant":
            answered = any(later.role == "assistant" for later in messages[number + 1 :])
            void = answered and _step(messages, number + 1) == "repair"
            text = "(An answer stood here that could not be used.)" if void else _without_files(message.content, newer)
        elif message.role == "user":
            text = _without_blocks(message.content, newer, between=first < number < last)
        else:
            text = message.content
        made.append(Message(role=message.role, content=text))
    return tuple(reversed(made))


def in_excerpts(messages: Sequence[Message], fits: Fits) -> Messages:
    """Files as the lines around what was found in them, with their numbers; the most lines with which it `fits`.

    The least, if none fits. Only where there are findings to repair: who has to read everything cannot do with less.
    """
    current = without_outdated(messages)
    places = _places(current)
    if not places:
        return current
    shorter = _without_answers(current)
    for around in AROUND:
        made = tuple(
            message.model_copy(update={"content": _with_excerpts(message.content, places, around)})
            if message.role == "user"
            else message
            for message in shorter
        )
        if fits(made):
            break
    return made


def _turns(messages: Sequence[Message]) -> tuple[int, int]:
    """Where the first and the last message to the model stand."""
    asked = [number for number, message in enumerate(messages) if message.role == "user"] or [0]
    return asked[0], asked[-1]


def _step(messages: Sequence[Message], number: int) -> str:
    """The step that a message asks for."""
    text = messages[number].content if number < len(messages) and messages[number].role == "user" else ""
    found = _STEP.findall(text)
    return found[-1] if found else ""


def _without_files(answer: str, newer: set[str]) -> str:
    """An answer without the files of which a newer text follows; the others are added to `newer`."""
    whole: set[str] = set()

    def shown(found: re.Match[str]) -> str:
        path, kind = found["path"], found["kind"].split()
        if path in newer:
            return f"({path}: its newer text stands below.)"
        if not kind or kind[0] not in _PARTS:
            whole.add(path)
        return found[0]

    text = _FILE.sub(shown, answer)
    newer |= whole
    return text


def _without_blocks(text: str, newer: set[str], *, between: bool) -> str:
    whole: set[str] = set()

    def shown(block: Block) -> str | None:
        if block.kind == "file":
            if block.name in newer:
                return f"({block.name}: its newer text stands below.)"
            whole.add(block.name)
        elif between and block.name in ("findings", "problem"):
            return "(This was answered; what is still open stands below.)"
        return None

    made = replace_blocks(text, shown)
    newer |= whole
    return made


def _without_answers(messages: Sequence[Message]) -> Messages:
    """Answers as a mention of their files; of the one that is to be continued or repaired its end is kept."""
    last = len(messages) - 1
    keeps = last - 1 if _step(messages, last) in ("continue", "repair") else -1
    return tuple(
        message
        if message.role != "assistant"
        else message.model_copy(update={"content": _mention(message.content, number == keeps)})
        for number, message in enumerate(messages)
    )


def _mention(answer: str, keep_end: bool) -> str:
    if keep_end:
        return answer if len(answer) <= _TAIL else f"(The beginning of this answer is left out.)\n{answer[-_TAIL:]}"
    paths = list(dict.fromkeys(found["path"] for found in _FILE.finditer(answer)))
    return f"(An answer stood here, with {', '.join(paths)}.)" if paths else "(An answer stood here, without files.)"


def _places(messages: Sequence[Message]) -> dict[str, set[int]]:
    """The files that findings name, with the lines where they name any."""
    found: dict[str, set[int]] = {}

    def read(block: Block) -> None:
        if block.name != "findings":
            return
        for entry in _entries(block.text):
            file, line = entry.get("file"), entry.get("line")
            if isinstance(file, str):
                found.setdefault(file, set()).update([line] if isinstance(line, int) else [])

    for message in messages:
        if message.role == "user":
            replace_blocks(message.content, read)
    return found


def _entries(text: str) -> list[dict[str, object]]:
    try:
        raw = json.loads(text)
    except ValueError:
        return []
    return [entry for entry in raw if isinstance(entry, dict)] if isinstance(raw, list) else []


def _with_excerpts(text: str, places: dict[str, set[int]], around: int) -> str:
    def shown(block: Block) -> str | None:
        if block.kind != "file":
            return None
        lines = strip_line_numbers(block.text).split("\n")
        if block.name not in places:
            return f"({block.name} is left out for want of room. It stays as it is unless you write it whole.)"
        named = {line for line in places[block.name] if line <= len(lines)} or {1}
        kept = sorted(
            {near for line in named for near in range(line - around, line + around + 1) if 0 < near <= len(lines)}
        )
        if len(kept) == len(lines):
            return None
        numbered = number_lines("\n".join(lines)).split("\n")
        ranges = _ranges(kept)
        told = ", ".join(f"{start} to {end}" for start, end in ranges)
        body = "\n…\n".join("\n".join(numbered[start - 1 : end]) for start, end in ranges)
        head = f"(Of {block.name} lines {told} of {len(lines)} follow, every tenth with its number. Change it by edits alone.)"
        return f"{head}\n{render_block(block.name, body, 'file')}"

    return replace_blocks(text, shown)


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers that follow on each other as (first, last)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
