"""The generated application, served in the sandbox for people to try: backend and built frontend together."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from core.errors import SandboxError
from core.ports import Sandbox
from core.sandboxes import Demo
from core.tls import trusted
from tools.boxes import Subject, inside_files, part
from tools.checks import frontend

HEALTH_S = 20.0
LOOK_S = 0.1
ASK_S = 5.0


@dataclass(frozen=True)
class Served:
    """A demo and the sandbox that it lives in: closing that ends it."""

    demo: Demo
    sandbox: Sandbox


async def build_frontend(subject: Subject) -> Mapping[str, bytes]:
    """What a browser is given, by path; empty where the application has no frontend. Raises SandboxError."""
    if not subject.plan.has_frontend:
        return {}
    result, built = await frontend.check_build(subject, await frontend.with_types(subject))
    if not built:
        raise SandboxError(f"the frontend cannot be built: {result.detail}")
    return built


async def serve_application(subject: Subject, built: Mapping[str, bytes], ttl_s: float) -> Served:
    """Serve it on an address of its own, and wait until it says that it is well.

    Raises Refused, TooManyTasks, or SandboxError with what the server wrote.
    """
    files: dict[str, str | bytes] = {**part(subject.files, "backend/"), **built, **inside_files()}
    sandbox = await subject.provider.open(subject.task_id, "python", files)
    try:
        port = _free_port()
        command = ["sh", "-c", f'PYTHONPATH="$PWD/.autonomy" exec python -m inside.demo_run {port}']
        demo = await sandbox.serve(command, port=port, ttl_s=ttl_s)
        await _until_well(demo.url)
    except BaseException:
        await sandbox.close()
        raise
    return Served(demo, sandbox)


async def is_well(url: str) -> bool:
    """Whether the application answers that it is up."""
    try:
        async with httpx.AsyncClient(timeout=ASK_S, trust_env=url.startswith("https:"), verify=trusted()) as http:
            return (await http.get(f"{url}/health")).status_code == 200
    except httpx.HTTPError:
        return False


async def _until_well(url: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + HEALTH_S
    while not await is_well(url):
        if loop.time() > deadline:
            raise SandboxError(f"the application was started, but GET /health did not answer 200 within {HEALTH_S:g} s")
        await asyncio.sleep(LOOK_S)


def _free_port() -> int:
    """One that nobody uses now; where the backend has no network of its own for each demo they must not meet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
