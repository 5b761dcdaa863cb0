"""Waiting for the first of several things, with nothing left behind."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_first(*works: Coroutine[Any, Any, object], timeout_s: float | None = None) -> None:
    """Run `works` until one of them ends, or for `timeout_s`; the others are cancelled and waited for.

    Raises what one of them raised.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in ended:
        task.result()
