"""When a call is made again: a rule that both clients ask after every failure. It never waits itself."""

import random
from dataclasses import dataclass

from client.errors import ServiceError

BUSY = frozenset({429, 503})


@dataclass(frozen=True)
class Retries:
    """How patient a client is.

    times: how often a call that may be repeated is, after a broken connection; `stream_times` the same for streams of
        events, counted anew with every event.
    first_pause_s, longest_pause_s: pauses double from the one to the other, with a quarter of them random.
    longest_retry_after_s: a service that is busy says when to come back; the client does so if that is not longer.
    """

    times: int = 4
    stream_times: int = 8
    first_pause_s: float = 0.25
    longest_pause_s: float = 5.0
    longest_retry_after_s: float = 60.0

    def pause_s(self, problem: ServiceError, failures: int, *, repeatable: bool) -> float | None:
        """Seconds until a call that has failed for the `failures`-th time is made again; None when it is not.

        What was refused because the service is busy was not begun, so it may be repeated whatever it is.
        """
        if failures > self.times:
            return None
        if problem.status in BUSY and problem.retry_after_s is not None:
            return problem.retry_after_s if problem.retry_after_s <= self.longest_retry_after_s else None
        return self._backoff_s(failures) if problem.status == 0 and repeatable else None

    def stream_pause_s(self, failures: int) -> float | None:
        """Seconds until a stream that has broken for the `failures`-th time is opened again; None when it is not."""
        return self._backoff_s(failures) if failures <= self.stream_times else None

    def _backoff_s(self, failures: int) -> float:
        pause_s = min(self.longest_pause_s, self.first_pause_s * 2.0 ** (failures - 1))
        return pause_s * random.uniform(0.75, 1.0)  # noqa: S311  # spreads clients out, keeps no secret
