"""The adapters that the settings choose: sandbox and output files."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from config import Settings
from core.ports import SandboxProvider
from sandbox.choice import build as build_sandbox
from sandbox.choice import choose, find_bwrap
from sandbox.demos import Shown
from sandbox.toolchain import default_home, locate
from wiring.stores import SystemClock
from workspace.export import export_files

E2B_PARALLEL = 4


def make_sandbox(settings: Settings) -> SandboxProvider:
    """The sandbox for these settings; one that refuses, with the reason, where nothing isolates."""
    home = default_home(os.getuid(), Path.home())
    folders = [Path(entry) for entry in os.get_exec_path()] + [home / "tools" / "bubblewrap" / "usr" / "bin"]
    choice = choose(
        settings.sandbox_backend,
        bwrap=find_bwrap(folders),
        opt_in=settings.sandbox_allow_unsandboxed,
        uid=os.getuid(),
        only_loopback=settings.only_loopback,
        e2b_key=bool(settings.e2b_api_key),
    )
    return build_sandbox(
        choice,
        toolchains=locate(settings.sandbox_toolchains or home / "toolchains"),
        state_dir=settings.data_dir / "sandbox",
        max_parallel=settings.sandbox_max_parallel,
        max_demos=settings.max_demos + 1,  # one that is to end may still be ending
        shown=Shown(settings.demo_host, settings.demo_public_host),
        e2b=lambda: _e2b(settings),
    )


def toolchain_versions(settings: Settings) -> str:
    """What generated code runs with here, as one text that differs when any of it does."""
    if wants_e2b(settings):
        return f"e2b {settings.e2b_template}"
    tools = locate(settings.sandbox_toolchains or default_home(os.getuid(), Path.home()) / "toolchains")
    return f"{tools.python} {tools.node_modules} {tools.node_version}"


def _e2b(settings: Settings) -> SandboxProvider:
    from sandbox.e2b.cloud import Account
    from sandbox.e2b.installation import installation_id
    from sandbox.e2b.machine import Life
    from sandbox.e2b.provider import E2BSandboxProvider, Options

    options = Options(
        template=settings.e2b_template,
        installation=installation_id(settings.data_dir / "sandbox"),
        life=Life(whole_s=settings.sandbox_timeout_seconds),
        max_parallel=settings.sandbox_max_parallel or E2B_PARALLEL,
        max_demos=settings.max_demos + 1,
    )
    return E2BSandboxProvider(Account(settings.e2b_api_key or ""), options, SystemClock())


def wants_e2b(settings: Settings) -> bool:
    """Whether generated code is to run in E2B's cloud."""
    return settings.sandbox_backend == "e2b" or (settings.sandbox_backend == "auto" and bool(settings.e2b_api_key))


async def greet_e2b(settings: Settings) -> str:
    """What E2B says to the key: how many machines of this installation run. None is made. Raises SandboxError."""
    from sandbox.e2b.calls import Caller
    from sandbox.e2b.cloud import Account, Cloud
    from sandbox.e2b.installation import installation_id

    key = settings.e2b_api_key or ""
    installation = await asyncio.to_thread(installation_id, settings.data_dir / "sandbox")
    cloud = Cloud(
        Account(key, retries=0),
        Caller(key, timeout_s=30.0),
        template=settings.e2b_template,
        installation=installation,
        service="check",
    )
    return f"E2B takes the key; {len(await cloud.list())} machines of this installation run"


async def write_output(directory: str, task_id: str, files: Mapping[str, str]) -> str:
    target = Path(directory) / task_id
    await asyncio.to_thread(export_files, files, target)
    return str(target)
