"""How a task ran, as a graph, from the checkpoints of its run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.history import FORKED, CheckpointView
from core.task_views import GraphEdge, GraphNode, NodeKind, NodeStatus, TaskGraph
from core.tasks import InterruptKind
from core.types import AgentName, TaskStatus

MAX_NODES = 500
NOT_NODES = frozenset({"input", "update", FORKED})
"""What stands in `wrote` of a checkpoint that no node has written."""
Kinds = Mapping[str, NodeKind]
"""Kinds of a workflow's nodes, where they do not follow from their names (agents, questions) and are not a `step`."""


@dataclass(frozen=True)
class _Run:
    name: str
    number: int
    iteration: int
    status: NodeStatus
    seconds: float | None = None
    checkpoint_id: str | None = None

    @property
    def node_id(self) -> str:
        return f"{self.name}#{self.number}"


@dataclass(frozen=True)
class _Past:
    """Runs in their order, and the pairs of runs of which one followed upon the other."""

    runs: tuple[_Run, ...]
    pairs: tuple[tuple[_Run, _Run], ...]
    back: frozenset[tuple[str, str]]


def aggregated(checkpoints: Sequence[CheckpointView], status: TaskStatus, kinds: Kinds) -> TaskGraph:
    """A node for each name; `seconds` are the sum of its runs, and what it is now is what its newest run is."""
    past = _past(checkpoints, status)
    by_name: dict[str, list[_Run]] = {}
    for run in past.runs:
        by_name.setdefault(run.name, []).append(run)
    counts: dict[tuple[str, str], int] = {}
    for source, target in past.pairs:
        counts[source.name, target.name] = counts.get((source.name, target.name), 0) + 1
    return TaskGraph(
        mode="aggregated",
        nodes=tuple(_together(name, runs, kinds) for name, runs in by_name.items()),
        edges=tuple(
            GraphEdge(source=pair[0], target=pair[1], count=count, back=pair in past.back)
            for pair, count in counts.items()
        ),
    )


def expanded(checkpoints: Sequence[CheckpointView], status: TaskStatus, kinds: Kinds) -> TaskGraph:
    """A node for each run, the newest `MAX_NODES`."""
    past = _past(checkpoints, status)
    left_out = max(0, len(past.runs) - MAX_NODES)
    shown = set(past.runs[left_out:])
    return TaskGraph(
        mode="expanded",
        nodes=tuple(_alone(run, kinds) for run in past.runs[left_out:]),
        edges=tuple(
            GraphEdge(source=source.node_id, target=target.node_id, back=(source.name, target.name) in past.back)
            for source, target in past.pairs
            if {source, target} <= shown
        ),
        left_out=left_out,
    )


def kind_of(name: str, kinds: Kinds) -> NodeKind:
    if name in set(AgentName):
        return "agent"
    return "human" if name in set(InterruptKind) else kinds.get(name, "step")


def _past(checkpoints: Sequence[CheckpointView], status: TaskStatus) -> _Past:
    runs: list[_Run] = []
    pairs: list[tuple[_Run, _Run]] = []
    last: list[_Run] = []
    counts: Counter[str] = Counter()
    for step in _steps(checkpoints, status):
        counts.update(run.name for run in step)
        numbered = [replace(run, number=counts[run.name]) for run in step]
        pairs += [(source, target) for source in last for target in numbered]
        runs += numbered
        last = numbered
    names = dict.fromkeys((source.name, target.name) for source, target in pairs)
    return _Past(tuple(runs), tuple(pairs), _closing(names))


def _steps(checkpoints: Sequence[CheckpointView], status: TaskStatus) -> Iterator[list[_Run]]:
    """What ran at the same time, in its order, not yet numbered; `iteration` is the one that it began in."""
    before: CheckpointView | None = None
    for view in checkpoints:
        iteration = before.iteration if before else view.iteration
        seconds = max(0.0, view.created_at - before.created_at) if before else None
        # The copy that a fork began with holds what ran from the checkpoint before it, in the other task.
        wrote = before.next if before and FORKED in view.wrote else view.wrote
        wrote = tuple(name for name in wrote if name not in NOT_NODES)
        if wrote:
            yield [_Run(name, 0, iteration, "done", seconds, view.checkpoint_id) for name in wrote]
        before = view
    if before is not None and not status.final:
        yield [_Run(name, 0, before.iteration, _now(status)) for name in before.next]


def _now(status: TaskStatus) -> NodeStatus:
    """What the nodes are doing that come next."""
    if status is TaskStatus.RUNNING:
        return "running"
    return "waiting" if status is TaskStatus.WAITING else "next"


def _closing(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the pairs, in the order in which they were first gone along, that close a circle."""
    forward: dict[str, set[str]] = {}
    back: set[tuple[str, str]] = set()
    for source, target in pairs:
        if _reaches(forward, target, source):
            back.add((source, target))
        else:
            forward.setdefault(source, set()).add(target)
    return frozenset(back)


def _reaches(forward: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, rest = {start}, [start]
    while rest:
        name = rest.pop()
        if name == goal:
            return True
        new = forward.get(name, set()) - seen
        seen |= new
        rest += new
    return False


def _together(name: str, runs: Sequence[_Run], kinds: Kinds) -> GraphNode:
    known = [run.seconds for run in runs if run.seconds is not None]
    ids = [run.checkpoint_id for run in runs if run.checkpoint_id]
    return GraphNode(
        node_id=name,
        name=name,
        kind=kind_of(name, kinds),
        count=sum(run.status != "next" for run in runs),
        status=runs[-1].status,
        seconds=sum(known) if known else None,
        checkpoint_id=ids[-1] if ids else None,
    )


def _alone(run: _Run, kinds: Kinds) -> GraphNode:
    return GraphNode(
        node_id=run.node_id,
        name=run.name,
        kind=kind_of(run.name, kinds),
        run=run.number,
        iteration=run.iteration,
        status=run.status,
        seconds=run.seconds,
        checkpoint_id=run.checkpoint_id,
    )
