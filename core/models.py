"""Words of a model call: what is asked, what comes back."""

from typing import Literal

from pydantic import Field

from core.types import AgentName, Json, Usage, Value

FinishReason = Literal["stop", "length", "content_filter"]


class Message(Value):
    role: Literal["system", "user", "assistant"]
    content: str


class ModelRequest(Value):
    """One call. `messages` is all that a model sees; the rest is for the wrappers around it (who pays, what is logged)."""

    task_id: str
    account: str | None = Field(default=None, description="ledger account that pays; the task's own when None")
    agent: AgentName
    model: str
    messages: tuple[Message, ...] = Field(min_length=1)
    breakpoints: tuple[int, ...] = Field(
        default=(), description="characters of the first user message up to which other calls begin alike, in order"
    )
    answer_format: Literal["files", "json", "text"] = "text"
    answer_schema: dict[str, Json] | None = Field(
        default=None, description="JSON Schema of a json answer, for providers that can be held to one"
    )
    prompt_name: str
    prompt_hash: str
    identity_version: int = Field(default=0, ge=0, description="of the agent's identity in the messages; 0 without one")
    iteration: int = Field(default=0, ge=0)
    max_output_tokens: int = Field(default=16_000, ge=1)
    params: dict[str, Json] = Field(default_factory=dict)


class ModelResponse(Value):
    """`cost_usd` is filled by the metered wrapper, `call_id` by the recording one; `model` is the one that really answered."""

    text: str
    model: str
    finish_reason: FinishReason = "stop"
    usage: Usage = Usage()
    cost_usd: float = Field(default=0.0, ge=0)
    call_id: str = ""


class Interaction(Value):
    """One logged model call, whole: what was asked, what came back, what it cost, how it ended."""

    interaction_id: str
    ts: float = Field(description="Unix time, seconds")
    task_id: str
    agent: AgentName
    iteration: int
    model: str
    prompt_name: str
    prompt_hash: str
    prompt_version: str = Field(default="", description="hash of the prompt's source")
    identity_version: int = Field(
        default=0, ge=0, description="of the agent's identity that was told; 0 where none was"
    )
    messages: tuple[Message, ...]
    response: str = ""
    finish_reason: FinishReason = "stop"
    usage: Usage = Usage()
    cost_usd: float = 0.0
    seconds: float = 0.0
    success: bool = True
    error: str = ""


class CallFigures(Value):
    """A logged model call without its texts; `ended_at` is Unix time."""

    call_id: str
    ended_at: float
    agent: AgentName
    iteration: int
    model: str
    identity_version: int = Field(default=0, ge=0, description="that was told; 0 where none was")
    usage: Usage
    cost_usd: float
    seconds: float
    success: bool


class InteractionFilter(Value):
    task_id: str | None = None
    agent: AgentName | None = None
    model: str | None = None
    success: bool | None = None
    before: str | None = Field(default=None, description="cursor: the interaction_id to continue below")
    limit: int = Field(default=50, ge=1, le=500)


class InteractionSearch(InteractionFilter):
    """`since` and `until` are Unix times: calls that ended from `since` on and before `until`."""

    text: str = Field(default="", description="only calls with this in prompt or answer, A to Z in either case")
    since: float | None = None
    until: float | None = None


class InteractionPage(Value):
    """`next` is the `before` of the following page; None at the end. With it there may be fewer items than wanted."""

    items: tuple[Interaction, ...]
    next: str | None = None


class AgentMetrics(Value):
    """Aggregates of one agent over the whole log."""

    agent: AgentName
    calls: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


class CallTotals(Value):
    """Sums over all logged calls of one agent to one model that ended alike."""

    agent: AgentName
    model: str
    success: bool
    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float
    seconds: float


class TaskUsage(Value):
    """Sums over the successful calls of one agent to one model in one task."""

    task_id: str
    agent: AgentName
    model: str
    calls: int
    usage: Usage
