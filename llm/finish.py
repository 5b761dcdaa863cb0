"""Book-keeping that must not be left half done when the call around it is cancelled."""

import asyncio
from collections.abc import Coroutine


async def finish(work: Coroutine[None, None, None]) -> None:
    """Run `work` to its end even if the caller is cancelled meanwhile; the cancellation is raised after it.

    For short writes only: a shutdown waits for it.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled from task.exception()
    task.result()
