"""Where files of tasks live, where they are published, and where they can be tried."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from config import Settings
from core.ports import CodeHost, SandboxProvider, WorkspaceProvider
from tasks.demos import Demos
from wiring.code_hosts import make_code_host
from wiring.stores import Stores, SystemClock
from workspace.git import GitWorkspaceProvider


@dataclass(frozen=True)
class Outside:
    workspaces: WorkspaceProvider
    code_host: CodeHost
    demos: Demos


def open_outside(
    stack: AsyncExitStack, settings: Settings, stores: Stores, sandbox: SandboxProvider, clock: SystemClock
) -> Outside:
    """On exit demos end and connections are closed."""
    workspaces = GitWorkspaceProvider(settings.data_dir / "workspaces", clock, sync=settings.syncs)
    code_host = make_code_host(settings)
    stack.push_async_callback(code_host.close)
    demos = Demos(
        sandbox,
        stores.tasks,
        workspaces,
        clock,
        ttl_s=settings.demo_ttl_seconds,
        most=settings.max_demos,
        enabled=settings.live_demo,
    )
    stack.push_async_callback(demos.close)
    return Outside(workspaces, code_host, demos)
