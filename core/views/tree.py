"""The files of a task at one of its versions beside another one, and who wrote them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from core.events import AgentStarted, Artifact, StoredEvent
from core.task_views import TaskTree, TreeFile, TreeVersion
from core.types import AgentName
from core.workspaces import FileChange

TYPES = ("agent.started", "artifact")
"""The events that versions and writers are made of."""


def versions(events: Iterable[StoredEvent]) -> tuple[TreeVersion, ...]:
    """The last commit of each round, oldest first; its title names who wrote in the round."""
    found: dict[int, TreeVersion] = {}
    wrote: dict[int, dict[AgentName, None]] = {}
    iteration = 0
    for stored in events:
        match stored.event:
            case AgentStarted() as event:
                iteration = event.iteration
            case Artifact() as event:
                names = wrote.setdefault(iteration, {})
                names[event.agent] = None
                title = ", ".join(names)
                found[iteration] = TreeVersion(iteration=iteration, commit=event.commit, ts=stored.ts, title=title)
            case _:
                pass
    return tuple(found[iteration] for iteration in sorted(found))


def writers(events: Sequence[StoredEvent], commit: str) -> dict[str, AgentName]:
    """Who wrote (or deleted) each path last, up to `commit`; empty when it is none of the task's own."""
    found: dict[str, AgentName] = {}
    for stored in until(events, commit):
        if isinstance(stored.event, Artifact):
            found |= dict.fromkeys(stored.event.paths, stored.event.agent)
    return found


def until(events: Sequence[StoredEvent], commit: str) -> Sequence[StoredEvent]:
    """The events up to the one that tells of `commit`; none when no event does."""
    for number, stored in enumerate(events, 1):
        if isinstance(stored.event, Artifact) and stored.event.commit == commit:
            return events[:number]
    return ()


def whole(events: Iterable[StoredEvent], ref: str, head: str | None) -> str:
    """The commit that begins with `ref`, of those that the task made; `ref` itself when there is none, or several."""
    known = {stored.event.commit for stored in events if isinstance(stored.event, Artifact)} | {head or ref}
    fitting = [commit for commit in known if commit.startswith(ref)]
    return fitting[0] if len(fitting) == 1 else ref


def tree(
    ref: str,
    base: str | None,
    events: Sequence[StoredEvent],
    paths: Iterable[str],
    changed: Sequence[FileChange],
) -> TaskTree:
    """`paths` are the files at `ref`, `changed` what differs from `base`."""
    by_path: Mapping[str, FileChange] = {change.path: change for change in changed}
    who = writers(events, ref)
    files = (
        TreeFile(path=path, status="unchanged", agent=who.get(path))
        if path not in by_path
        else TreeFile(
            path=path,
            status=_status(by_path[path].status),
            agent=who.get(path),
            additions=by_path[path].additions,
            deletions=by_path[path].deletions,
        )
        for path in sorted({*paths, *by_path})
    )
    return TaskTree(ref=ref, base=base, versions=versions(events), files=tuple(files))


def _status(word: str) -> Literal["added", "modified", "deleted"]:
    return "added" if word == "added" else "deleted" if word == "deleted" else "modified"
