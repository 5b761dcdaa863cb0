"""A repository on the counterpart with two files on main, hosts that publish to it, and a workspace to publish from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.ports import Workspace
from tests.contracts.fixed_clock import FixedClock
from tests.unit.code_host.github.work import save
from tests.wire.github.hosts import BASE, Hosts, github_hosts
from tests.wire.github.server import GitHub
from workspace.git import GitWorkspaceProvider


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def hosts(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Hosts]:
    async with github_hosts(tmp_path / "github", clock) as hosts:
        yield hosts


@pytest.fixture
def github(hosts: Hosts) -> GitHub:
    hosts.github.commit(BASE)
    return hosts.github


@pytest.fixture
async def workspace(tmp_path: Path, clock: FixedClock) -> Workspace:
    """With two files of work in it, and nothing of the base."""
    workspace = await GitWorkspaceProvider(tmp_path / "workspaces", clock).open("t1")
    await save(workspace, {"app/main.py": "print('hello')\n", "README.md": "# Shop\n"})
    return workspace
