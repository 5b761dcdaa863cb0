"""Keeps DBOS quiet: its records go to the application's own handlers, without what the engine says itself."""

import logging

_SAID_BY_ENGINE = (
    "Asyncio task cancelled for workflow or step",  # a cancelled or interrupted segment: the ordinary way to end one
    "Exception encountered in asynchronous workflow",  # the engine has logged the segment's failure by its name
)


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
