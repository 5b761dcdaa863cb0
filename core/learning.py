"""Words of learning: what an agent is asked when it reflects, and what an experiment with one of its rules showed."""

from typing import Literal

from pydantic import Field

from core.types import AgentName, Value


class ObservedFinding(Value):
    """Something that came back to an agent, over its last tasks. `finding_id` (`f1`, `f2`, ...) is what an answer names.

    `tasks` is in how many of them it came; `example` one place where it did.
    """

    finding_id: str
    check: str
    severity: str
    category: str = ""
    message: str
    tasks: int = Field(ge=1)
    example: str = ""


class ProposedRule(Value):
    """A rule as the model proposes it. `because` names findings by their ids: a rule that none supports is refused."""

    text: str
    because: tuple[str, ...] = ()
    why: str = ""


class ReflectionAnswer(Value):
    """What a model answers to the step `reflect`. `obsolete`: ids of standing rules that the findings speak against."""

    rules: tuple[ProposedRule, ...] = ()
    obsolete: tuple[str, ...] = ()


Verdict = Literal["promoted", "dropped", "kept", "pruned", "undecided"]
"""Of a rule on trial: promoted or dropped. Of a weak standing one: kept or pruned. Undecided: the budget did not suffice."""


class ExperimentResult(Value):
    """A rule, tried on the same held-out tasks with and without it.

    `with_rule` and `without_rule` are how many kinds of findings that block came back to the agent in a task, in the mean: of
    those that the rule was drawn from, or of all where it names none. `difference` is how many fewer came back with it, `low`
    and `high` its interval of 95 % over the pairs. `harms`: more came back in all, by an interval of the same kind.
    """

    experiment_id: str
    agent: AgentName
    rule: str
    tasks: int = Field(ge=0)
    with_rule: float
    without_rule: float
    difference: float
    low: float
    high: float
    harms: bool = False
    cost_usd: float = 0.0
    seconds: float = 0.0

    @property
    def helps(self) -> bool:
        return self.low > 0 and not self.harms
