"""What the apprentice would learn of 60 tasks, if every mistake had a place in each and were found as it was found for real.

No build: the mistakes of first attempts, what checks said of each of them, and the offline model's own reflection.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.blocks import Block
from core.learning import ObservedFinding, ReflectionAnswer
from core.offline_models import ApprenticeOptions
from core.types import AgentName
from llm.offline.makers import Apprentice
from llm.offline.poison import POISON
from llm.offline.prompt_view import PromptView
from llm.offline.reflecting import reflect
from tests.workflows.fault_findings import recorded

TASKS, INTERVAL, PART = 60, 3, 20
MAKERS = {AgentName.BACKEND: "build", AgentName.DATABASE: "build", AgentName.QA: "tests"}
NOBODY: Mapping[AgentName, Sequence[str]] = {}
FOUND = recorded()


@dataclass
class Learner:
    """One agent over many tasks."""

    agent: AgentName
    rules: list[str]
    seen: dict[str, int] = field(default_factory=dict)

    def work(self, apprentice: Apprentice, task: str) -> int:
        """How many mistakes its first attempt has."""
        blocks = (Block("task", "untrusted", task),)
        made = apprentice.first(PromptView(self.agent, MAKERS[self.agent], blocks, rules=tuple(self.rules)))
        for fault in made:
            self.seen[fault.name] = self.seen.get(fault.name, 0) + 1
        return len(made)

    def reflect(self) -> None:
        observed = [
            ObservedFinding(
                finding_id=f"f{number}", check=one.check, severity=one.severity, message=one.message, tasks=times
            )
            for number, (name, times) in enumerate(self.seen.items(), 1)
            for one in FOUND[name][:1]
        ]
        standing = [{"id": str(number), "text": rule} for number, rule in enumerate(self.rules)]
        shown = json.dumps([one.model_dump() for one in observed])
        blocks = (Block("observed", "untrusted", shown), Block("rules", "document", json.dumps(standing)))
        answer = ReflectionAnswer.model_validate(reflect(PromptView(self.agent, "reflect", blocks)))
        kept = [rule for number, rule in enumerate(self.rules) if str(number) not in answer.obsolete]
        self.rules = [*kept, *(rule.text for rule in answer.rules)]
        self.seen.clear()


def curve(seed: int, *, learns: bool = True, planted: Mapping[AgentName, Sequence[str]] = NOBODY) -> list[int]:
    """Mistakes in the first attempts of each task."""
    apprentice = Apprentice(ApprenticeOptions(seed))
    learners = [Learner(agent, list(planted.get(agent, ()))) for agent in MAKERS]
    made = []
    for number in range(1, TASKS + 1):
        made.append(sum(learner.work(apprentice, f"Task {number}") for learner in learners))
        if learns and number % INTERVAL == 0:
            for learner in learners:
                learner.reflect()
    return made


def passed(made: Sequence[int]) -> float:
    return made.count(0) / len(made)


def test_with_reflection_at_least_twice_as_many_tasks_pass_at_once() -> None:
    for seed in range(5):
        made = curve(seed)
        assert passed(made[-PART:]) >= max(0.9, 2 * passed(made[:PART])), made


def test_without_reflection_nothing_changes() -> None:
    for seed in range(5):
        made = curve(seed, learns=False)
        assert abs(passed(made[-PART:]) - passed(made[:PART])) <= 0.2, made
        assert sum(made[-PART:]) > 0.6 * sum(made[:PART]), made


def test_five_wrong_rules_are_gone_and_forgotten_within_thirty_tasks() -> None:
    for seed in range(5):
        clean, poisoned = curve(seed), curve(seed, planted=POISON)
        assert poisoned[0] > clean[0]
        assert min(poisoned[:INTERVAL]) >= 5, "they are obeyed in every task until the first reflection"
        assert sum(poisoned[30:]) <= sum(clean[30:]) + 2
