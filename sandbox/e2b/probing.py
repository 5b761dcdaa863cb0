"""Finds out on a real machine whether E2B can be used: key, template, box and toolchains; and says what to do when not."""

from collections.abc import Sequence
from typing import Literal

from core.errors import SandboxError
from core.sandboxes import Probe
from sandbox.e2b.answers import Probed
from sandbox.e2b.calls import Denied, NoTemplate
from sandbox.e2b.machines import Machines

BACKEND = "e2b"
Need = Literal["python", "node"]
_ISOLATION = "a virtual machine of E2B with a kernel of its own and no internet; in it, per run: {inside}"
_KEY = "Set E2B_API_KEY to a key of your team, or SANDBOX_BACKEND=bwrap to run on this machine"
_BUILD = (
    "Build it from this version: `e2b template create {template} -p . -d sandbox/e2b/template/Dockerfile --cpu-count 2 "
    "--memory-mb 4096`, and name it in E2B_TEMPLATE (docs/e2b.md)"
)


async def examine(machines: Machines, template: str, needs: Sequence[Need]) -> Probe:
    """Make a machine, start a box on it, look for the toolchains, end it."""
    build = _BUILD.format(template=template)
    try:
        machine = await machines.probe_machine()
        try:
            found = await machine.probe()
        finally:
            await machine.kill()
    except Denied as error:
        return _failed(str(error), _KEY)
    except NoTemplate as error:
        return _failed(str(error), build)
    except SandboxError as error:
        return _failed(
            str(error), f"Try again; if it stays so, look at E2B's status page, then at the template. {build}"
        )
    if not found.ok:
        return _failed(f"no box can be started on machines of template {template}: {found.reason}", build)
    if missing := [need for need in needs if not _version(found, need)]:
        names = " and ".join(missing)
        return _failed(f"template {template} has no {names} toolchain with this version's packages", build)
    isolation = _ISOLATION.format(inside=found.isolation.split(";")[0])
    return Probe(BACKEND, True, isolation=isolation, enforced=found.enforced, version=f"template {template}")


def _version(found: Probed, need: Need) -> str:
    return found.python if need == "python" else found.node


def _failed(reason: str, fix: str) -> Probe:
    return Probe(BACKEND, False, reason=reason, fix=fix)
