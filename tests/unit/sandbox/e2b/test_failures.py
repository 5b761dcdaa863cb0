"""What goes wrong between this service and E2B: deadlines, broken connections, machines that are gone, limits."""

import asyncio
import logging
import os
import time
import traceback
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.errors import Refused, SandboxError
from core.sandboxes import Limits
from tests.stopwatch import stopwatch
from tests.unit.sandbox.e2b.conftest import Make
from tests.wire.e2b.driving import account_of
from tests.wire.e2b.faults import Fault
from tests.wire.e2b.server import Counterpart

pytestmark = pytest.mark.sandbox
START = "/process.Process/Start"


def hang(toolchains: Path) -> None:
    """From now on the agent waits for ever when it looks for toolchains."""
    (toolchains / "python-x").mkdir(parents=True)
    os.mkfifo(toolchains / "python-x" / "toolchain.json")


async def until(seen: object, seconds: float = 60.0) -> None:
    assert callable(seen)
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.01)


async def until_its_time_is_over(counterpart: Counterpart) -> None:
    """Let the life of the only machine be over now, and wait for its end."""
    (remote,) = counterpart.fleet.running.values()
    remote.ends_at = 0.0
    await until(lambda: remote in counterpart.fleet.ended)


def processes(counterpart: Counterpart) -> list[int]:
    """A moment of it: the counterpart goes on in a thread of its own."""
    return [pid for remote in list(counterpart.fleet.running.values()) for pid in list(remote.processes)]


async def test_an_agent_that_hangs_is_ended_although_nobody_heeds_the_timeout(
    make: Make, counterpart: Counterpart, tmp_path: Path
) -> None:
    toolchains = tmp_path / "toolchains"
    provider = make(toolchains=str(toolchains))
    sandbox = await provider.open("task", "python", {})
    machine = provider._machines._places["task"].machine
    assert machine is not None
    machine._setting = replace(machine._setting, own_s=0.5)
    hang(toolchains)
    counterpart.faults.append(Fault(START, "ignore-timeout", times=9))
    with stopwatch() as spent:
        with pytest.raises(SandboxError, match=r"did not answer within 1 s; the run was ended"):
            await sandbox.run(["true"], limits=Limits(wall_s=0.5))
        assert spent() < 15
    await until(lambda: not processes(counterpart))
    assert counterpart.count("POST", START) == 2, "the probe's and this one: it is not begun again"


async def test_a_start_that_is_never_answered_is_asked_for_again(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    sandbox = await provider.open("task", "none", {})
    caller = provider._machines._cloud.caller
    usual_s, caller._timeout_s = caller._timeout_s, 3.0
    silent = Fault(START, "silent")
    counterpart.faults.append(silent)
    run = asyncio.create_task(sandbox.run(["echo", "done"]))
    await until(lambda: not silent.times)
    caller._timeout_s = usual_s  # for the next try, which is answered
    assert (await run).output == "done\n"


async def test_a_connection_that_breaks_during_a_run_costs_a_second_run_and_leaves_nothing(
    make: Make, counterpart: Counterpart
) -> None:
    sandbox = await make().open("task", "none", {"a": "1\n"})
    counterpart.faults.append(Fault(START, "cut-stream", pieces=1))
    result = await sandbox.run(["sh", "-c", "cat a; echo b > out"], outputs=["out"])
    assert (result.output, dict(result.files)) == ("1\n", {"out": b"b\n"})
    assert counterpart.count("POST", START) == 3
    assert len(counterpart.fleet.running) == 1, "the machine was well, and was kept"
    await until(lambda: not processes(counterpart))


async def test_a_command_that_was_started_without_anybody_being_told_is_ended(
    make: Make, counterpart: Counterpart
) -> None:
    sandbox = await make().open("task", "none", {})
    counterpart.faults.append(Fault(START, "cut-stream", pieces=0))
    run = asyncio.create_task(sandbox.run(["sleep", "60"]))
    await until(lambda: counterpart.count("POST", START) == 3)
    await until(lambda: len(processes(counterpart)) == 1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run


async def test_a_connection_that_always_breaks_is_an_error(make: Make, counterpart: Counterpart) -> None:
    sandbox = await make().open("task", "none", {})
    counterpart.faults.append(Fault(START, "cut-stream", times=9, pieces=1))
    with pytest.raises(SandboxError, match="E2B could not follow a command"):
        await sandbox.run(["true"])
    await until(lambda: not processes(counterpart))


async def test_a_machine_that_is_killed_during_a_run_is_replaced_and_the_run_begun_again(
    make: Make, counterpart: Counterpart
) -> None:
    sandbox = await make().open("task", "none", {"first": "kept\n"})
    (lost,) = counterpart.fleet.running
    run = asyncio.create_task(sandbox.run(["sh", "-c", "cat first; sleep 0.5"]))
    await until(lambda: processes(counterpart))
    async with httpx.AsyncClient(trust_env=False, headers={"X-API-Key": counterpart.key}, timeout=60) as client:
        assert (await client.delete(f"{counterpart.url}/sandboxes/{lost}")).status_code == 204
    assert (await run).output == "kept\n"
    assert lost not in counterpart.fleet.running


async def test_a_machine_whose_time_was_over_is_replaced(make: Make, counterpart: Counterpart) -> None:
    sandbox = await make().open("task", "none", {"a": "x"})
    await until_its_time_is_over(counterpart)
    assert (await sandbox.run(["cat", "a"])).output == "x"
    assert len({remote.machine_id for remote in counterpart.fleet.ended}) == 2, "the probe's and the first"


async def test_retry_after_is_heeded(make: Make, counterpart: Counterpart) -> None:
    counterpart.faults.append(Fault("/v2/sandboxes", "limit", retry_after_s=1))
    started = time.monotonic()
    assert (await make().probe()).ok
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("status", [500, 503])
async def test_a_passing_failure_of_the_service_is_not_seen(make: Make, counterpart: Counterpart, status: int) -> None:
    counterpart.faults.append(Fault("/v2/sandboxes", "status", status=status, message="internal error"))
    assert (await make().probe()).ok


async def test_a_full_account_is_said(make: Make, counterpart: Counterpart) -> None:
    counterpart.fleet.most = 1
    provider = make()
    await provider.open("one", "none", {})
    with pytest.raises(SandboxError, match=r"maximum number of concurrent E2B sandboxes \(1\).*fewer tasks"):
        await provider.open("two", "none", {})


async def test_the_key_is_in_no_error_and_no_log(
    make: Make, counterpart: Counterpart, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = account_of(counterpart)
    provider = make()
    sandbox = await provider.open("task", "none", {})
    said = [repr(account), repr(provider), repr(sandbox)]
    echo = f"you sent {counterpart.key}, which is odd"
    counterpart.faults.append(Fault("/v2/sandboxes", "status", times=9, status=400, message=echo))
    with pytest.raises(SandboxError, match=r"you sent \*\*\*, which is odd") as refused:
        await provider.open("other", "none", {})
    said.append(str(refused.value))
    counterpart.faults.clear()
    counterpart.faults.append(Fault("/files", "status", times=9, status=507, message=echo))
    with pytest.raises(SandboxError) as full:
        await sandbox.run(["true"])
    said.append(str(full.value))
    assert counterpart.key not in "".join([*said, caplog.text])


async def test_a_key_that_is_not_taken_is_refused_with_what_to_do(make: Make, counterpart: Counterpart) -> None:
    secret = "e2b_ffffffffffffffffffffffffffffffffffffffff"
    provider = make(account=account_of(counterpart, api_key=secret))
    probe = await provider.probe()
    assert not probe.ok
    assert "E2B_API_KEY" in probe.fix
    with pytest.raises(Refused, match="Invalid API key") as refused:
        await provider.open("task", "none", {})
    assert secret not in "".join(traceback.format_exception(refused.value))
