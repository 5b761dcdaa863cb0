"""Deadlines that hold whatever the SDK does, and what its exceptions mean."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from e2b import AuthenticationException, RateLimitException, SandboxException, SandboxNotFoundException
from e2b.exceptions import SandboxUnreachableException

from core.errors import SandboxError
from sandbox.e2b.calls import Caller, Denied, Gone, Lost, NoTemplate, within


async def stubborn(over: asyncio.Event) -> None:
    """As the SDK on Python 3.11: it goes on when it is cancelled."""
    while not over.is_set():
        with suppress(asyncio.CancelledError):
            await over.wait()


async def test_a_call_that_does_not_heed_its_cancelling_is_left() -> None:
    over = asyncio.Event()
    with pytest.raises(TimeoutError):
        await within(stubborn(over), 0.05)
    over.set()
    await asyncio.sleep(0)


async def test_cancelling_goes_through() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(600)
        finally:
            ended.set()

    waiting = asyncio.create_task(within(work(), 300))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ended.is_set()


async def test_the_result_comes_back() -> None:
    assert await within(asyncio.sleep(0, "done"), 5) == "done"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AuthenticationException("401: no"), Denied),
        (SandboxNotFoundException("Sandbox x not found"), Gone),
        (SandboxUnreachableException("port is not open"), Lost),
        (RateLimitException("429: too many"), SandboxError),  # type: ignore[no-untyped-call]  # the SDK's own
        (SandboxException("404: template 'x' not found", status_code=404), NoTemplate),
        (SandboxException("500: oops", status_code=500), Lost),
        (SandboxException("400: wrong", status_code=400), SandboxError),
        (ConnectionResetError("reset"), Lost),
        (Exception("Command ended without an end event"), Lost),
    ],
)
def test_each_exception_has_its_meaning(error: Exception, kind: type[SandboxError]) -> None:
    meant = Caller("secret", timeout_s=1).meaning("make a machine", error)
    assert type(meant) is kind
    assert str(meant).startswith("E2B could not make a machine: ")


def test_the_secret_is_cut_out() -> None:
    meant = Caller("k123", timeout_s=1).meaning("speak", SandboxException("the key k123 is odd"))
    assert "k123" not in str(meant)


async def test_what_was_lost_is_asked_for_again_within_bounds() -> None:
    asked = 0

    async def lose() -> Any:
        nonlocal asked
        asked += 1
        raise ConnectionResetError("reset")

    with pytest.raises(Lost):
        await Caller("", timeout_s=1, tries=3, wait_s=0.0).again("speak", lose)
    assert asked == 3


@pytest.mark.parametrize("error", [SandboxNotFoundException("gone"), SandboxException("400: no", status_code=400)])
async def test_what_will_not_get_better_is_asked_for_once(error: Exception) -> None:
    asked = 0

    async def refuse() -> Any:
        nonlocal asked
        asked += 1
        raise error

    with pytest.raises(SandboxError):
        await Caller("", timeout_s=1, tries=3, wait_s=0.0).again("speak", refuse)
    assert asked == 1
