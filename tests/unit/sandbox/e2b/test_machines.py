"""Which machines there are: one a task, kept alive while it works, found again, ended in time, and never somebody else's."""

import asyncio

import httpx
import pytest

from core.errors import SandboxError
from sandbox.e2b.cloud import INSTALLATION, PURPOSE, SERVICE, TASK
from sandbox.e2b.machine import Life
from sandbox.e2b.machines import PROBE, RUNS
from sandbox.e2b.provider import E2BSandboxProvider
from tests.contracts.fixed_clock import FixedClock
from tests.unit.sandbox.e2b.conftest import Make
from tests.unit.sandbox.e2b.test_failures import START, processes, until, until_its_time_is_over
from tests.wire.e2b.driving import INSTALLATION as OURS
from tests.wire.e2b.faults import Fault
from tests.wire.e2b.server import TEMPLATE, Counterpart

pytestmark = pytest.mark.sandbox
CREATE = ("POST", "/v2/sandboxes")


def killed(provider: E2BSandboxProvider) -> None:
    """As if the service had been killed: nothing of it goes on, and it has told E2B nothing."""
    for chore in provider._machines._chores:
        chore.cancel()
    provider._machines._places.clear()


def left(counterpart: Counterpart, installation: str, task_id: str, purpose: str = RUNS) -> str:
    """A machine that somebody else made."""
    metadata = {INSTALLATION: installation, SERVICE: "earlier", TASK: task_id, PURPOSE: purpose}
    return counterpart.fleet.make({"templateID": TEMPLATE, "timeout": 300, "metadata": metadata}).machine_id  # type: ignore[dict-item]  # JSON


async def test_every_machine_says_whose_it_is_and_has_no_internet(make: Make, counterpart: Counterpart) -> None:
    await make().open("task", "none", {})
    (remote,) = counterpart.fleet.running.values()
    assert remote.internet is False
    assert (remote.metadata[INSTALLATION], remote.metadata[TASK], remote.metadata[PURPOSE]) == (OURS, "task", RUNS)
    assert all(ended.internet is False for ended in counterpart.fleet.ended)
    assert remote.order["envVars"] == {}


async def test_the_checks_of_a_task_share_a_machine_and_other_tasks_have_their_own(
    make: Make, counterpart: Counterpart
) -> None:
    provider = make()
    for number in range(3):
        sandbox = await provider.open("task", "none", {"a": str(number)})
        assert (await sandbox.run(["cat", "a"])).output == str(number)
        await sandbox.close()
    await asyncio.gather(*(provider.open("other", "none", {}) for _ in range(3)))
    assert len(counterpart.fleet.running) == 2


async def test_a_machine_is_kept_alive_while_it_works(make: Make, counterpart: Counterpart) -> None:
    sandbox = await make(life=Life(whole_s=60, renew_s=0.1), clock=FixedClock()).open("task", "none", {})
    (remote,) = counterpart.fleet.running.values()
    await asyncio.sleep(0.3)
    assert not remote.renewals, "it does nothing"
    run = asyncio.create_task(sandbox.run(["sleep", "600"]))
    await until(lambda: len(remote.renewals) >= 3)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert set(remote.renewals) == {60}


async def test_before_a_run_the_life_of_a_machine_is_prolonged_when_it_has_been_a_while(
    make: Make, counterpart: Counterpart
) -> None:
    clock = FixedClock()
    sandbox = await make(life=Life(whole_s=3600, renew_s=600.0), clock=clock).open("task", "none", {})
    (remote,) = counterpart.fleet.running.values()
    await sandbox.run(["true"])
    assert remote.renewals == []
    clock.time += 601
    await sandbox.run(["true"])
    assert remote.renewals == [3600]


async def test_an_account_that_grants_no_longer_life_does_not_end_the_run(make: Make, counterpart: Counterpart) -> None:
    sandbox = await make(life=Life(whole_s=60, renew_s=0.1), clock=FixedClock()).open("task", "none", {})
    counterpart.fleet.longest_s = 30
    assert (await sandbox.run(["sh", "-c", "sleep 0.4; echo done"])).output == "done\n"


async def test_an_idle_machine_is_ended_and_a_new_one_made_when_the_task_goes_on(
    make: Make, counterpart: Counterpart
) -> None:
    provider = make(life=Life(idle_s=0.1))
    sandbox = await provider.open("task", "none", {})
    await sandbox.close()
    await until(lambda: not counterpart.fleet.running)
    again = await provider.open("task", "none", {})
    assert (await again.run(["true"])).ok


async def test_a_machine_in_use_is_not_idle(make: Make, counterpart: Counterpart) -> None:
    provider = make(life=Life(idle_s=0.1))
    first = await provider.open("task", "none", {})
    await first.close()
    second = await provider.open("task", "none", {})
    await asyncio.sleep(0.3)
    (machine,) = counterpart.fleet.running
    await second.run(["true"])
    assert list(counterpart.fleet.running) == [machine]


async def test_closing_ends_every_machine(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    sandbox = await provider.open("task", "none", {})
    await provider.close()
    assert not counterpart.fleet.running
    await sandbox.close()
    with pytest.raises(SandboxError, match="shutting down"):
        await provider.open("task", "none", {})


async def test_after_a_restart_a_task_finds_its_machine_again_and_nothing_runs_on_it(
    make: Make, counterpart: Counterpart
) -> None:
    before = make()
    sandbox = await before.open("task", "none", {})
    run = asyncio.create_task(sandbox.run(["sleep", "60"]))
    await until(lambda: processes(counterpart))
    killed(before)
    (machine,) = counterpart.fleet.running
    made = counterpart.count(*CREATE)
    after = make()
    again = await after.open("task", "none", {"a": "1"})
    assert list(counterpart.fleet.running) == [machine]
    assert counterpart.count(*CREATE) == made + 1, "the probe's"
    await until(lambda: not processes(counterpart))
    assert (await again.run(["cat", "a"])).output == "1"
    with pytest.raises(SandboxError):
        await run


def hold_sleeps(monkeypatch: pytest.MonkeyPatch, seconds: float) -> asyncio.Event:
    """Sleeps of so many seconds last until the event that is returned is set."""
    over, sleep = asyncio.Event(), asyncio.sleep

    async def held(delay: float, result: object = None) -> object:
        if delay != seconds:
            return await sleep(delay, result)
        await over.wait()
        return result

    monkeypatch.setattr(asyncio, "sleep", held)
    return over


async def test_what_earlier_starts_left_is_ended_and_what_is_not_ours_is_left_alone(
    make: Make, counterpart: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    counterpart.fleet.heeds_filters = False
    foreign = left(counterpart, "another-installation", "task")
    tried = left(counterpart, OURS, "", PROBE)
    older, newer, forgotten = (left(counterpart, OURS, task_id) for task_id in ("task", "task", "forgotten"))
    provider, claimed = make(claim_s=77.7), hold_sleeps(monkeypatch, 77.7)
    await provider.probe()
    assert tried not in counterpart.fleet.running
    assert older not in counterpart.fleet.running, "of two machines of a task the newer one is kept"
    assert forgotten in counterpart.fleet.running, "its task may come back"
    await provider.open("task", "none", {})
    claimed.set()
    await until(lambda: forgotten not in counterpart.fleet.running)
    assert {foreign, newer} <= set(counterpart.fleet.running)
    await provider.close()
    assert set(counterpart.fleet.running) == {foreign}


async def test_a_machine_that_cannot_be_had_again_is_replaced(make: Make, counterpart: Counterpart) -> None:
    earlier = left(counterpart, OURS, "task")
    provider = make()
    await provider.probe()
    counterpart.fleet.running.pop(earlier)
    sandbox = await provider.open("task", "none", {})
    assert (await sandbox.run(["true"])).ok
    assert counterpart.count("POST", START) == 2


async def test_a_machine_that_nobody_waits_for_any_more_is_ended(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    await provider.probe()
    counterpart.faults.append(Fault("/v2/sandboxes", "limit", retry_after_s=1))
    opening = asyncio.create_task(provider.open("task", "none", {}))
    await until(lambda: not any(fault.times for fault in counterpart.faults))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await until(lambda: len(counterpart.fleet.ended) == 2)
    assert not counterpart.fleet.running


async def test_an_order_whose_answer_is_lost_makes_one_machine(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    await provider.probe()
    counterpart.faults.append(Fault("/v2/sandboxes", "cut-stream", pieces=0))
    await provider.open("task", "none", {})
    assert len(counterpart.fleet.running) == 1
    assert counterpart.count(*CREATE) == 3


async def test_a_demo_is_served_on_a_new_machine_where_the_old_one_is_gone(
    make: Make, counterpart: Counterpart
) -> None:
    sandbox = await make().open("task", "none", {"a": "x"})
    await until_its_time_is_over(counterpart)
    demo = await sandbox.serve(["/usr/bin/python3", "-m", "http.server", "8000"], port=8000, ttl_s=60)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(f"{demo.url}/a")).text == "x"


async def test_demos_of_several_tasks_run_at_once_and_keep_their_machines_alive(
    make: Make, counterpart: Counterpart
) -> None:
    provider = make(life=Life(whole_s=60, renew_s=0.1), clock=FixedClock(), max_demos=2)
    server = ["/usr/bin/python3", "-m", "http.server", "8000", "--bind", "127.0.0.1"]
    sandboxes = [await provider.open(name, "none", {"who": name}) for name in ("one", "two")]
    demos = [await sandbox.serve(server, port=8000) for sandbox in sandboxes]
    assert len({demo.url for demo in demos}) == 2
    first, second = counterpart.fleet.running.values()
    await until(lambda: first.renewals and second.renewals)
