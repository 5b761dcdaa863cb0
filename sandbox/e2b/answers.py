"""What the agent on a machine says, believed only as far as it is well-formed and within the limits of the run."""

from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from core.errors import PathRefused, SandboxError
from core.paths import checked_path
from core.sandboxes import Limits, RunReason, RunResult
from core.types import Value
from sandbox.archive import Unpacked
from sandbox.e2b import wire

_HEADER_BYTES = 1 << 20
_PER_BYTE = 6
"""A byte of output is at most so many in JSON."""


class Failed(Value):
    kind: Literal["error"]
    message: str = Field(max_length=100_000)


class Serving(Value):
    kind: Literal["serving"]
    port: int = Field(ge=1, le=65535)


class Probed(Value):
    """`python` and `node` are versions of the toolchains that match this version's locks, empty where there is none."""

    kind: Literal["probe"]
    ok: bool
    reason: str
    isolation: str
    enforced: tuple[str, ...]
    version: str
    python: str
    node: str


class Ran(Value):
    kind: Literal["result"]
    exit_code: int = Field(ge=0, le=255)
    output: str
    reason: RunReason
    seconds: float = Field(ge=0)
    truncated: bool
    peak_bytes: int = Field(ge=0)
    files: tuple[tuple[str, int], ...]
    refused: dict[str, str]

    def result(self, body: bytes, limits: Limits) -> RunResult:
        """Outputs are bounded once more here."""
        taken = _unpacked(self.files, body, limits)
        text = self.output.encode("utf-8", "replace")[: limits.output * 3 + 200].decode("utf-8", "replace")
        return RunResult(
            exit_code=self.exit_code,
            output=text,
            reason=self.reason,
            seconds=self.seconds,
            truncated=self.truncated,
            peak_bytes=self.peak_bytes,
            files=taken.files,
            refused={**self.refused, **taken.refused},
        )


Answer = Failed | Serving | Probed | Ran
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)


def most_bytes(limits: Limits) -> int:
    """More than this no honest answer has."""
    return _HEADER_BYTES + limits.artifact_total + limits.output * _PER_BYTE + limits.artifact_files * 512


def understood(line: str, most: int) -> tuple[Answer, bytes]:
    """Raises SandboxError for what no agent of ours writes, and for what it says went wrong."""
    try:
        header, body = wire.unpack_line(line, most)
        answer = _ANSWERS.validate_python(header, strict=False)
    except (wire.Garbled, ValidationError) as error:
        raise SandboxError("the machine's answer makes no sense; no result of it is believed") from error
    if isinstance(answer, Failed):
        raise SandboxError(answer.message)
    return answer, body


def _unpacked(files: tuple[tuple[str, int], ...], body: bytes, limits: Limits) -> Unpacked:
    found = Unpacked()
    offset = total = 0
    for path, size in files:
        content = body[offset : offset + max(0, size)]
        offset += len(content)
        if size > limits.artifact_file or total + size > limits.artifact_total or len(content) != size:
            found.refused[path] = "larger than allowed, or cut off"
        elif len(found.files) >= limits.artifact_files:
            found.refused[path] = f"more than {limits.artifact_files} files"
        else:
            try:
                found.files[checked_path(path)] = content
            except PathRefused as error:
                found.refused[path] = str(error)
            else:
                total += size
    return found
