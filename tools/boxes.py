"""Running a program of `tools/inside` in the sandbox, and believing only what is small and well-formed of what it says."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import AutonomyError, Refused, SandboxError
from core.findings import CheckResult, CheckStatus, Finding, Severity
from core.plan import Plan
from core.ports import SandboxProvider
from core.sandboxes import Limits, RunReason, RunResult, Toolchain
from core.types import Json, JsonObject

INSIDE = Path(__file__).parent / "inside"
OUT = ".autonomy/out"
MAX_REPORT = 4 << 20
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WHY = {
    RunReason.TIMEOUT: "it did not end within {limits.wall_s:.0f} s",
    RunReason.MEMORY: "it used more than {memory} MB of memory",
    RunReason.INODES: "it made more than {limits.inodes} files",
    RunReason.CPU: "it used more than {limits.cpu_s} s of processor time",
}


@dataclass(frozen=True)
class Subject:
    """The application under test: `files` are all its files, `contract` the OpenAPI document it promises."""

    provider: SandboxProvider
    task_id: str
    plan: Plan
    contract: JsonObject
    files: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of one run: `not_executed` is the reason when nothing ran, `result` what the sandbox says otherwise."""

    limits: Limits
    result: RunResult | None = None
    not_executed: str = ""

    @property
    def stopped(self) -> str:
        """Why the sandbox ended it, empty when it ended by itself."""
        if self.result is None or self.result.reason not in _WHY:
            return ""
        return _WHY[self.result.reason].format(limits=self.limits, memory=self.limits.memory >> 20)

    @property
    def tail(self) -> str:
        return clean(self.result.output[-4000:]) if self.result else ""

    def file(self, name: str) -> bytes | None:
        """An output by its name in the box's out folder; None when it is not there or too large."""
        content = self.result.files.get(f"{OUT}/{name}") if self.result else None
        return content if content is not None and len(content) <= MAX_REPORT else None


class _Claim(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _ClaimedFinding(_Claim):
    message: str
    file: str | None = None
    line: int | None = None
    category: str = ""
    severity: Severity = "high"
    evidence: str = ""


class _ClaimedCheck(_Claim):
    name: str
    status: CheckStatus
    detail: str = ""
    seconds: float = Field(default=0.0, ge=0, le=86_400)
    findings: list[_ClaimedFinding] = Field(default_factory=list, max_length=200)


class Report(_Claim):
    """The report a program inside left; `extra` is whatever else it says, as plain JSON."""

    checks: list[_ClaimedCheck] = Field(default_factory=list, max_length=20)
    extra: dict[str, Json] = Field(default_factory=dict)


def clean(text: str) -> str:
    """Text without escape sequences and control characters, so that it may be shown in a terminal, a log or a chat."""
    return _CONTROL.sub("", _ANSI.sub("", text.replace("\r\n", "\n")))


@lru_cache(maxsize=1)
def inside_files() -> Mapping[str, str]:
    """The programs that run inside, by their path in the box."""
    return {
        f".autonomy/inside/{path.relative_to(INSIDE).as_posix()}": path.read_text()
        for path in sorted(INSIDE.rglob("*"))
        if path.suffix in (".py", ".cjs")
    }


def part(files: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """The files under the given folders (or of exactly these names)."""
    return {path: text for path, text in files.items() if path.startswith(prefixes)}


async def run_inside(
    subject: Subject,
    argv: Sequence[str],
    files: Mapping[str, str | bytes],
    *,
    toolchain: Toolchain = "python",
    limits: Limits | None = None,
    outputs: Sequence[str] = (f"{OUT}/*",),
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """`run_box` for an application, with its contract and its plan at hand."""
    known = {
        ".autonomy/contract.json": json.dumps(subject.contract),
        ".autonomy/plan.json": subject.plan.model_dump_json(),
    }
    return await run_box(
        subject.provider, subject.task_id, argv, {**files, **known},
        toolchain=toolchain, limits=limits, outputs=outputs, env=env,
    )  # fmt: skip


async def run_box(
    provider: SandboxProvider,
    task_id: str,
    argv: Sequence[str],
    files: Mapping[str, str | bytes],
    *,
    toolchain: Toolchain = "python",
    limits: Limits | None = None,
    outputs: Sequence[str] = (f"{OUT}/*",),
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run `argv` over `files` in a sandbox of its own, with our programs importable as `inside`. Never raises for refusals."""
    limits = limits or Limits()
    settings = {"PYTHONPATH": "/box/.autonomy", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **(env or {})}
    try:
        sandbox = await provider.open(task_id, toolchain, {**files, **inside_files()})
    except (Refused, SandboxError) as error:
        return Outcome(limits, not_executed=str(error))
    except AutonomyError as error:
        return Outcome(limits, not_executed=f"the sandbox did not take the files: {error}")
    try:
        return Outcome(limits, await sandbox.run(argv, env=settings, outputs=outputs, limits=limits))
    except (Refused, SandboxError) as error:
        return Outcome(limits, not_executed=str(error))
    finally:
        await sandbox.close()


def read_report(outcome: Outcome, name: str) -> Report | None:
    """The report `name` of a run, None when there is none that can be read."""
    content = outcome.file(f"{name}.json")
    if content is None:
        return None
    try:
        document = json.loads(content)
        extra = {key: value for key, value in document.items() if key != "checks"}
        return Report.model_validate({"checks": document.get("checks", []), "extra": extra})
    except (ValueError, ValidationError, AttributeError, RecursionError):
        return None


def check_results(outcome: Outcome, report: Report | None, names: Sequence[str]) -> list[CheckResult]:
    """One result per expected check, in that order: what the report claims, or why there is nothing to believe."""
    claimed = {check.name: check for check in report.checks} if report else {}
    return [
        _believe(claimed[name]) if name in claimed else unreported(name, outcome) for name in names
    ]  # fmt: skip


def unreported(name: str, outcome: Outcome) -> CheckResult:
    """The result of a check that said nothing: not executed when nothing ran, failed when it ran and was ended or broke."""
    if outcome.not_executed:
        return not_executed(name, outcome.not_executed)
    code = outcome.result.exit_code if outcome.result else None
    why = outcome.stopped or f"it ended without a report (exit code {code})"
    finding = Finding(check=name, message=f"The check '{name}' could not be finished: {why}", evidence=outcome.tail)
    return CheckResult(name=name, status=CheckStatus.FAILED, detail=why, findings=(finding,))


def not_executed(name: str, reason: str) -> CheckResult:
    return CheckResult(name=name, status=CheckStatus.NOT_EXECUTED, detail=reason)


def failed_or_passed(name: str, findings: Sequence[Finding], detail: str = "", **values: float) -> CheckResult:
    status = CheckStatus.FAILED if findings else CheckStatus.PASSED
    return CheckResult.model_validate(
        {"name": name, "status": status, "detail": detail, "findings": tuple(findings), **values}
    )


def _believe(claim: _ClaimedCheck) -> CheckResult:
    findings = tuple(
        Finding(
            check=claim.name, severity=one.severity, message=clean(one.message)[:2000] or "no message",
            file=one.file if one.file is None or _plausible(one.file) else None,
            line=one.line if one.line and one.line > 0 else None, category=clean(one.category)[:60],
            evidence=clean(one.evidence)[:4000],
        )
        for one in claim.findings
    )  # fmt: skip
    status = CheckStatus.FAILED if findings and claim.status is CheckStatus.PASSED else claim.status
    detail = clean(claim.detail)[:2000]
    return CheckResult(name=claim.name, status=status, detail=detail, findings=findings, seconds=claim.seconds)


def _plausible(path: str) -> bool:
    """A relative path of ordinary characters: a finding may be about a file that ought to be there and is not."""
    return len(path) <= 300 and re.fullmatch(r"[\w.@+-]+(?:/[\w.@+-]+)*", path) is not None and ".." not in path
