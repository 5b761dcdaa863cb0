"""What came back to an agent over several tasks, gathered for its reflection. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.episodes import Episode
from core.findings import Finding
from core.learning import ObservedFinding
from core.types import AgentName

MAX_OBSERVED = 20
MAX_MESSAGE = 300
MAX_KIND = 240
MAX_INTERACTIONS = 50
_SEVERITIES = ("critical", "high", "medium", "low")
_NAMES = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\S*/\S+|\b\w+_\w+\b|\b[A-Z][a-z0-9]+[A-Z]\w*|\b[a-z]+[A-Z]\w*")
_COUNTS = re.compile(r"\b(?![1-5]\d\d\b)\d+\b")
_EXPERIMENT = re.compile(r"^experiment ([\w.-]+):")
_REFLECTION = re.compile(r"\breflection-[a-z_]+-[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Observation:
    """A finding that came back, with the tasks that it came in and the model calls of those tasks. `kind` is its `kind_of`."""

    finding: ObservedFinding
    kind: str
    tasks: tuple[str, ...]
    interactions: tuple[str, ...]


def kind_of(finding: Finding) -> str:
    """What findings of different tasks have in common: the check, the category, the message without names and counts."""
    return f"{finding.check} {finding.category}".strip() + f": {_normalised(finding.message)}"[:MAX_KIND]


def observe(episodes: Sequence[Episode]) -> tuple[Observation, ...]:
    """The findings of these episodes, each once: what came in most tasks first, then what is most severe; at most 20."""
    found: dict[str, list[tuple[Episode, Finding]]] = {}
    for episode in episodes:
        for finding in episode.findings:
            found.setdefault(kind_of(finding), []).append((episode, finding))
    order = sorted(
        found.values(),
        key=lambda group: (-len({episode.task_id for episode, _ in group}), _severity(group)),
    )
    return tuple(_observation(f"f{number}", group) for number, group in enumerate(order[:MAX_OBSERVED], 1))


def reflection_id(agent: AgentName, task_ids: Sequence[str]) -> str:
    """What a reflection on these tasks is called: its memory diff, and its calls in the logs. The same tasks, the same name."""
    digest = hashlib.sha256("\n".join(sorted(task_ids)).encode()).hexdigest()[:12]
    return f"reflection-{agent}-{digest}"


def named_reflection(why: str) -> str | None:
    """The reflection that a version says it came from."""
    found = _REFLECTION.search(why)
    return found.group() if found else None


def named_experiment(why: str) -> str:
    """The experiment that a version says it came from; empty where it says none."""
    found = _EXPERIMENT.match(why)
    return found.group(1) if found else ""


def _observation(finding_id: str, group: Sequence[tuple[Episode, Finding]]) -> Observation:
    _, first = min(group, key=lambda each: _SEVERITIES.index(each[1].severity))
    episodes = list({episode.task_id: episode for episode, _ in group}.values())
    place = first.file or ""
    shown = ObservedFinding(
        finding_id=finding_id,
        check=first.check,
        severity=first.severity,
        category=first.category,
        message=first.message[:MAX_MESSAGE],
        tasks=len(episodes),
        example=f"{place}:{first.line}" if place and first.line else place,
    )
    calls = [call for episode in episodes for call in episode.interactions]
    return Observation(
        shown, kind_of(first), tuple(episode.task_id for episode in episodes), tuple(calls[:MAX_INTERACTIONS])
    )


def _severity(group: Sequence[tuple[Episode, Finding]]) -> int:
    return min(_SEVERITIES.index(finding.severity) for _, finding in group)


def _normalised(message: str) -> str:
    """Without the names and counts of one task; statuses stay."""
    return " ".join(_COUNTS.sub("#", _NAMES.sub("…", message)).lower().split())
