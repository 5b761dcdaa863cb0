"""A model that answers what a test tells it to: a whole ModelClient, not a mock."""

import asyncio
from collections.abc import Sequence

from core.models import Message, ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import AgentName, Usage

Step = str | BaseException


class ScriptedClient:
    """Gives the steps in order, the last one for ever: a string is answered, an exception raised.

    `pieces` is how many deltas an answer comes in, `pause_s` the time before each; a failure comes after
    `pieces_before_failure` of them.
    """

    def __init__(
        self,
        *steps: Step,
        usage: Usage | None = None,
        pieces: int = 2,
        pause_s: float = 0,
        pieces_before_failure: int = 0,
    ) -> None:
        self._steps: Sequence[Step] = steps or ("An answer",)
        self._usage = usage or Usage(input_tokens=100, output_tokens=10)
        self._pieces, self._pause_s = pieces, pause_s
        self._pieces_before_failure = pieces_before_failure
        self.requests: list[ModelRequest] = []
        self.closed = 0

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        step = self._steps[min(len(self.requests), len(self._steps) - 1)]
        self.requests.append(request)
        text = step if isinstance(step, str) else "failing " * 8
        count = self._pieces if isinstance(step, str) else self._pieces_before_failure
        size = max(1, -(-len(text) // max(1, self._pieces)))
        for start in range(0, count * size, size):
            await asyncio.sleep(self._pause_s)
            if on_delta is not None:
                on_delta(text[start : start + size])
        if isinstance(step, BaseException):
            raise step
        return ModelResponse(text=text, model=request.model, usage=self._usage)

    async def close(self) -> None:
        self.closed += 1


def a_request(text: str = "Plan a todo list", **changes: object) -> ModelRequest:
    fields: dict[str, object] = {
        "task_id": "t1",
        "agent": AgentName.PLANNER,
        "model": "claude-sonnet-4-6",
        "messages": (Message(role="system", content="You plan."), Message(role="user", content=text)),
        "prompt_name": "planner/plan",
        "prompt_hash": "h",
        "max_output_tokens": 1_000,
    }
    return ModelRequest.model_validate(fields | changes)
