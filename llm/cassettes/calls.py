"""What is kept of a call: the question without what differs from run to run, its answer or failure, and its pace."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Literal, Self

import orjson
from pydantic import Field, model_validator

from core.errors import ContentFiltered, ContextOverflow, ModelError, ModelTransientError
from core.models import FinishReason, Message, ModelRequest
from core.redaction import Redactor
from core.types import AgentName, Json, Usage, Value

TASK = "⟦task⟧"
"""Stands for the task's id in texts, which is another one in every run."""
_KINDS: Mapping[str, type[ModelError]] = {
    kind.__name__: kind for kind in (ModelError, ModelTransientError, ContentFiltered, ContextOverflow)
}


class Question(Value):
    """All of a request that makes its answer, and who asks it when. Its hash is what a replay looks for.

    Not part of it: the model, which is another one in a replay, and with it the operator's parameters; task, account
    and the version of the prompt's source, whose text is here.
    """

    agent: AgentName
    prompt_name: str
    iteration: int
    answer_format: Literal["files", "json", "text"]
    answer_schema: dict[str, Json] | None
    max_output_tokens: int
    params: dict[str, Json]
    messages: tuple[Message, ...]

    @property
    def hash(self) -> str:
        """SHA-256, hexadecimal."""
        canonical = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(canonical).hexdigest()

    @property
    def about(self) -> str:
        """`planner asks planner/plan in iteration 0`."""
        return f"{self.agent} asks {self.prompt_name} in iteration {self.iteration}"


class Answer(Value):
    text: str
    model: str = Field(description="the one that answered: a fallback is another one than was asked")
    finish_reason: FinishReason
    usage: Usage
    cost_usd: float


class Failure(Value):
    """The error that the agent got, after retries and fallback."""

    kind: Literal["ModelError", "ModelTransientError", "ContentFiltered", "ContextOverflow"]
    message: str
    fields: dict[str, Json]


class Timing(Value):
    """Seconds from the question to the end, and (seconds since the question, characters) of every piece."""

    seconds: float
    pieces: tuple[tuple[float, int], ...] = ()


class Call(Value):
    """An entry of a cassette: `answer` or `failure`. `parameters` are those that `model` was sent, of all layers."""

    question: Question
    model: str
    parameters: dict[str, Json]
    answer: Answer | None
    failure: Failure | None
    timing: Timing

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if (self.answer is None) is (self.failure is None):
            raise ValueError("a call has either an answer or a failure")
        return self


class Wording:
    """Texts of one task as a cassette has them: without secrets, and without the task's id."""

    def __init__(self, redactor: Redactor, task_id: str) -> None:
        self._redactor = redactor
        self._task_id = task_id
        self._id = re.compile(rf"(?<![A-Za-z0-9]){re.escape(task_id)}(?![A-Za-z0-9])")

    def text(self, text: str) -> str:
        return self._id.sub(TASK, self._redactor.text(text))

    def json(self, value: dict[str, Json]) -> dict[str, Json]:
        redacted = self._redactor.json(value)
        assert isinstance(redacted, dict)
        return redacted

    def messages(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(Message(role=message.role, content=self.text(message.content)) for message in messages)

    def question(self, request: ModelRequest) -> Question:
        return Question(
            agent=request.agent,
            prompt_name=request.prompt_name,
            iteration=request.iteration,
            answer_format=request.answer_format,
            answer_schema=None if request.answer_schema is None else self.json(request.answer_schema),
            max_output_tokens=request.max_output_tokens,
            params=self.json(request.params),
            messages=self.messages(request.messages),
        )

    def restored(self, text: str) -> str:
        """A recorded text, with this task's id in it."""
        return text.replace(TASK, self._task_id)

    def failure(self, error: ModelError) -> Failure:
        kind = next(base.__name__ for base in type(error).__mro__ if base.__name__ in _KINDS)
        return Failure.model_validate(
            {"kind": kind, "message": self.text(str(error)), "fields": self.json(error.fields)}
        )

    def error(self, failure: Failure) -> ModelError:
        """The recorded error, of its kind."""
        return _KINDS[failure.kind](self.restored(failure.message), **failure.fields)
