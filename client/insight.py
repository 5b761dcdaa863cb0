"""What the agents, their models and the service are and did. Money is US dollars, prices are per million tokens."""

from typing import Any

from pydantic import Field

from client.base import Json, Model
from client.events import Usage


class AgentMetrics(Model):
    """Sums over the whole log of one agent's calls."""

    agent: str
    calls: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


class Record(Model):
    """How an agent did in the last finished tasks it worked in. `first_pass`: those in which nothing that blocks came back.

    `rate` is their share, `low` and `high` bound it with 95 %, `rounds` is the mean. None without any task.
    """

    tasks: int = 0
    first_pass: int = 0
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: float | None = None


class Agent(Model):
    """One of the agents: its model, the version of its identity, and what it did."""

    agent: str
    model: str
    identity_version: int
    rules: int
    trials: int = 0
    weak: int = 0
    record: Record = Field(default_factory=Record)
    metrics: AgentMetrics


class RuleStats(Model):
    use_count: int = 0
    success_count: int = 0


class RuleOrigin(Model):
    """Where a rule comes from: `by` is reflection or a name; ids of model calls, tasks and an experiment stand behind it.

    `kinds` are those of the findings that it was drawn from.
    """

    by: str = ""
    why: str = ""
    at: float = 0.0
    interactions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    experiment: str = ""


class TrialRule(Model):
    text: str
    origin: RuleOrigin = Field(default_factory=RuleOrigin)


class Identity(Model):
    """Who an agent is, apart from any model; `version` grows with every save."""

    agent: str
    schema_version: int = 1
    expertise: tuple[str, ...] = ()
    learned_rules: tuple[str, ...] = ()
    past_mistakes: tuple[str, ...] = ()
    correction_rules: tuple[str, ...] = ()
    code_style: tuple[str, ...] = ()
    beliefs: dict[str, str] = Field(default_factory=dict)
    rule_stats: dict[str, RuleStats] = Field(default_factory=dict)
    version: int = 1
    pinned: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    trials: tuple[TrialRule, ...] = ()
    origins: dict[str, RuleOrigin] = Field(default_factory=dict)
    saved_at: float = 0.0
    cause: str = ""
    why: str = ""
    by: str = ""


class Message(Model):
    role: str
    content: str


class Interaction(Model):
    """One call of a model: what was asked, what came back, what it cost, how it ended."""

    interaction_id: str
    ts: float
    task_id: str
    agent: str
    iteration: int
    model: str
    prompt_name: str
    prompt_hash: str
    prompt_version: str = ""
    identity_version: int = 0
    messages: tuple[Message, ...]
    response: str = ""
    finish_reason: str = "stop"
    usage: Usage = Field(default_factory=Usage)
    cost_usd: float = 0.0
    seconds: float = 0.0
    success: bool = True
    error: str = ""


class LongRates(Model):
    """What a call costs as a whole when its input is longer than `tokens`."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    tokens: int


class Price(Model):
    """`per_call` is for each call, whatever its size."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    per_call: float = 0.0
    long: LongRates | None = None


class ModelFacts(Model):
    """One model: who provides it, whether its key is there (`set`, `missing`, `not needed`, `unknown`), its price."""

    model: str
    provider: str | None = None
    key: str
    key_variable: str | None = None
    price: Price | None = None


class AgentModel(Model):
    """Which model an agent has, what named it (`source`), and which is asked next."""

    agent: str
    model: str
    source: str
    fallback: str | None = None
    parameters: dict[str, Json] = Field(default_factory=dict)


class ModelSetup(Model):
    """`unknown_price` says what becomes of calls of models without a price: ask, deny or upper_bound (at `dearest`)."""

    agents: tuple[AgentModel, ...]
    models: tuple[ModelFacts, ...]
    unknown_price: str
    dearest: Price


class ModelCheck(Model):
    """What came of asking one model."""

    model: str
    ok: bool
    detail: str
    cost_usd: float = 0.0
    seconds: float = 0.0


class ModelChecks(Model):
    checks: tuple[ModelCheck, ...]
    cost_usd: float
    cap_usd: float


class DaySpend(Model):
    """What a day (or one caller of it) has cost; `ends_at` is when the next one opens. A cap of None is none."""

    cap_usd: float | None = None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    overrun_usd: float = 0.0
    day: str
    ends_at: float
    caller: str | None = None


class BudgetOfToday(Model):
    day: DaySpend
    callers: tuple[DaySpend, ...] = ()


class Accuracy(Model):
    """`median_ratio` is the actual over the expected, `inside` the share within the range."""

    tasks: int = 0
    median_ratio: float | None = None
    inside: float | None = None


class ForecastRecord(Model):
    usd: Accuracy
    tokens: Accuracy


class Stats(Model):
    """Tasks by status, calls and cost by agent, today's budget, and how forecasts came true."""

    tasks: dict[str, int]
    agents: tuple[AgentMetrics, ...]
    total_cost_usd: float
    budget: BudgetOfToday
    forecasts: ForecastRecord


class Workflow(Model):
    """What can be submitted; `options_schema` is the JSON Schema of its options."""

    name: str
    version: str
    title: str
    options_schema: dict[str, Any]


class Health(Model):
    """`status` is ok or no_room (the disk is nearly full). All but that and `version` only with the key."""

    status: str = "ok"
    version: str
    uptime_s: float | None = None
    offline: bool | None = None
    models: dict[str, str] | None = None
    sandbox: dict[str, Json] | None = None
    disk_free_mb: int | None = None
    telegram: str | None = None
    config: dict[str, Json] | None = None
