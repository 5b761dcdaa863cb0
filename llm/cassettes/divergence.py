"""What to say when a cassette does not hold what is asked: how it differs from the most similar call that it holds."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from llm.cassettes.calls import Question
from llm.cassettes.files import Entry

MAX_LINES, MAX_WIDTH = 60, 200
"""Of the difference that is shown; characters of each line."""
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")
_HEADING = re.compile(r"---- (system|user|assistant) ----")
MAX_COMPARED = 4_000
"""Lines from the first difference on; comparing takes their square in the worst case."""


def explain(model: str, asked: Question, recorded: Iterable[Entry]) -> str:
    """The sentence, and a bounded unified diff from the recorded prompt to the one that is asked."""
    entries = [entry for entry in recorded if entry.call.question.agent is asked.agent]
    step = [entry for entry in entries if entry.call.question.prompt_name == asked.prompt_name]
    same = [entry for entry in step if entry.call.question == asked]
    if same:
        times = f"{len(same)} times" if len(same) > 1 else "once"
        return f"{model}: {asked.about} once more than was recorded ({times}: {', '.join(map(str, same[:5]))})"
    if not step:
        names = sorted({f"{each.call.question.prompt_name} ({each.call.question.iteration})" for each in entries})
        there = (
            f"of {asked.agent} there are only (iteration) {', '.join(names)}" if names else f"nothing of {asked.agent}"
        )
        return f"{model}: {asked.about}, and nothing was recorded of that step; {there}"
    lines = describe(asked)
    nearest = max(step, key=lambda entry: _likeness(entry.call.question, asked, lines))
    shown = _difference(describe(nearest.call.question), lines)
    head = f"{model}: {asked.about} what was not recorded"
    between = f"From the most similar recorded call, {nearest}, to the one asked:"
    return "\n".join([head, between, "--- recorded", "+++ asked", *shown])


def describe(question: Question) -> list[str]:
    """A question as lines: what is asked of the answer, then the messages."""
    head = question.model_dump(mode="json", exclude={"agent", "prompt_name", "messages", "answer_schema"})
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    if question.answer_schema is not None:
        lines += ["answer_schema:", *json.dumps(question.answer_schema, ensure_ascii=False, indent=1).split("\n")]
    for message in question.messages:
        lines += [f"---- {message.role} ----", *message.content.split("\n")]
    return lines


def _likeness(recorded: Question, asked: Question, lines: Sequence[str]) -> tuple[int, bool]:
    """Lines in common, less the others; of equals the one of the same iteration."""
    mine, theirs = Counter(lines), Counter(describe(recorded))
    common = (mine & theirs).total()
    return 2 * common - mine.total() - theirs.total(), recorded.iteration == asked.iteration


def _difference(before: list[str], after: list[str]) -> list[str]:
    start = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    start = max(0, (min(len(before), len(after)) if start is None else start) - 3)
    parts = before[start : start + MAX_COMPARED], after[start : start + MAX_COMPARED]
    found = [_named(line, before, start) for line in difflib.unified_diff(*parts, lineterm="")][2:]
    shown = [line if len(line) <= MAX_WIDTH else f"{line[:MAX_WIDTH]}…" for line in found[:MAX_LINES]]
    if len(found) > MAX_LINES:
        shown.append(f"… and {len(found) - MAX_LINES} more lines")
    return shown


def _named(line: str, before: Sequence[str], start: int) -> str:
    """The head of a hunk with the message that it is in, instead of numbers that are nowhere else."""
    numbers = _HUNK.match(line)
    if numbers is None:
        return line
    first = start + max(0, int(numbers[1]) - 1)
    heading = next((n for n in range(min(first, len(before) - 1), -1, -1) if _HEADING.fullmatch(before[n])), None)
    if heading is None:
        return "@@ what is asked of the answer @@"
    return f"@@ {before[heading].strip('- ')} message, line {max(1, first - heading)} @@"
