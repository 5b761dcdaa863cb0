"""Keeps the log quiet: DBOS's records go to the application's own handlers, and trouble that lasts is told once a minute."""

import logging
import time
from collections.abc import Callable

TELL_EVERY_S = 60.0
_SAID_BY_ENGINE = (
    "Asyncio task cancelled for workflow or step",  # a cancelled or interrupted segment: the ordinary way to end one
    "Exception encountered in asynchronous workflow",  # the engine has logged the segment's failure by its name
)


class OnceAMinute:
    """Says when it is time to tell of trouble again. One loop or thread uses it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at: float | None = None

    def due(self) -> bool:
        """True at most once a minute."""
        now = self._clock()
        if self._told_at is not None and now - self._told_at < TELL_EVERY_S:
            return False
        self._told_at = now
        return True


class _SaidByEngine(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(_SAID_BY_ENGINE)


_FILTER = _SaidByEngine()


def quiet_dbos_logger() -> None:
    """Make the `dbos` logger propagate to the application's handlers; may be called any number of times."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        # DBOS adds a console handler and stops propagation only where it finds no handler.
        logger.addHandler(logging.NullHandler())
    logger.addFilter(_FILTER)
