"""A sandbox that runs nothing and answers what it was given: for what the host makes of answers that no real box would give."""

from collections.abc import Callable, Mapping, Sequence

from core.errors import Refused, SandboxError
from core.sandboxes import Demo, Limits, Probe, RunReason, RunResult, Toolchain

Answer = Callable[[Sequence[str], Mapping[str, bytes | str]], RunResult]


def ran(
    files: Mapping[str, bytes] | None = None, output: str = "", reason: RunReason = RunReason.OK, code: int = 0
) -> RunResult:
    return RunResult(exit_code=code, output=output, reason=reason, seconds=0.1, files=files or {})


class CannedSandbox:
    def __init__(self, answer: Answer, files: Mapping[str, bytes | str]) -> None:
        self._answer, self._files = answer, files

    async def write(self, files: Mapping[str, bytes | str]) -> None:
        self._files = {**self._files, **files}

    async def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return {}

    async def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        outputs: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> RunResult:
        return self._answer(argv, self._files)

    async def serve(self, argv: Sequence[str], *, port: int, ttl_s: float = 3600.0) -> Demo:
        raise SandboxError("a canned sandbox serves nothing")

    async def close(self) -> None:
        """Nothing is open."""


class CannedProvider:
    """`refusal` makes every opening fail with that sentence."""

    def __init__(self, answer: Answer | RunResult | None = None, refusal: str = "") -> None:
        self._answer: Answer = answer if callable(answer) else lambda _argv, _files: answer or ran()
        self._refusal = refusal
        self.opened = 0

    async def probe(self) -> Probe:
        return Probe("canned", not self._refusal, reason=self._refusal)

    async def open(self, task_id: str, toolchain: Toolchain, files: Mapping[str, bytes | str]) -> CannedSandbox:
        if self._refusal:
            raise Refused(self._refusal)
        self.opened += 1
        return CannedSandbox(self._answer, files)

    async def close(self) -> None:
        """Nothing runs."""
