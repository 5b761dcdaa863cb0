"""What is behind the counterpart: who answers, and what the providers' prompt caches remember."""

from collections import defaultdict
from typing import Literal, Protocol

from core.models import Message, ModelRequest
from core.types import AgentName
from llm.offline.client import OfflineModel
from tests.wire.words import Asked, Dialect, tokens

LEAST_CACHED = 1_024
"""Tokens; https://platform.claude.com/docs/en/build-with-claude/prompt-caching and OpenAI's guide on it agree."""
OPENAI_STEP = 128


class Brain(Protocol):
    async def answer(self, asked: Asked) -> tuple[str, str]:
        """The text, and why it ends: `stop` or `length`."""


class Echo:
    """Says back what it was asked last."""

    async def answer(self, asked: Asked) -> tuple[str, str]:
        text = f"You said: {asked.turns[-1].content}"
        most = asked.max_tokens * 4
        return text[:most], "length" if len(text) > most else "stop"


class Offline:
    """The project's offline model, which sees the messages and nothing else of a request."""

    def __init__(self) -> None:
        self._model = OfflineModel()

    async def answer(self, asked: Asked) -> tuple[str, str]:
        response = await self._model.complete(
            ModelRequest(
                task_id="t",
                agent=AgentName.PLANNER,
                model="offline/scaffold",
                messages=tuple(Message(role=turn.role, content=turn.content) for turn in asked.turns),
                prompt_name="unknown",
                prompt_hash="unknown",
                max_output_tokens=asked.max_tokens,
            )
        )
        return response.text, response.finish_reason


def brain(name: Literal["echo", "offline"]) -> Brain:
    return Offline() if name == "offline" else Echo()


class PromptCache:
    """Prefixes that were seen before, by model."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Dialect, str], list[str]] = defaultdict(list)

    def use(self, dialect: Dialect, asked: Asked) -> tuple[int, int]:
        """Tokens read from the cache, tokens written to it (which OpenAI neither charges nor tells)."""
        prefix, seen = asked.cached_prefix, self._seen[dialect, asked.model]
        if tokens(prefix) < LEAST_CACHED:
            return 0, 0
        if dialect == "openai":
            longest = max((_common(prefix, other) for other in seen), default=0) // 4
            seen.append(prefix)
            return (longest // OPENAI_STEP * OPENAI_STEP if longest >= LEAST_CACHED else 0), 0
        known = max((other for other in seen if prefix.startswith(other)), key=len, default="")
        seen.append(prefix)
        return tokens(known), tokens(prefix) - tokens(known)


def _common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
