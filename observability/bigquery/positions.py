"""Places of rows that come from no local log."""

import time

DIRECT = "direct"


class Positions:
    """Grow with the clock, and within one process even where the clock stands still or goes back."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        self._last = max(self._last + 1, time.time_ns())
        return self._last
