"""What a planted mistake is, and the edits that make one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.findings import Finding
from core.plan import Plan
from core.types import AgentName
from llm.offline.python_app.entities import Entity, entities

Files = dict[str, str]
Edit = Callable[[Files, Plan], Files | None]
"""The files with the mistake, or None where there is no place for it."""


@dataclass(frozen=True)
class Fault:
    """One mistake of one agent. `words` is what a finding has to say before the mistake counts as named."""

    name: str
    agent: AgentName
    edit: Edit
    words: re.Pattern[str]
    checks: frozenset[str] = frozenset()

    def applies(self, files: Mapping[str, str], plan: Plan) -> bool:
        """True when these files of `agent` have a place for the mistake."""
        return self.edit(dict(files), plan) is not None

    def inject(self, files: Files, plan: Plan) -> Files:
        """The files with the mistake, or unchanged where there is no place for it."""
        return self.edit(dict(files), plan) or files

    def named_by(self, findings: Sequence[Finding]) -> bool:
        """True when a finding says what is wrong, not merely that something is."""
        return any(
            self.words.search(finding.message) and (not self.checks or finding.check in self.checks)
            for finding in findings
        )


def fault_of(agent: AgentName, edit: Edit, words: str, *checks: str) -> Fault:
    """The mistake that `edit` makes, under the name of that function."""
    name = edit.__name__.strip("_")
    return Fault(name, agent, edit, re.compile(words, re.I), frozenset(checks))


def replaced(files: Files, path: str, *edits: tuple[str, str]) -> Files | None:
    """`files` with every edit made once; None where one of them has no place."""
    text = files.get(path, "")
    for old, new in edits:
        if old not in text:
            return None
        text = text.replace(old, new, 1)
    return {**files, path: text}


def without(files: Files, path: str, pattern: str) -> Files | None:
    """`files` without the first thing in `path` that fits `pattern`; None where nothing does."""
    text, found = re.subn(pattern, "", files.get(path, ""), count=1, flags=re.M)
    return {**files, path: text} if found else None


def first(plan: Plan, try_one: Callable[[Entity], Files | None]) -> Files | None:
    """The mistake in the first entity that has a place for it."""
    return next((found for entity in entities(plan) if (found := try_one(entity)) is not None), None)


def api_of(entity: Entity) -> str:
    return f"backend/app/api/{entity.service}.py"


def service_of(entity: Entity) -> str:
    return f"backend/app/services/{entity.service}.py"


def schemas_of(entity: Entity) -> str:
    return f"backend/app/schemas/{entity.module}.py"
