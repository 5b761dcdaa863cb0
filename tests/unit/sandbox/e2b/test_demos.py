"""A demo is given to people when its public address answers, not before."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from core.errors import InvalidInput, SandboxError
from sandbox.e2b import demos
from sandbox.e2b.cloud import Account
from sandbox.e2b.demos import public_url
from sandbox.e2b.machine import Machine
from sandbox.e2b.provider import E2BSandboxProvider, Options
from tests.unit.sandbox.e2b.conftest import Make
from tests.unit.sandbox.e2b.test_failures import START, processes, until
from tests.wire.e2b.driving import INSTALLATION, account_of
from tests.wire.e2b.server import TEMPLATE, Counterpart
from wiring import SystemClock

pytestmark = pytest.mark.sandbox
SERVER = ["/usr/bin/python3", "-m", "http.server", "8000"]


class SlowProxy:
    """As E2B's until it knows the port: 502 twice, then an answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        status = b"502 Bad Gateway" if self.asked <= 2 else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    def url(self, machine: Machine, port: int) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def proxy() -> AsyncIterator[SlowProxy]:
    made = SlowProxy()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def test_a_demo_is_shown_once_the_address_answers(
    counterpart: Counterpart, proxy: SlowProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demos, "_ASK_S", 60.0)  # a late answer is not asked for again
    options = Options(template=TEMPLATE, installation=INSTALLATION, needs=())
    provider = E2BSandboxProvider(account_of(counterpart), options, SystemClock(), url=proxy.url)
    if not (await provider.probe()).ok:
        pytest.skip("missing: bubblewrap that works here")
    sandbox = await provider.open("task", "none", {})
    await sandbox.serve(SERVER, port=8000, ttl_s=60)
    assert proxy.asked == 3
    await provider.close()


async def test_the_address_is_that_of_e2b(make: Make, counterpart: Counterpart) -> None:
    machine = await make()._machines.probe_machine()
    assert public_url(machine, 8000) == f"https://8000-{machine.machine_id}.{Account('key').domain}"


async def test_each_sandbox_ends_its_own_demos_only(make: Make, counterpart: Counterpart) -> None:
    provider = make()
    one, two = [await provider.open("task", "none", {"who": name}) for name in ("one", "two")]
    first, second = await one.serve(SERVER, port=8000), await two.serve(SERVER, port=8000)
    await one.close()
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(f"{second.url}/who")).text == "two"
        with pytest.raises(httpx.ConnectError):
            await client.get(first.url)


@pytest.mark.parametrize(("port", "ttl_s"), [(80, 60), (70_000, 60), (8000, 0), (8000, 90_000)])
async def test_what_cannot_be_served_is_refused(make: Make, counterpart: Counterpart, port: int, ttl_s: float) -> None:
    sandbox = await make().open("task", "none", {})
    with pytest.raises(InvalidInput):
        await sandbox.serve(SERVER, port=port, ttl_s=ttl_s)
    assert counterpart.count("POST", START) == 1, "the probe's"


async def test_a_server_that_does_not_come_up_leaves_nothing(make: Make, counterpart: Counterpart) -> None:
    sandbox = await make(max_demos=1).open("task", "none", {})
    for _ in range(2):
        with pytest.raises(SandboxError, match="ended with code 1 before it answered"):
            await sandbox.serve(["/usr/bin/python3", "-c", "raise SystemExit('no')"], port=8000)
    await until(lambda: not processes(counterpart))
