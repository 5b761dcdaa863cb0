"""Logged calls as examples to learn from: which are taken, what each says, and which of them are for validation."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.episodes import Episode
from core.finetuning import FinetuneRequest, document_of, estimate_tokens, problem_with
from core.models import Interaction, Message
from core.redaction import Redactor
from core.types import AgentName, TaskStatus

LeftOut = Literal[
    "cut off", "continuation", "empty", "task not finished", "other outcome", "could not be read", "identity not kept",
    "duplicate", "near duplicate", "too long", "not of the format",
]  # fmt: skip
_CHANGING = re.compile(r"[0-9a-f]{8,}|[0-9]+")
"""Ids and numbers: texts that differ in these, in case and in spaces alone are near duplicates."""


@dataclass(frozen=True)
class Example:
    """One line of a file."""

    line: str
    validation: bool
    tokens: int


class Selection:
    """Takes calls newest first: whether an answer could be read is known by the call that asked for its repair.

    Memory grows by 16 bytes and a set's place for each different example, and nothing else.
    """

    def __init__(
        self, wanted: FinetuneRequest, redactor: Redactor, identities: Mapping[tuple[AgentName, int], str]
    ) -> None:
        """`identities` are the texts of kept versions, as prompts hold them."""
        self._wanted = wanted
        self._redactor = redactor
        self._identities = identities
        self._seen: set[bytes] = set()
        self._nearly: set[bytes] = set()
        self._repaired: set[bytes] = set()
        self.read = 0
        self.left_out: Counter[LeftOut] = Counter()

    def take(self, calls: Sequence[tuple[Interaction, Episode | None]]) -> list[Example]:
        """Those of successful calls, each with its agent's episode in its task, that are to be learned from."""
        examples = []
        for call, episode in calls:
            self.read += 1
            found = self._judge(call, episode)
            if isinstance(found, Example):
                examples.append(found)
            else:
                self.left_out[found] += 1
        return examples

    def _judge(self, call: Interaction, episode: Episode | None) -> Example | LeftOut:
        if call.prompt_name.endswith("/repair"):
            self._repaired.add(_digest(call.messages[:-1]))
        answer = Message(role="assistant", content=call.response)
        if call.finish_reason != "stop":
            return "cut off"
        if call.prompt_name.endswith("/continue"):
            return "continuation"
        if not call.response.strip():
            return "empty"
        if reason := self._outcome(episode):
            return reason
        if _digest((*call.messages, answer)) in self._repaired:
            return "could not be read"
        messages = self._told(call)
        return "identity not kept" if messages is None else self._write(call.task_id, (*messages, answer))

    def _outcome(self, episode: Episode | None) -> LeftOut | None:
        if self._wanted.outcome == "all":
            return None
        if episode is None:
            return "task not finished"
        good = episode.succeeded if self._wanted.outcome == "clean" else episode.status is TaskStatus.COMPLETED
        return None if good else "other outcome"

    def _told(self, call: Interaction) -> tuple[Message, ...] | None:
        """What was asked, without the identity if that is wanted; None where it cannot be told from the rest."""
        if self._wanted.identity or call.identity_version == 0:
            return call.messages
        text = self._identities.get((call.agent, call.identity_version))
        system = call.messages[0]
        if text is None or system.role != "system" or text not in system.content:
            return None
        kept = re.sub(r"\n{3,}", "\n\n", system.content.replace(text, "", 1)) if text else system.content
        return (Message(role="system", content=kept), *call.messages[1:])

    def _write(self, task_id: str, messages: tuple[Message, ...]) -> Example | LeftOut:
        shown = [Message(role=each.role, content=self._redactor.text(each.content)) for each in messages]
        if sum(len(each.content) for each in shown) > self._wanted.max_chars:
            return "too long"
        document = document_of(self._wanted.format, shown)
        if problem_with(self._wanted.format, document):
            return "not of the format"
        if not _is_new(self._seen, _digest(shown)):
            return "duplicate"
        if not _is_new(self._nearly, _digest(_normalised(shown))):
            return "near duplicate"
        line = json.dumps(document, ensure_ascii=False)
        return Example(line, self._is_validation(task_id), estimate_tokens(document))

    def _is_validation(self, task_id: str) -> bool:
        """By the task alone, so that no task is in both files."""
        digest = hashlib.sha256(f"{self._wanted.seed}:{task_id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") < self._wanted.split * 2**64


def _normalised(messages: Sequence[Message]) -> list[Message]:
    """The last question and its answer, without what changes from one task to another alike."""
    return [
        Message(role=each.role, content=_CHANGING.sub("0", " ".join(each.content.lower().split())))
        for each in messages[-2:]
    ]


def _is_new(seen: set[bytes], digest: bytes) -> bool:
    before = len(seen)
    seen.add(digest)
    return len(seen) > before


def _digest(messages: Sequence[Message]) -> bytes:
    sums = hashlib.blake2b(digest_size=16)
    for each in messages:
        body = each.content.encode("utf-8", "surrogatepass")
        sums.update(f"{each.role}:{len(body)}:".encode())
        sums.update(body)
    return sums.digest()
