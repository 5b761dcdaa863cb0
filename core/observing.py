"""What came back to an agent over several tasks, gathered for its reflection. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.episodes import Episode
from core.finding_kinds import kind_of
from core.findings import Finding
from core.learning import ObservedFinding
from core.types import AgentName

MAX_OBSERVED = 20
MAX_MESSAGE = 300
MAX_INTERACTIONS = 50
_SEVERITIES = ("critical", "high", "medium", "low")
_EXPERIMENT = re.compile(r"^experiment ([\w.-]+):")
_REFLECTION = re.compile(r"\breflection-[a-z_]+-[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Observation:
    """A finding that came back, with the tasks that it came in and the model calls of those tasks. `kind` is its `kind_of`."""

    finding: ObservedFinding
    kind: str
    tasks: tuple[str, ...]
    interactions: tuple[str, ...]


def observe(episodes: Sequence[Episode]) -> tuple[Observation, ...]:
    """The findings of these episodes, each once: what came in most tasks first, then what is most severe; at most 20."""
    found: dict[str, list[tuple[Episode, Finding]]] = {}
    for episode in episodes:
        for finding in episode.findings:
            found.setdefault(kind_of(finding, episode.sentence), []).append((episode, finding))
    order = sorted(
        found.items(),
        key=lambda each: (-len({episode.task_id for episode, _ in each[1]}), _severity(each[1])),
    )
    return tuple(_observation(f"f{number}", *each) for number, each in enumerate(order[:MAX_OBSERVED], 1))


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


def _observation(finding_id: str, kind: str, group: Sequence[tuple[Episode, Finding]]) -> Observation:
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
    return Observation(shown, kind, tuple(episode.task_id for episode in episodes), tuple(calls[:MAX_INTERACTIONS]))


def _severity(group: Sequence[tuple[Episode, Finding]]) -> int:
    return min(_SEVERITIES.index(finding.severity) for _, finding in group)
