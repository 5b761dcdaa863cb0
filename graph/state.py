"""The state of a run: small, JSON only. Files and reports live in the task's workspace; the state holds commit ids."""

from typing import Annotated, TypedDict

from core.types import JsonObject


def merged(left: dict[str, JsonObject], right: dict[str, JsonObject | None]) -> dict[str, JsonObject]:
    """Reducer of dicts that parallel nodes write to: keys are added, a value of None takes its key away."""
    whole = {**left, **right}
    return {key: value for key, value in whole.items() if value is not None}


class AgentState(TypedDict, total=False):
    """Keys of the build workflow.

    `iteration` counts rounds over the whole task, `rounds` those since a person last spoke. `dispatch` are the agents
    that work in the present round on `step`. `staged` maps an agent to the commit that holds its files until the
    join, `objections` an agent to what it says against the findings of the round, `blocked` to why it could not finish;
    `again` are the nodes that a person unblocked. `report` is the commit that holds the round's reports and the question
    that is asked about it; `history` names those of the rounds since a person last spoke (graph/rounds.py); `approved` is
    the commit that the question shows, `target` the base branch that it was shown against (graph/build/target.py);
    `continues` the pull request of an earlier task that this one publishes onto (graph/forking.py). `wanted` are changes of
    the contract that agents want and the planner has not heard of; `amended` is the last iteration in which it heard of any.
    """

    task_id: str
    graph_version: str
    sentence: str
    max_iterations: int
    use_sandbox: bool
    output_directory: str | None
    iteration: int
    rounds: int
    criteria: list[str]
    dispatch: list[str]
    step: str
    feedback: str
    staged: Annotated[dict[str, JsonObject], merged]
    objections: dict[str, str]
    wanted: list[JsonObject]
    amended: int
    blocked: Annotated[dict[str, JsonObject], merged]
    again: list[str]
    head: str
    report: str
    history: list[JsonObject]
    verdict: str
    approved: str
    target: JsonObject
    continues: JsonObject
    decision: JsonObject
    published: JsonObject
    outcome: str
    reason: str


def amends_for_agents(state: AgentState) -> bool:
    """Whether the present step is a change of the contract that agents, not a person, want."""
    return state.get("step") == "amend" and state.get("amended") == state.get("iteration", 0)
