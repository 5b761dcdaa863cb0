"""Commands that look back: the story of a task, its checkpoints, and a new task that goes on from one of them."""

import asyncio
import time
from collections.abc import Iterator

from cli.client import Client
from cli.errors import CommandFailed, ExitCode
from cli.progress import Progress
from cli.screens import Screen
from cli.words import describe_question
from client.events import Forked, InterruptOpened, LlmEnd, StoredEvent
from client.models import Checkpoint
from client.words import describe

LONGEST_PAUSE_S = 3.0
"""How long a replay waits at most between two events: people take days to answer."""
MAX_SHOWN = 6


async def replay(client: Client, task_id: str, screen: Screen, speed: float | None) -> Progress:
    """Show what happened, `speed` times as fast as it did, at once when None; what came of it."""
    progress = Progress()
    async for stored in client.stored_events(task_id):
        if speed is not None and progress.latest:
            await asyncio.sleep(min(LONGEST_PAUSE_S, max(0.0, stored.ts - progress.latest) / speed))
        progress.apply(stored)
        screen.show(stored, progress, story(stored))
    return progress


def story(stored: StoredEvent) -> Iterator[str]:
    """The lines of an event in a story: calls and questions are part of it, unlike in what is shown while it happens."""
    match stored.event:
        case LlmEnd() as event:
            used = f"{event.usage.input_tokens:,} tokens in, {event.usage.output_tokens:,} out"
            outcome = (
                f"{used}, ${event.cost_usd:.4f}, {event.seconds:.1f} s" if event.success else f"failed: {event.error}"
            )
            yield f"{event.agent}: asked {event.model} ({event.prompt_name}): {outcome}"
        case InterruptOpened() as event:
            yield from describe_question(event)
        case Forked() as event:
            wish = f": {event.origin.feedback}" if event.origin.feedback else ""
            yield f"goes on from checkpoint {event.origin.checkpoint_id} of task {event.origin.task_id}{wish}"
        case _:
            line = describe(stored)
            if line is not None:
                yield line


def describe_checkpoint(view: Checkpoint) -> Iterator[str]:
    """A line for what it is, and one each for what changed and which files did."""
    when = time.strftime("%H:%M:%S", time.localtime(view.created_at))
    following = ", ".join(view.next) or "nothing"
    yield (
        f"{view.number:3}  {when}  {view.checkpoint_id}  after {', '.join(view.wrote) or 'the start'}; next: {following}; "
        f"round {view.iteration + 1}; ${view.spent_after_usd:.4f} spent since"
    )
    keys = [key for key in view.changed if key not in ("staged", "blocked")]
    if keys:
        yield f"     changed: {', '.join(keys)}"
    if view.files_changed:
        more = f" and {len(view.files_changed) - MAX_SHOWN} more" if len(view.files_changed) > MAX_SHOWN else ""
        yield f"     files: {', '.join(view.files_changed[:MAX_SHOWN])}{more}"


async def find_checkpoint(client: Client, task_id: str, at: str | None) -> Checkpoint:
    """The checkpoint by its number or id, the newest when None. Raises CommandFailed."""
    views = await client.checkpoints(task_id)
    found = views[-1:] if at is None else [view for view in views if at in (view.checkpoint_id, str(view.number))]
    if not found:
        wanted = "any checkpoint yet" if at is None else f"checkpoint {at}"
        raise CommandFailed(
            ExitCode.FAILED, f"task {task_id} does not have {wanted}; `checkpoints {task_id}` lists them"
        )
    return found[0]
