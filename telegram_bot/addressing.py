"""Which question of which task a message is about, written into its last line, so that an answer finds it without memory."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.ports import TaskCommands
from core.tasks import Interrupt, InterruptFilter
from telegram_bot.text import Line, plain

Wanted = Literal["", "feedback", "hint"]
"""What the answer to a message is, when it is not for a model to find out."""
_LAST_LINE = re.compile(r"#t_([0-9A-Za-z]{1,32})(?: #q_([0-9a-f]{10}))?(?: #(feedback|hint))?")


@dataclass(frozen=True)
class Address:
    """A task, and one of its questions by a short digest of its id; without `question` it is the task as a whole."""

    task_id: str
    question: str = ""
    wanted: Wanted = ""

    def foot(self) -> Line:
        """The last line of a message about it."""
        question = f" #q_{self.question}" if self.question else ""
        return plain(f"#t_{self.task_id}{question}{f' #{self.wanted}' if self.wanted else ''}")


def address_of(interrupt: Interrupt, wanted: Wanted = "") -> Address:
    return Address(interrupt.task_id, short_id(interrupt.interrupt_id), wanted)


def short_id(interrupt_id: str) -> str:
    """Ten hex digits: questions are told apart within one task."""
    return hashlib.sha256(interrupt_id.encode()).hexdigest()[:10]


def read_address(text: str) -> Address | None:
    """From the last line alone: everything above it may be words of models and people."""
    found = _LAST_LINE.fullmatch(text.rsplit("\n", 1)[-1].strip())
    if found is None:
        return None
    wanted: Wanted = "feedback" if found[3] == "feedback" else "hint" if found[3] == "hint" else ""
    return Address(found[1], found[2] or "", wanted)


async def find_question(commands: TaskCommands, address: Address, *, payload: bool = False) -> Interrupt | None:
    """The question itself, None when the store knows none of that name."""
    asked = await commands.interrupts(InterruptFilter(task_ids=(address.task_id,), payload=payload))
    return next((each for each in asked if short_id(each.interrupt_id) == address.question), None)


async def pending_questions(commands: TaskCommands, task_id: str | None = None) -> Sequence[Interrupt]:
    """Those that wait for an answer, oldest first and without what they show."""
    only = None if task_id is None else (task_id,)
    return await commands.interrupts(InterruptFilter(task_ids=only, status="pending", payload=False))
