"""Exit codes follow from what a service or this process refused."""

import pytest

from cli.errors import ExitCode, exit_code
from client.errors import ServiceError
from core.errors import AutonomyError, Conflict, InvalidInput, NotFound, Refused, TooManyTasks, Unauthorized


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("no"), ExitCode.USAGE),
        (NotFound("no"), ExitCode.FAILED),
        (Conflict("no"), ExitCode.FAILED),
        (Refused("no"), ExitCode.REFUSED),
        (Unauthorized("no"), ExitCode.REFUSED),
        (TooManyTasks("no"), ExitCode.REFUSED),
        (ServiceError(429, "", "full"), ExitCode.REFUSED),
        (ServiceError(422, "", "no"), ExitCode.USAGE),
        (ServiceError(0, "", "gone"), ExitCode.FAILED),
    ],
)
def test_exit_codes_follow_from_what_went_wrong(error: AutonomyError | ServiceError, code: ExitCode) -> None:
    assert exit_code(error) is code
