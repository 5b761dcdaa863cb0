"""A run as a graph: loops as circles, or unrolled."""

from collections.abc import Iterable

from core.history import CheckpointView
from core.task_views import NodeKind
from core.types import TaskStatus
from core.views.graph import MAX_NODES, aggregated, expanded

KINDS: dict[str, NodeKind] = {"checks": "check", "publish_branch": "effect"}
RUNNING, WAITING, DONE, QUEUED = TaskStatus.RUNNING, TaskStatus.WAITING, TaskStatus.COMPLETED, TaskStatus.QUEUED


def past(*steps: Iterable[str], then: tuple[str, ...] = (), iterations: tuple[int, ...] = ()) -> list[CheckpointView]:
    """Checkpoints ten seconds apart, behind a first one that nothing wrote."""
    wrote = [(), *map(tuple, steps)]
    return [
        CheckpointView(
            checkpoint_id=f"k{number}",
            number=number,
            created_at=number * 10.0,
            wrote=names,
            next=then if number + 1 == len(wrote) else wrote[number + 1],
            iteration=iterations[number] if iterations else 0,
            head=None,
        )
        for number, names in enumerate(wrote)
    ]


ROUND = (("planner",), ("backend_agent", "qa_agent"), ("join",), ("checks",), ("route",))
AGAIN = (("backend_agent",), ("join",), ("checks",), ("code_reviewer",), ("route",), ("approval",), ("publish_branch",))


def test_a_round_that_was_tried_again_is_a_circle_with_one_edge_back() -> None:
    graph = aggregated(past(*ROUND, *AGAIN), DONE, KINDS)
    nodes = {node.node_id: node for node in graph.nodes}
    assert [nodes[name].count for name in ("planner", "backend_agent", "qa_agent", "join", "route")] == [1, 2, 1, 2, 2]
    assert nodes["checks"].seconds == 20
    assert (nodes["checks"].checkpoint_id, nodes["checks"].status) == ("k8", "done")
    assert {name: nodes[name].kind for name in ("planner", "checks", "approval", "publish_branch", "route")} == {
        "planner": "agent",
        "checks": "check",
        "approval": "human",
        "publish_branch": "effect",
        "route": "step",
    }
    edges = {(edge.source, edge.target): edge for edge in graph.edges}
    assert [pair for pair, edge in edges.items() if edge.back] == [("route", "backend_agent")]
    assert edges["backend_agent", "join"].count == 2
    assert {("planner", "qa_agent"), ("qa_agent", "join"), ("code_reviewer", "route")} <= edges.keys()


def test_unrolled_each_run_is_a_node_with_the_round_it_began_in() -> None:
    iterations = (0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)
    graph = expanded(past(*ROUND, *AGAIN, iterations=iterations), DONE, KINDS)
    nodes = {node.node_id: node for node in graph.nodes}
    assert len(nodes) == 13
    assert (nodes["backend_agent#1"].run, nodes["backend_agent#2"].run) == (1, 2)
    assert (nodes["route#1"].iteration, nodes["backend_agent#2"].iteration) == (0, 1)
    assert [(edge.source, edge.target) for edge in graph.edges if edge.back] == [("route#1", "backend_agent#2")]
    assert all(edge.count == 1 for edge in graph.edges)


def test_what_comes_next_runs_or_waits_or_is_to_come_as_the_task_does() -> None:
    for status, shown, count in ((RUNNING, "running", 2), (WAITING, "waiting", 2), (QUEUED, "next", 1)):
        graph = aggregated(past(*ROUND, then=("backend_agent",)), status, KINDS)
        node = next(node for node in graph.nodes if node.name == "backend_agent")
        assert (node.status, node.count, node.seconds) == (shown, count, 10)
        (pending,) = [
            each for each in expanded(past(("route",), then=("join",)), status, KINDS).nodes if each.name == "join"
        ]
        assert (pending.status, pending.seconds, pending.checkpoint_id) == (shown, None, None)


def test_nothing_comes_next_of_a_task_that_has_ended() -> None:
    graph = aggregated(past(("planner",), then=("backend_agent",)), TaskStatus.CANCELLED, KINDS)
    assert [node.name for node in graph.nodes] == ["planner"]


def test_a_checkpoint_that_no_node_wrote_is_passed_over() -> None:
    graph = aggregated(past(("fork",), ("planner",), ("update",), ("pose_blocked",)), DONE, KINDS)
    assert [node.name for node in graph.nodes] == ["planner", "pose_blocked"]
    assert [(edge.source, edge.target) for edge in graph.edges] == [("planner", "pose_blocked")]


def test_the_copy_that_a_fork_began_with_holds_the_last_step_of_the_other_task() -> None:
    checkpoints = past(("planner",), ("fork",), ("update",), ("pose_approval",))
    checkpoints[1] = checkpoints[1].model_copy(update={"next": ("join",)})
    graph = aggregated(checkpoints, DONE, KINDS)
    assert [(edge.source, edge.target) for edge in graph.edges] == [("planner", "join"), ("join", "pose_approval")]


def test_a_node_that_runs_twice_in_a_row_goes_back_to_itself() -> None:
    (edge,) = aggregated(past(("planner",), ("planner",)), DONE, KINDS).edges
    assert (edge.source, edge.target, edge.back) == ("planner", "planner", True)


def test_of_very_many_runs_the_newest_are_shown_and_no_edge_leads_nowhere() -> None:
    graph = expanded(past(*((f"node{n % 7}",) for n in range(MAX_NODES + 9))), DONE, KINDS)
    assert (len(graph.nodes), graph.left_out) == (MAX_NODES, 9)
    ids = {node.node_id for node in graph.nodes}
    assert all({edge.source, edge.target} <= ids for edge in graph.edges)


def test_a_task_that_has_not_begun_has_an_empty_graph() -> None:
    assert aggregated([], QUEUED, KINDS).nodes == expanded([], QUEUED, KINDS).nodes == ()
