"""The counterpart refuses what the real service refuses, in its words; each is seen through the SDK itself."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2b import (
    AsyncSandbox,
    AuthenticationException,
    CommandExitException,
    RateLimitException,
    SandboxException,
    SandboxNotFoundException,
    SandboxQuery,
)
from e2b.exceptions import SandboxNotRunningException

from tests.wire.e2b.driving import account_of
from tests.wire.e2b.faults import Fault
from tests.wire.e2b.server import TEMPLATE, Counterpart, running


@pytest.fixture
def counterpart(tmp_path: Path) -> Iterator[Counterpart]:
    with running(tmp_path, most=3) as made:
        yield made


async def made(counterpart: Counterpart, **changes: Any) -> AsyncSandbox:
    settings = {"template": TEMPLATE, "timeout": 60, **account_of(counterpart, retries=0).options(), **changes}
    return await AsyncSandbox.create(**settings)


async def test_commands_and_files_work_as_the_sdk_expects(counterpart: Counterpart) -> None:
    sandbox = await made(counterpart)
    await sandbox.files.write_files([{"path": "~/a/b", "data": bytes(range(256))}, {"path": "~/c", "data": "text"}])
    assert await sandbox.files.read("~/a/b", format="bytes") == bytes(range(256))
    result = await sandbox.commands.run("cat ~/c; echo oops >&2", user="root")
    assert (result.stdout, result.stderr) == ("text", "oops\n")
    with pytest.raises(CommandExitException) as ended:
        await sandbox.commands.run("exit 7")
    assert ended.value.exit_code == 7


async def test_a_command_can_be_spoken_to_and_killed(counterpart: Counterpart) -> None:
    sandbox = await made(counterpart)
    reading = await sandbox.commands.run("read word; echo got $word", background=True, stdin=True)
    await reading.send_stdin("this\n")
    assert (await reading.wait()).stdout == "got this\n"
    sleeping = await sandbox.commands.run("exec sleep 60", background=True)
    assert [process.pid for process in await sandbox.commands.list()] == [sleeping.pid]
    assert await sleeping.kill()
    with pytest.raises(CommandExitException):
        await sleeping.wait()
    assert not await sleeping.kill(), "it is known no more"


async def test_a_key_or_token_that_is_not_right_is_refused(counterpart: Counterpart) -> None:
    with pytest.raises(AuthenticationException, match="Invalid API key"):
        await made(counterpart, api_key="e2b_other")
    one, two = await made(counterpart), await made(counterpart)
    async with httpx.AsyncClient(trust_env=False, base_url=counterpart.url, timeout=60) as client:
        headers = {"E2b-Sandbox-Id": one.sandbox_id, "X-Access-Token": two._envd_access_token or ""}
        assert (await client.get("/files", params={"path": "~/x"}, headers=headers)).status_code == 401
        assert (await client.get("/health", headers=headers)).status_code == 204


async def test_an_unknown_user_is_refused(counterpart: Counterpart) -> None:
    sandbox = await made(counterpart)
    with pytest.raises(AuthenticationException, match="invalid username"):
        await sandbox.commands.run("true", user="nobody")


async def test_an_unknown_template_and_too_long_a_life_are_refused(counterpart: Counterpart) -> None:
    with pytest.raises(SandboxException, match="template 'other' not found"):
        await made(counterpart, template="other")
    with pytest.raises(SandboxException, match="cannot be greater than 1 hours"):
        await made(counterpart, timeout=3601)


async def test_no_more_machines_than_the_account_has(counterpart: Counterpart) -> None:
    for _ in range(3):
        await made(counterpart)
    with pytest.raises(RateLimitException, match=r"maximum number of concurrent E2B sandboxes \(3\)"):
        await made(counterpart)


async def test_the_same_order_with_the_same_key_makes_one_machine(counterpart: Counterpart) -> None:
    one, two = [await made(counterpart, idempotency_key="order-1") for _ in range(2)]
    assert one.sandbox_id == two.sandbox_id


async def test_a_machine_that_is_killed_or_over_is_gone_everywhere(counterpart: Counterpart) -> None:
    killed, over = await made(counterpart), await made(counterpart, timeout=1)
    assert await killed.kill()
    assert not await killed.kill()
    await until(lambda: over.sandbox_id not in counterpart.fleet.running)
    for sandbox in (killed, over):
        with pytest.raises(SandboxNotRunningException):
            await sandbox.commands.run("true")
        with pytest.raises(SandboxNotFoundException):
            await sandbox.set_timeout(10)
        assert not await sandbox.is_running()


async def test_killing_a_machine_ends_what_runs_on_it(counterpart: Counterpart) -> None:
    sandbox = await made(counterpart)
    running_one = await sandbox.commands.run("setsid sleep 61.5 & sleep 61.5", background=True)
    await until(lambda: sleeping() == 2)
    await sandbox.kill()
    with pytest.raises(SandboxNotRunningException):
        await running_one.wait()
    assert sleeping() == 0


def sleeping() -> int:
    """How many processes of this machine sleep as that one does."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # others may end while it is read
            found += path.read_bytes() == b"sleep\x0061.5\x00"
    return found


async def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_machines_are_listed_by_their_metadata_page_by_page(counterpart: Counterpart) -> None:
    for owner in ("a b", "a b", "c&d=e"):
        await made(counterpart, metadata={"owner": owner})
    options = account_of(counterpart).options()
    pages = AsyncSandbox.list(query=SandboxQuery(metadata={"owner": "a b"}), limit=1, **options)
    found = []
    while pages.has_next:
        found += [info.metadata["owner"] for info in await pages.next_items()]
    assert found == ["a b", "a b"]
    others = AsyncSandbox.list(query=SandboxQuery(metadata={"owner": "c&d=e"}), **options)
    assert len(await others.next_items()) == 1


async def test_whether_internet_was_asked_for_is_written_down(counterpart: Counterpart) -> None:
    closed, unsaid = await made(counterpart, allow_internet_access=False), await made(counterpart)
    fleet = counterpart.fleet.running
    assert [fleet[each.sandbox_id].internet for each in (closed, unsaid)] == [False, None]


async def test_it_is_slow_to_order_and_says_when_to_come_back(counterpart: Counterpart) -> None:
    counterpart.faults.append(Fault("/v2/sandboxes", "limit", retry_after_s=7))
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        answer = await client.get(f"{counterpart.url}/v2/sandboxes", headers={"X-API-Key": counterpart.key})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json() == {"code": 429, "message": "Rate limit exceeded"}


async def test_a_command_is_ended_at_the_timeout_that_was_sent(counterpart: Counterpart) -> None:
    sandbox = await made(counterpart)
    command = await sandbox.commands.run("exec sleep 60", background=True, timeout=3)
    with pytest.raises(CommandExitException) as ended:
        await asyncio.wait_for(command.wait(), 50)
    assert ended.value.exit_code == -1
