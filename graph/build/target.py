"""The branch that approved work goes against: looked at before a person is asked, so that the approval says what is replaced."""

from core.errors import CodeHostRefused
from core.ports import Workspace
from core.publication import lay_over
from core.types import JsonObject
from graph.context import GraphContext
from graph.state import AgentState

MOST_SHOWN = 20


async def look_at_target(state: AgentState, context: GraphContext, workspace: Workspace, head: str) -> JsonObject:
    """`base`, `commit` and `replaces` (path to blob id on the base), or `problem` where the host cannot be asked.

    What goes onto an earlier publication replaces nothing of the base: `onto` is that one's commit.
    """
    try:
        base = await context.code_host.base()
    except CodeHostRefused as error:
        return {"problem": str(error)}
    if continued := state.get("continues"):
        return {"base": base.name, "commit": base.commit, "replaces": {}, "onto": continued["commit"]}
    approved = await workspace.files(head)
    overlay = lay_over(base.files, approved, {}, base.files)
    replaced: JsonObject = {path: base.files[path] for path in overlay.writes if path in base.files}
    return {"base": base.name, "commit": base.commit, "replaces": replaced}


def describe_target(target: JsonObject) -> str:
    """A sentence for the question; empty where nothing is replaced."""
    if problem := target.get("problem"):
        return f"The code host could not be asked: {problem}"
    replaced = target.get("replaces")
    if not isinstance(replaced, dict) or not replaced:
        return ""
    paths = sorted(replaced)
    more = f" and {len(paths) - MOST_SHOWN} more" if len(paths) > MOST_SHOWN else ""
    what = "a file that is" if len(paths) == 1 else f"{len(paths)} files that are"
    return f"It replaces {what} on {target['base']}: {', '.join(paths[:MOST_SHOWN])}{more}."
