"""A connection to Firestore that is made when it is first needed.

Every call is bounded in time, and failures are told with a remedy.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

from google.api_core import exceptions as google
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1 import AsyncWriteBatch

from core.errors import Refused
from memory.firestore.client import Client

T = TypeVar("T")
Work: TypeAlias = Callable[[Client], Awaitable[T]]
CALL_S = 3.0
"""For one request; those who ask pass it on."""
LIMIT_S = 8.0
"""For all that a method of the store does, tries again included."""
PAUSE_S = 10.0
"""So long nobody waits for a Firestore that was found away: a build asks for nine identities, one after the other."""
_TRIES = 4
_PASSING = (
    google.ServiceUnavailable, google.DeadlineExceeded, google.InternalServerError, google.Unknown, google.Cancelled,
    google.ResourceExhausted,
)  # fmt: skip
_OVERTAKEN = (google.FailedPrecondition, google.AlreadyExists, google.Aborted)
_SET_UP = "check GCP_PROJECT_ID, that the project has a Firestore database in native mode, and docs/stores.md"
_REACH = "check that this machine reaches Firestore, and GCP_PROJECT_ID, and FIRESTORE_EMULATOR_HOST where it is set"
_RIGHTS = "give the credentials of this machine the role roles/datastore.user in the project of GCP_PROJECT_ID"
_CREDENTIALS = (
    "give this machine credentials for GCP_PROJECT_ID by `gcloud auth application-default login`, or those of a service "
    "account (docs/stores.md)"
)
_QUOTA = "wait, or raise the quota of the project of GCP_PROJECT_ID"


class Overtaken(Exception):
    """Another writer came first; what was read has to be read again."""


class Connection:
    """`connect` makes a client and may block; `where` names the place for people."""

    def __init__(
        self, connect: Callable[[], Client], where: str, *, limit_s: float = LIMIT_S, pause_s: float = PAUSE_S
    ) -> None:
        self._connect = connect
        self._where = where
        self._limit_s = limit_s
        self._pause_s = pause_s
        self._client: asyncio.Task[Client] | None = None
        self._away: Refused | None = None
        self._away_until = 0.0

    async def run(self, work: Work[T], *, anyway: bool = False) -> T:
        """What `work` comes to, which is done again from its beginning when it was overtaken or the service failed in passing.

        Raises Refused, at once within a while after Firestore was found away, unless it is to be asked `anyway`; and what
        `work` raises itself.
        """
        if self._away and time.monotonic() < self._away_until and not anyway:
            raise Refused(str(self._away))
        try:
            async with asyncio.timeout(self._limit_s):
                result = await self._persist(work)
        except TimeoutError as error:
            waited = f"within {self._limit_s:g} s"
            if self._client and not self._client.done():
                raise self._found_away(f"cannot be asked: no credentials were found {waited}", _CREDENTIALS) from error
            raise self._found_away(f"did not answer {waited}", _REACH) from error
        except GoogleAuthError as error:
            raise self._found_away(f"cannot be asked: {_words(error)}", _CREDENTIALS) from error
        except google.GoogleAPICallError as error:
            raise self._failed(error) from error
        self._away = None
        return result

    async def close(self) -> None:
        made, self._client = self._client, None
        if made and not made.cancel() and not made.exception():
            await made.result().close()

    async def _persist(self, work: Work[T]) -> T:
        """Raises what is not to be tried again, and what four tries did not help."""
        failures, races = 0, 0
        while True:
            try:
                return await work(await self._connected())
            except Overtaken:
                races += 1
                await _pause(0.02 * min(races, 10))
            except _PASSING:
                failures += 1
                if failures == _TRIES:
                    raise
                await _pause(0.1 * 2**failures)

    async def _connected(self) -> Client:
        """Made once, in a thread of its own: the library may look for credentials longer than anybody waits here."""
        if self._client is None or (self._client.done() and self._client.exception()):
            self._client = asyncio.create_task(asyncio.to_thread(self._connect))
        return await asyncio.shield(self._client)

    def _failed(self, error: google.GoogleAPICallError) -> Refused:
        match error:
            case google.Forbidden() | google.Unauthorized():
                return self._found_away(f"denies it: {_words(error)}", _RIGHTS)
            case google.TooManyRequests():
                return self._refused(f"takes no more: {_words(error)}", _QUOTA)
            case google.ServerError():
                fix = _CREDENTIALS if "metadata from plugin" in str(error) else _REACH  # gRPC's word for credentials
                return self._found_away(f"cannot be reached: {_words(error)}", fix)
            case _:
                return self._refused(f"does not do it: {_words(error)}", _SET_UP)

    def _found_away(self, what: str, fix: str) -> Refused:
        self._away, self._away_until = self._refused(what, fix), time.monotonic() + self._pause_s
        return self._away

    def _refused(self, what: str, fix: str) -> Refused:
        return Refused(f"Firestore ({self._where}) {what}; {fix}")


async def commit(batch: AsyncWriteBatch) -> None:
    """All of it or nothing. Raises Overtaken when a precondition does not hold any more."""
    try:
        await batch.commit(retry=None, timeout=CALL_S)
    except _OVERTAKEN as error:
        raise Overtaken(str(error)) from error


async def _pause(most_s: float) -> None:
    await asyncio.sleep(most_s * random.uniform(0.5, 1.0))  # noqa: S311  # spreads writers out, keeps no secret


def _words(error: Exception) -> str:
    """What happened, on one line and short: Google's errors may quote whole requests."""
    return " ".join(str(error).split())[:200]
