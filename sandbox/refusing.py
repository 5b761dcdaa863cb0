"""The provider of a machine where generated code must not run: says why, and what to do, and runs nothing."""

from collections.abc import Mapping

from core.errors import Refused
from core.ports import Sandbox
from core.sandboxes import Probe, Toolchain


class RefusingProvider:
    """Refuses every sandbox with one reason and one fix."""

    def __init__(self, reason: str, fix: str) -> None:
        self._probe = Probe("none", False, reason=reason, fix=fix)

    async def probe(self) -> Probe:
        return self._probe

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> Sandbox:
        raise Refused(refusal(self._probe), backend=self._probe.backend)

    async def close(self) -> None:
        """Nothing runs."""


def refusal(probe: Probe) -> str:
    """The sentence for people."""
    return f"generated code cannot be run here: {probe.reason}. {probe.fix}"
