"""How long something took, without the time in which this whole process had no turn: that says nothing about the project."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TICK_S = 0.01
LONGEST_S = 0.05
"""What a tick counts at most. A wait within the process lets its other threads tick on, and so counts in full."""


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yields what tells the seconds since the block began."""
    spent, over = 0.0, threading.Event()

    def tick() -> None:
        nonlocal spent
        before = time.monotonic()
        while not over.wait(TICK_S):
            now = time.monotonic()
            spent += min(now - before, LONGEST_S)
            before = now

    ticking = threading.Thread(target=tick, name="stopwatch")
    ticking.start()
    try:
        yield lambda: spent
    finally:
        over.set()
        ticking.join()
