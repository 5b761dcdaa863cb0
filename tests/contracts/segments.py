"""What tests of the engine give it to run, and how they wait."""

import asyncio
from collections.abc import Callable, Sequence

from core.ports import Engine


class Recorder:
    """A RunSegment that notes what it is given; `gate` holds it, `errors` are raised one per call."""

    def __init__(self, *, gated: bool = False, errors: Sequence[BaseException] = ()) -> None:
        self.begun: list[tuple[str, int]] = []
        self.ended: list[tuple[str, int]] = []
        self.cancelled: list[tuple[str, int]] = []
        self.running = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        if not gated:
            self.gate.set()
        self.errors = list(errors)

    def has_begun(self, segment: int) -> bool:
        return any(number == segment for _, number in self.begun)

    async def __call__(self, task_id: str, segment: int) -> None:
        self.begun.append((task_id, segment))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await self.gate.wait()
            if self.errors:
                raise self.errors.pop(0)
            self.ended.append((task_id, segment))
        except asyncio.CancelledError:
            self.cancelled.append((task_id, segment))
            raise
        finally:
            self.running -= 1


async def until(condition: Callable[[], bool], *, timeout_s: float = 120.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # what is waited for happens outside this loop's reach
            await asyncio.sleep(0.01)


async def until_idle(engine: Engine) -> None:
    async with asyncio.timeout(120.0):
        while await engine.load() != (0, 0):  # noqa: ASYNC110  # the engine has no event for this
            await asyncio.sleep(0.02)
