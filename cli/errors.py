"""How a command ends: exit codes, and the one sentence that goes with a failure."""

from enum import IntEnum

from client.errors import ServiceError
from core.errors import AutonomyError


class ExitCode(IntEnum):
    """What scripts may rely on; docs/cli.md says the same."""

    COMPLETED = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3
    REFUSED = 4
    INTERRUPTED = 130


class CommandFailed(Exception):
    """Ends a command with `code`; the message is the sentence on stderr (nothing is printed when it is empty)."""

    def __init__(self, code: ExitCode, message: str = "") -> None:
        super().__init__(message)
        self.code = code


_USAGE = frozenset({400, 413, 422})
_REFUSED = frozenset({401, 403, 429, 503})


def exit_code(error: AutonomyError | ServiceError) -> ExitCode:
    """The exit code for an expected failure, by its HTTP status (0 where a service gave no answer)."""
    if error.status in _USAGE:
        return ExitCode.USAGE
    return ExitCode.REFUSED if error.status in _REFUSED else ExitCode.FAILED
