"""What an agent learned: its rules with how they did, its versions, what changed it. Times are Unix seconds."""

from client.base import Model
from client.insight import Identity, RuleOrigin


class Rule(Model):
    """A rule and how tasks went in which it was told; `low` and `high` bound `rate` with 95 %. None where it never was.

    `source` is learned or correction; `origin` is None for what came with the release.
    """

    rule_id: str
    text: str
    source: str
    use_count: int
    success_count: int
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    weak: bool
    pinned: bool
    disabled: bool
    origin: RuleOrigin | None = None


class Trial(Model):
    """A rule that is told in experiments only, until one shows that it helps."""

    rule_id: str
    text: str
    origin: RuleOrigin


class Version(Model):
    """One kept version; `by` is empty where it was the service's own doing."""

    version: int
    saved_at: float
    why: str
    by: str = ""
    rules: int
    current: bool


class IdentitySection(Model):
    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class VersionDiff(Model):
    """What differs from `base` to `version`; `before` and `after` are the texts that prompts hold."""

    agent: str
    base: int
    version: int
    sections: tuple[IdentitySection, ...] = ()
    before: str
    after: str


class RejectedRule(Model):
    text: str
    reason: str


class MemoryDiff(Model):
    """A change of an identity, or an attempt; `kind` is reflection, rollback, rule_changed, experiment or import.

    `trials` came in on trial; `experiment` is the one that decided, if one did.
    """

    diff_id: str
    agent: str
    ts: float
    kind: str
    dry_run: bool = False
    from_version: int
    to_version: int | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()
    experiment: str = ""
    rejected: tuple[RejectedRule, ...] = ()
    interactions: tuple[str, ...] = ()
    why: str = ""
    by: str = ""


class ExperimentResult(Model):
    """A rule, tried on the same held-out tasks with and without it: how many findings came back in a task, in the mean.

    `difference` is how many fewer came back with it, `low` to `high` its interval of 95 %. `harms`: more came back in all.
    """

    experiment_id: str
    agent: str
    rule: str
    tasks: int
    with_rule: float
    without_rule: float
    difference: float
    low: float
    high: float
    harms: bool = False
    cost_usd: float = 0.0
    seconds: float = 0.0


class Experiment(Model):
    """An experiment that a person asked for; `state` is running, done or failed, and `error` why there is no result.

    `verdict` is promoted, dropped, kept, pruned or undecided. `diff_id` is the memory diff that tells of it, `to_version`
    what it made: None where nothing was saved.
    """

    attempt_id: str
    agent: str
    rule_id: str
    rule: str
    state: str
    by: str
    from_version: int
    began_at: float
    ended_at: float | None = None
    verdict: str | None = None
    result: ExperimentResult | None = None
    error: str = ""
    diff_id: str | None = None
    to_version: int | None = None
    memory_diffs: str

    @property
    def ended(self) -> bool:
        return self.state != "running"


class IdentityAnswer(Model):
    """The identity in one of its versions, with its rules and those on trial, and which versions are kept."""

    identity: Identity
    rules: tuple[Rule, ...]
    trials: tuple[Trial, ...] = ()
    versions: tuple[int, ...]
