"""How an answer came: noted while it does, and given again in the same pieces."""

import asyncio
import time
from collections.abc import Iterator

from core.ports import OnDelta
from llm.cassettes.calls import Timing

SHORTEST_S = 0.05
MAX_PIECES = 50


class Pace:
    """Hands pieces on and notes when each of them came. Begins when it is made."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta = on_delta
        self._started = time.monotonic()
        self._pieces: list[tuple[float, str]] = []

    def __call__(self, text: str) -> None:
        self._pieces.append((time.monotonic() - self._started, text))
        if self._on_delta is not None:
            self._on_delta(text)

    def timing(self, answer: str) -> Timing:
        """Until now. Pieces of attempts that failed before the one that gave `answer` are left out."""
        seconds, first, left = time.monotonic() - self._started, len(self._pieces), len(answer)
        while first and left > 0:
            first -= 1
            left -= len(self._pieces[first][1])
        used = self._pieces[first:]
        if "".join(text for _, text in used) != answer:
            used = []
        return Timing(seconds=round(seconds, 3), pieces=tuple(_merged(used, max(SHORTEST_S, seconds / MAX_PIECES))))


def _merged(pieces: list[tuple[float, str]], step_s: float) -> Iterator[tuple[float, int]]:
    """Pieces that came within `step_s` as one."""
    begun, characters = 0.0, 0
    for at, text in pieces:
        if characters and at - begun >= step_s:
            yield round(begun, 3), characters
            characters = 0
        begun = begun if characters else at
        characters += len(text)
    if characters:
        yield round(begun, 3), characters


async def play(text: str, timing: Timing, speed: float | None, on_delta: OnDelta | None) -> None:
    """Give `text` in its pieces, `speed` times as fast as they came; without waiting when None."""
    started = time.monotonic()

    async def wait_until(seconds: float) -> None:
        await asyncio.sleep(0 if speed is None else max(0.0, seconds / speed - (time.monotonic() - started)))

    position = 0
    for at, characters in timing.pieces[:-1]:
        await wait_until(at)
        if on_delta is not None and text[position : position + characters]:
            on_delta(text[position : position + characters])
        position += characters
    await wait_until(timing.pieces[-1][0] if timing.pieces else timing.seconds)
    if on_delta is not None and text[position:]:
        on_delta(text[position:])
    await wait_until(timing.seconds)
