"""Keeps the bot's token out of the log: it is a part of every address that the libraries below speak of."""

import logging

from core.redaction import REDACTED

_LIBRARIES = ("httpx", "httpcore", "telegram")


class TokenFilter(logging.Filter):
    """Takes the token out of what the libraries log, at any level, for whatever handler."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self._loggers: list[logging.Logger] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if self._token in (said := record.getMessage()):
            record.msg, record.args = self.hide(said), ()
        return True

    def hide(self, text: str) -> str:
        return text.replace(self._token, REDACTED)

    def install(self) -> None:
        """At every logger of these libraries: a filter holds for what is logged at its own logger alone."""
        named = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _LIBRARIES]
        self._loggers = [logging.getLogger(name) for name in {*named, *_LIBRARIES}]
        for logger in self._loggers:
            logger.addFilter(self)

    def remove(self) -> None:
        for logger in self._loggers:
            logger.removeFilter(self)
        self._loggers = []
