"""A process that owns a sandbox provider, as root or as an ordinary user; one JSON request and answer per line.

It becomes the user only after everything is loaded and warm, so it does not matter where this interpreter and the
project live.
"""

import asyncio
import base64
import ctypes
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from core.errors import AutonomyError
from core.sandboxes import Limits, RunResult
from sandbox.bwrap import LocalSandbox, LocalSandboxProvider
from sandbox.demos import forwarder_source
from sandbox.toolchain import Toolchains, locate

_PR_SET_DUMPABLE = 4


async def serve(state_dir: Path, toolchains: Toolchains, bwrap: Path, uid: int) -> None:
    provider = _provider(state_dir, toolchains, bwrap)
    probe = await provider.probe()
    if uid != os.geteuid():
        forwarder_source()
        await provider.close()
        become(uid)
        provider = _provider(state_dir, toolchains, bwrap)
        probe = await provider.probe()
    held = socket.create_server(("127.0.0.1", 0))  # a listener that is inheritable, as a careless server may have
    held.set_inheritable(True)
    _say({"probe": [probe.ok, probe.reason, *probe.enforced]})
    sandboxes: list[LocalSandbox] = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            _say(await _answer(provider, sandboxes, json.loads(line)))
        except AutonomyError as error:
            _say({"error": type(error).__name__, "message": str(error)})
    held.close()
    await provider.close()


async def _answer(provider: LocalSandboxProvider, sandboxes: list[LocalSandbox], request: dict[str, Any]) -> object:
    if request["op"] == "close":
        await sandboxes.pop().close()
        return {}
    sandbox = await provider.open("attack", request["toolchain"], request["files"])
    if request["op"] == "serve":
        sandboxes.append(sandbox)
        return {"url": (await sandbox.serve(request["argv"], port=request["port"], ttl_s=request["ttl_s"])).url}
    limits = Limits(**request["limits"])
    run = [
        sandbox.run(request["argv"], env=request["env"], outputs=request["outputs"], limits=limits)
        for _ in range(request["copies"])
    ]
    return [_plain(result) for result in await asyncio.gather(*run)]


def _provider(state_dir: Path, toolchains: Toolchains, bwrap: Path) -> LocalSandboxProvider:
    return LocalSandboxProvider(bwrap=bwrap, toolchains=toolchains, state_dir=state_dir, max_parallel=3)


def become(uid: int) -> None:
    """Turn into an ordinary user for good, one that can be looked at like any other."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _plain(result: RunResult) -> dict[str, object]:
    files = {path: base64.b64encode(content).decode() for path, content in result.files.items()}
    return {**vars(result), "files": files, "refused": dict(result.refused)}


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    state, chains, program = map(Path, sys.argv[1:4])
    asyncio.run(serve(state, locate(chains), program, int(sys.argv[4])))
