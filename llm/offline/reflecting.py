"""What the offline model answers when it reflects: the general rules that the findings of its last tasks teach."""

import json
from collections.abc import Iterable
from typing import TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from core.errors import ModelError
from core.learning import ObservedFinding, ProposedRule, ReflectionAnswer
from core.types import JsonObject, Value
from llm.offline.faults import faults_of_agent
from llm.offline.lessons import LESSONS, Lesson, covered_by, demanded_by
from llm.offline.prompt_view import PromptView

_T = TypeVar("_T")


class _StandingRule(Value):
    rule_id: str = Field(alias="id")
    text: str
    uses: int = 0
    rate: float | None = None


def reflect(prompt: PromptView) -> JsonObject:
    """A rule for every lesson that the findings teach and no standing rule says, and the standing rules that they speak against.

    What teaches no known lesson is left alone: a vague rule would do more harm than none. Raises ModelError for blocks that
    are not as the step has them.
    """
    observed = _read(prompt, "observed", list[ObservedFinding])
    standing = _read(prompt, "rules", list[_StandingRule])
    kinds = [LESSONS[fault.name] for fault in faults_of_agent(prompt.agent)]
    taught = {lesson.kind: because for lesson in kinds if (because := _teaching(lesson, observed))}
    obsolete = [rule for rule in standing if demanded_by(rule.text) & taught.keys()]
    known = {kind for rule in standing if rule not in obsolete for kind in covered_by(rule.text)}
    proposed: list[ProposedRule] = []
    for kind, because in taught.items():
        if kind not in known:
            text = LESSONS[kind].rule
            proposed.append(ProposedRule(text=text, because=tuple(because), why=_why(because, observed)))
            known |= covered_by(text)
    answer = ReflectionAnswer(rules=tuple(proposed), obsolete=tuple(rule.rule_id for rule in obsolete))
    found: JsonObject = answer.model_dump(mode="json")
    return found


def _teaching(lesson: Lesson, observed: Iterable[ObservedFinding]) -> list[str]:
    return [finding.finding_id for finding in observed if lesson.taught_by(finding.message)]


def _why(because: list[str], observed: Iterable[ObservedFinding]) -> str:
    """Which checks said so, and in how many tasks."""
    named = [finding for finding in observed if finding.finding_id in because]
    checks = ", ".join(sorted({finding.check for finding in named}))
    tasks = max(finding.tasks for finding in named)
    return f"{checks} said so in {tasks} {'task' if tasks == 1 else 'tasks'}."


def _read(prompt: PromptView, name: str, shape: type[list[_T]]) -> list[_T]:
    try:
        found: list[_T] = TypeAdapter(shape).validate_python(json.loads(prompt.text(name) or "[]"))
    except (ValueError, ValidationError) as error:
        raise ModelError(f"the offline model cannot read the block {name!r} of {prompt.agent}: {error}") from error
    return found
