"""The adapter against E2B itself, on the template of this version."""

import os
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from core.sandboxes import Limits, RunReason
from sandbox.e2b.cloud import Account
from sandbox.e2b.machine import Life
from sandbox.e2b.provider import E2BSandboxProvider, Options
from wiring import SystemClock

pytestmark = pytest.mark.live
OFFLINE = "import socket; socket.create_connection(('1.1.1.1', 53), 3)"


@pytest.fixture
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[E2BSandboxProvider]:
    key = os.environ.get("E2B_API_KEY")
    if not key or "live" not in request.config.option.markexpr:
        pytest.skip("live: needs E2B_API_KEY and to be asked for by -m live")
    options = Options(
        template=os.environ.get("E2B_TEMPLATE", "autonomy"),
        installation=f"live-{uuid.uuid4().hex}",
        life=Life(whole_s=300, renew_s=60.0, idle_s=30.0),
    )
    provider = E2BSandboxProvider(Account(key), options, SystemClock())
    yield provider
    await provider.close()


async def test_the_template_is_that_of_this_version_and_boxes_start(provider: E2BSandboxProvider) -> None:
    probe = await provider.probe()
    assert probe.ok, f"{probe.reason} {probe.fix}"


async def test_runs_are_fresh_bounded_and_offline(provider: E2BSandboxProvider) -> None:
    sandbox = await provider.open("live", "full", {"hello.txt": "hello\n"})
    first = await sandbox.run(["sh", "-c", "cat hello.txt; pwd; echo 1 > kept; echo 2 > lost"], outputs=["kept"])
    assert (first.output, dict(first.files)) == ("hello\n/box\n", {"kept": b"1\n"})
    assert (await sandbox.run(["ls"])).output == "frontend\nhello.txt\nkept\n"
    assert (await sandbox.run(["sleep", "60"], limits=Limits(wall_s=1))).reason is RunReason.TIMEOUT
    assert (await sandbox.run(["python3", "-c", OFFLINE])).exit_code == 1
    assert (await sandbox.run(["python", "-m", "pytest", "--version"])).ok
    assert (await sandbox.run(["node", "frontend/node_modules/@typescript/native/bin/tsc", "--version"])).ok


async def test_a_demo_is_shown_to_the_world_until_it_ends(provider: E2BSandboxProvider) -> None:
    sandbox = await provider.open("live", "python", {"hello.txt": "hello\n"})
    demo = await sandbox.serve(["python3", "-m", "http.server", "8000"], port=8000, ttl_s=120)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{demo.url}/hello.txt")).text == "hello\n"
        await sandbox.close()
        assert (await client.get(demo.url)).status_code == 502
