"""Waits for a task on behalf of a host, and tells it meanwhile what happens."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import anyio

from client import AsyncAutonomyClient, Task
from client.events import InterruptOpened
from client.words import describe, first_line

Tell = Callable[[int, str], Awaitable[None]]
"""Given how many things have happened, and a sentence about the last of them."""
SETTLE_S = 2.0


async def watch(client: AsyncAutonomyClient, task_id: str, timeout_s: float, tell: Tell) -> Task:
    """The task when it asks or has ended, or as it is after `timeout_s`. Raises ServiceError."""
    position = await _newest(client, task_id)  # before the look, so that nothing can happen in between
    task = await client.task(task_id)
    if task.at_rest:
        return task
    with anyio.move_on_after(timeout_s) as limit:
        await _follow(client, task_id, position, tell)
    return await client.task(task_id, wait_s=0 if limit.cancelled_caught else SETTLE_S)


async def _newest(client: AsyncAutonomyClient, task_id: str) -> int:
    async for stored in client.stored_events(task_id, order="newest", page_size=1):
        return stored.position
    return 0


async def _follow(client: AsyncAutonomyClient, task_id: str, position: int, tell: Tell) -> None:
    """Tell what happens until the task asks or ends."""
    told = 0
    async with aclosing(client.events(task_id, after=position)) as events:
        async for stored in events:
            said = describe(stored) if stored.position else None
            if said is not None:
                told += 1
                await tell(told, first_line(said))
            if isinstance(stored.event, InterruptOpened):
                return
