"""Which calls of a recorded task a replayed one did not make."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from core.models import Interaction, Message
from core.redaction import Redactor
from core.types import AgentName
from llm.cassettes.calls import Wording
from llm.cassettes.files import Entry

SHOWN = 5
Asked: TypeAlias = tuple[AgentName, str, int, tuple[Message, ...]]


def describe_unasked(recorded: Iterable[Entry], calls: Iterable[Interaction], redactor: Redactor) -> str:
    """`2 of 17 recorded calls were not asked for: ...`, of the recorded task that has most in common with `calls`.

    Empty when all were asked for, or none.
    """
    asked = Counter(_key_of_call(call, redactor) for call in calls)
    by_task: dict[str, list[Entry]] = defaultdict(list)
    for entry in recorded:
        by_task[entry.task].append(entry)
    candidates = [(entries, unasked(entries, asked)) for entries in by_task.values()]
    entries, left = max(candidates, key=lambda pair: len(pair[0]) - len(pair[1]), default=([], []))
    if not left or len(left) == len(entries):
        return ""
    names = [f"{each.call.question.prompt_name} in iteration {each.call.question.iteration}" for each in left[:SHOWN]]
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    return f"{len(left)} of {len(entries)} recorded calls were not asked for: {', '.join(names)}{more}"


def unasked(entries: Sequence[Entry], asked: Counter[Asked]) -> list[Entry]:
    """The entries that are left when each call has taken one that is like it."""
    remaining, left = asked.copy(), []
    for entry in entries:
        question = entry.call.question
        key = question.agent, question.prompt_name, question.iteration, question.messages
        if remaining[key] > 0:
            remaining[key] -= 1
        else:
            left.append(entry)
    return left


def _key_of_call(call: Interaction, redactor: Redactor) -> Asked:
    return call.agent, call.prompt_name, call.iteration, Wording(redactor, call.task_id).messages(call.messages)
