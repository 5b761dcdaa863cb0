"""What routes read of the stores before they make an answer of it."""

from collections.abc import Sequence

from api.services import ApiServices
from core.errors import NotFound
from core.events import StoredEvent
from core.history import FORKED
from core.ports import Workspace
from core.reading import read_events
from core.tasks import Task
from core.views import tree


async def read_known(given: ApiServices, task_id: str, types: Sequence[str]) -> list[StoredEvent]:
    """All events of a task that are of these types. Raises NotFound when there is no such task."""
    found = await read_events(given.events, task_id, types)
    if not found:  # one that has events is there, and need not be read for that
        await given.commands.get(task_id)
    return found


async def read_line(given: ApiServices, task: Task) -> list[StoredEvent]:
    """What the files of a task came from: its own events and, of a fork, those of the tasks before it up to where it began."""
    own = await read_events(given.events, task.task_id, tree.TYPES)
    if task.forked_from is None:
        return own
    points = await given.history.checkpoints(task.task_id)
    head = next((point.head for point in reversed(points) if FORKED in point.wrote), None if points else task.head)
    if head is None:
        return own
    before = await read_line(given, await given.commands.get(task.forked_from.task_id))
    return [*tree.until(before, head), *own]


async def paths_at(workspace: Workspace, ref: str, field: str) -> Sequence[str]:
    """The paths of a version. Raises NotFound that names the field which asked for it."""
    try:
        return tuple(await workspace.files(ref))
    except NotFound as error:
        raise NotFound(f"{field}: {error}", field=field) from error
