"""What the deciding agents answer, step by step: the models that answers are read by, and whose schemas providers are given."""

import functools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from core.findings import ReviewScores, Severity
from core.types import AgentName, JsonObject

_SEVERITIES = ("critical", "high", "medium", "low")
_OWNERS = frozenset(AgentName)


class Answer(BaseModel):
    """An answer in JSON. Members that nobody asked for are left out rather than refused: models like to add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ClassifyAnswer(Answer):
    """orchestrator, `classify`."""

    decision: Literal["build", "refuse"]
    reason: str = Field(default="", description="one sentence for the person")
    criteria: tuple[str, ...] = Field(default=(), description="what a reviewer must look at")


class ReplyAnswer(Answer):
    """orchestrator, `reply`; `action` is narrowed to those that answer the question."""

    action: str
    message: str = ""
    budget_usd: float | None = None


def _owner(value: Any) -> Any:
    """An owner that is no agent is nobody: the file decides."""
    return value if value is None or value in _OWNERS else None


class WishedChange(Answer):
    """What one owner has to do for a person's wish."""

    owner: Annotated[AgentName | None, BeforeValidator(_owner)] = None
    file: str | None = None
    message: str = ""


class FeedbackAnswer(Answer):
    """orchestrator, `feedback`."""

    amend_contract: bool
    findings: tuple[WishedChange, ...] = ()
    cannot: str = Field(default="", description="what of the wish cannot be done, in one sentence")


def _severity(value: Any) -> Any:
    """A severity that is none of the four is a medium one."""
    return value if value in _SEVERITIES else "medium"


def _line(value: Any) -> Any:
    """A line that is no number from 1 names no place: a place that is wrong is worse than none."""
    number = int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else value
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None


class ReviewedFinding(Answer):
    """One thing that a reviewer found. A finding that is mere text is its message."""

    file: str | None = None
    line: Annotated[int | None, BeforeValidator(_line)] = None
    severity: Annotated[Severity, BeforeValidator(_severity)] = "medium"
    category: str = Field(default="", description="an OWASP id such as A03:2021, `performance` or `quality`")
    message: str = ""

    @model_validator(mode="before")
    @classmethod
    def _text_is_its_message(cls, value: Any) -> Any:
        return {"message": value} if isinstance(value, str) else value


class ReviewAnswer(Answer):
    """code_reviewer, `review`."""

    scores: ReviewScores
    summary: str = ""
    findings: tuple[ReviewedFinding, ...] = ()


class DescribeAnswer(Answer):
    """git_agent, `describe`."""

    title: str
    commit_message: str = ""
    body: str = ""


class ContractChange(Answer):
    """What has to change in plan or contract, for the planner."""

    wanted: str


def _change(value: Any) -> Any:
    """A sentence is what is wanted; words and objects that say nothing want nothing."""
    if isinstance(value, Mapping):
        value = value.get("wanted") or value.get("change") or ""
    said = value.strip() if isinstance(value, str) else ""
    return {"wanted": said} if said.lower().strip(".") not in ("", "null", "none", "no", "false") else None


class QuestionAnswer(Answer):
    """Any agent that is asked by another one, `answer_question`."""

    answer: str
    contract_change: Annotated[ContractChange | None, BeforeValidator(_change)] = None


@functools.cache
def reply_answer(allowed: tuple[str, ...]) -> type[ReplyAnswer]:
    """ReplyAnswer for a question that these actions answer."""
    actions = Literal[*allowed, "unclear"]  # type: ignore[valid-type]  # made of values that are known at run time only
    return create_model("ReplyAnswer", __base__=ReplyAnswer, action=(actions, ...))


_SCHEMAS: Mapping[str, type[Answer]] = {
    "classify": ClassifyAnswer,
    "feedback": FeedbackAnswer,
    "review": ReviewAnswer,
    "describe": DescribeAnswer,
}


def schema_of(step: str, extra: JsonObject) -> type[BaseModel]:
    """What a step of a deciding agent is answered with. `extra` holds the step's values: of `reply` the allowed actions."""
    allowed = extra.get("allowed")
    if step == "reply" and isinstance(allowed, list):
        return reply_answer(tuple(str(action) for action in allowed))
    return _SCHEMAS[step]
