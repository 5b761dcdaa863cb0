"""What people look at, and may change, of an agent: its rules with how they did, its versions, what changed it."""

from typing import Literal

from pydantic import Field

from core.identity import MAX_LINE_CHARS, Identity, RuleOrigin
from core.learning import ExperimentResult, Verdict
from core.types import AgentName, Value

WEAK_USES, WEAK_RATE = 10, 0.55
"""A rule with at least so many uses and a lower share of successes is weak."""


class RuleView(Value):
    """A rule, and how tasks went in which it was told. `rate` is of its uses; `low` and `high` Wilson's interval of 95 %.

    None where it was never used. `rule_id` is a digest of the text. `origin` is None for what came with the release.
    """

    rule_id: str
    text: str
    source: Literal["learned", "correction"]
    use_count: int
    success_count: int
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    weak: bool
    pinned: bool
    disabled: bool
    origin: RuleOrigin | None = None


class TrialView(Value):
    """A rule that is told in experiments only, until one shows that it helps."""

    rule_id: str
    text: str
    origin: RuleOrigin


class VersionView(Value):
    """One kept version. `why` says what made it, `by` whose doing it was (empty: the service's own)."""

    version: int
    saved_at: float
    why: str
    by: str = ""
    rules: int
    current: bool


class IdentitySection(Value):
    """One section of an identity in both versions: what was added and removed, line by line."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class VersionDiff(Value):
    """From `base` to `version`. `before` and `after` are the texts that prompts hold."""

    agent: AgentName
    base: int
    version: int
    sections: tuple[IdentitySection, ...] = ()
    before: str
    after: str


class RejectedRule(Value):
    """A rule that the gate did not let in, and why."""

    text: str
    reason: str


class MemoryDiff(Value):
    """One change of an identity, or an attempt at one. `interactions` are ids of the model calls behind it."""

    diff_id: str
    agent: AgentName
    ts: float
    kind: Literal["reflection", "rollback", "rule_changed", "experiment", "import"]
    dry_run: bool = False
    from_version: int
    to_version: int | None = Field(default=None, description="None when nothing was saved")
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    trials: tuple[str, ...] = Field(default=(), description="rules that came in on trial: told in experiments only")
    experiment: str = Field(default="", description="the experiment that decided, if one did")
    rejected: tuple[RejectedRule, ...] = ()
    interactions: tuple[str, ...] = ()
    why: str = ""
    by: str = ""


class MemoryDiffFilter(Value):
    agent: AgentName | None = None
    before: str | None = Field(default=None, description="cursor: the diff_id to continue below")
    limit: int = Field(default=50, ge=1, le=500)


class ExperimentView(Value):
    """An experiment that a person asked for. `result` has the figures, `verdict` what followed from them.

    `diff_id` is the memory diff that tells of it, `to_version` what it made: None where nothing was saved.
    """

    attempt_id: str
    agent: AgentName
    rule_id: str
    rule: str
    state: Literal["running", "done", "failed"]
    by: str
    from_version: int
    began_at: float
    ended_at: float | None = None
    verdict: Verdict | None = None
    result: ExperimentResult | None = None
    error: str = Field(default="", description="why there is no result")
    diff_id: str | None = None
    to_version: int | None = None


class Rollback(Value):
    """`version` is to be the current one again, as a new version; `expected_version` is the one that was looked at."""

    version: int = Field(ge=1)
    expected_version: int = Field(ge=1)


class RuleChange(Value):
    """A pinned rule is never pruned; a disabled one is kept and not told. What is None stays as it is."""

    pinned: bool | None = None
    disabled: bool | None = None
    expected_version: int = Field(ge=1)


class NewRule(Value):
    """A rule that a person puts there: a correction, told from then on."""

    text: str = Field(min_length=1, max_length=MAX_LINE_CHARS)
    why: str = Field(default="", max_length=500)
    expected_version: int = Field(ge=1)


class IdentityAnswer(Value):
    """The identity in one of its versions, with its rules and those on trial; `versions` are the kept ones."""

    identity: Identity
    rules: tuple[RuleView, ...]
    trials: tuple[TrialView, ...] = ()
    versions: tuple[int, ...]
