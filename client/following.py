"""Follows a log of events over broken connections: what to ask for next, what a line says, when to give up. Sends nothing."""

import httpx
from pydantic import ValidationError

from client import looking, operations
from client.errors import ServiceError, not_autonomy, problem_of
from client.events import StoredEvent
from client.models import Page
from client.requests import STREAM_S, Call, Steps, one, path_of, whole
from client.retrying import Retries

RESET = "the service's event log is not the one of before, or has gone on too far: read the task anew"


class Following:
    """A log is followed from behind `position`, which moves with every event, so that none is missed or repeated.

    It ends with the event that ends the task; of all tasks (`task_id` None) never. `last` is the position of the last
    event of a task that has ended already.
    """

    def __init__(
        self, address: str, retries: Retries, task_id: str | None, position: int, last: int | None = None
    ) -> None:
        self._address, self._retries, self._task_id = address, retries, task_id
        self._position, self._last = position, last
        self._failures = 0
        self.ended = last is not None and position >= last

    @property
    def call(self) -> Call[httpx.Response]:
        """The stream to open next."""
        path = "/events" if self._task_id is None else path_of("/tasks/{task_id}/events", task_id=self._task_id)
        return Call("GET", path, whole, headers={"Last-Event-ID": str(self._position)}, answer_s=STREAM_S)

    def refused(self, response: httpx.Response) -> bool:
        """Whether the answer is no stream; then its body must be read for `why`."""
        return response.is_error or not response.headers.get("content-type", "").startswith("text/event-stream")

    def why(self, response: httpx.Response) -> ServiceError:
        """Why the answer, whose body has been read, is no stream."""
        return problem_of(response) if response.is_error else not_autonomy(self._address, "without a stream of events")

    def take(self, line: str) -> StoredEvent | None:
        """The event that a line of the stream has. Raises ServiceError when the log is another one than before."""
        if line == "event: reset":
            raise ServiceError(0, "Log replaced", RESET)
        if not line.startswith("data: "):
            return None
        try:
            event = StoredEvent.model_validate_json(line.removeprefix("data: "))
        except ValidationError as error:
            raise not_autonomy(self._address, "with an event that cannot be read") from error
        if event.position:  # what has none is a piece of an answer, which is not in the log
            self._position, self._failures = event.position, 0
            ends = event.ends_task if self._last is None else event.position >= self._last
            self.ended = self._task_id is not None and ends
        return event

    def pause_s(self, problem: ServiceError | None = None) -> float:
        """Seconds until the stream is opened again, which broke (`problem`) or which the service ended.

        Raises `problem` when that has happened too often.
        """
        self._failures += 1
        pause_s = self._retries.stream_pause_s(self._failures)
        if pause_s is None:
            raise problem or ServiceError(0, "Unreachable", f"{self._address} ends every stream of events at once")
        return pause_s


def begin(address: str, retries: Retries, task_id: str | None, after: int | None) -> Steps[Following]:
    """Find out where to begin, and where to end if the task has ended already."""
    if task_id is None:
        return Following(address, retries, None, (yield from _newest(None)) if after is None else after)
    if not after:
        return Following(address, retries, task_id, 0)
    found = yield operations.task(task_id, include="")
    last = (yield from _newest(task_id)) if found.status.final else None
    return Following(address, retries, task_id, after, last)


def _newest(task_id: str | None) -> Steps[int]:
    """The position of the newest event; 0 when there is none."""
    call = looking.stored_events(task_id, order="newest", page_size=1).first
    page: Page[StoredEvent] = yield Call("GET", call.path, one(Page[StoredEvent]), params=call.params)
    return page.items[0].position if page.items else 0
