"""The frontend: TypeScript, its Vitest suite, and the build, each in a box of its own because they are slow alone."""

import posixpath
import re
from collections.abc import Mapping

from core.findings import CheckResult, CheckStatus, Finding
from core.sandboxes import Limits
from tools.boxes import OUT, Outcome, Subject, clean, failed_or_passed, not_executed, part, run_inside, unreported
from tools.checks.own_files import SCHEMA_TYPES, TSC
from tools.checks.types import generate_schema_types
from tools.checks.typescript import read_errors
from tools.junit import BadReport, Case, read_junit

NAMES = ("tsc", "vitest", "build")
_RUN_VITEST = f"node node_modules/vitest/vitest.mjs run --reporter=junit --outputFile=/box/{OUT}/vitest.xml"
VITEST = (
    "sh",
    "-c",
    f"mkdir -p {OUT} && cd frontend && NO_COLOR=1 COLORS=false DEBUG_PRINT_LIMIT=2000 exec {_RUN_VITEST}",
)
"""Without colours, and with a bounded view of the document: findings are read by models."""
BUILD = ("sh", "-c", "cd frontend && exec node node_modules/vite/bin/vite.js build --outDir dist --emptyOutDir")
LIMITS = Limits(wall_s=90.0, memory=1024 << 20, processes=256)
DIST = "frontend/dist/"
_FRAME = re.compile(r"(?:at .*?\(?|❯ )(?:file://)?(?:/box/frontend/)?((?:src|\./src)/[\w./@-]+\.tsx?):(\d+)(?::\d+)?")
_IMPORT = re.compile(r"""from\s+["'](\.{1,2}/[^"']+)["']""")
_OWN_FAULT = ("ReferenceError", "SyntaxError")


async def with_types(subject: Subject) -> Mapping[str, str]:
    """The frontend's files, with the types of the contract generated when they are not among them."""
    files = part(subject.files, "frontend/", "contract/")
    if SCHEMA_TYPES not in files and "contract/openapi.json" in files:
        text = await generate_schema_types(subject.provider, subject.task_id, files["contract/openapi.json"])
        files[SCHEMA_TYPES] = text
    return files


async def check_types(subject: Subject, files: Mapping[str, str]) -> CheckResult:
    """`tsc --noEmit` over source and tests: calls that the contract does not know are type errors."""
    outcome = await run_inside(subject, TSC, files, toolchain="node", limits=LIMITS)
    if outcome.result is None or outcome.stopped:
        return unreported("tsc", outcome)
    findings = read_errors(outcome.result.output)
    if not findings and outcome.result.exit_code:
        findings = [Finding(check="tsc", message=f"tsc failed: {outcome.tail[-1500:]}", file="frontend/tsconfig.json")]
    return failed_or_passed("tsc", findings, "", seconds=outcome.result.seconds)


async def check_units(subject: Subject, files: Mapping[str, str]) -> CheckResult:
    """The Vitest suite."""
    if not any(".test.ts" in path for path in files):
        return CheckResult(
            name="vitest", status=CheckStatus.FAILED, detail="no tests",
            findings=(Finding(check="vitest", message="There is no test under frontend/src/", file="frontend/src/app.test.tsx"),),
        )  # fmt: skip
    outcome = await run_inside(subject, VITEST, files, toolchain="node", limits=LIMITS)
    if outcome.result is None or outcome.stopped:
        return unreported("vitest", outcome)
    try:
        cases = [case for case in read_junit(outcome.file("vitest.xml")) if not case.skipped]
    except BadReport as error:
        return _broken_run(outcome, str(error))
    bad = [case for case in cases if case.problem]
    findings = [_finding(case, subject.files) for case in bad]
    if not cases or (outcome.result.exit_code and not bad):
        return _broken_run(outcome, "the run executed no test" if not cases else "vitest ended with an error")
    return failed_or_passed(
        "vitest", findings[:30], f"{len(cases) - len(bad)} of {len(cases)} tests passed",
        tests_run=len(cases), tests_failed=len(bad), seconds=outcome.result.seconds,
    )  # fmt: skip


def _broken_run(outcome: Outcome, why: str) -> CheckResult:
    named = re.search(r"(src/[\w./@-]+\.tsx?)", outcome.tail)
    file = f"frontend/{named[1]}" if named else None
    finding = Finding(
        check="vitest", message=f"The Vitest run cannot be believed: {why}", file=file, evidence=outcome.tail
    )
    return failed_or_passed("vitest", [finding], why)


def _finding(case: Case, files: Mapping[str, str]) -> Finding:
    file, line, in_test = _place(case, files)
    text = f"Test {case.suite} › {case.name} failed: {' '.join(case.problem.split())[:700]}"
    return Finding(
        check="vitest", message=text[:2000], file=file, line=line, category="test" if in_test else "source", evidence=case.text
    )  # fmt: skip


def _place(case: Case, files: Mapping[str, str]) -> tuple[str | None, int | None, bool]:
    """The source frame that raised, else the first module under test; the test itself when it does not even run."""
    test = f"frontend/{case.suite}"
    frames = [(f"frontend/{name.removeprefix('./')}", int(line)) for name, line in _FRAME.findall(case.text)]
    source = next((frame for frame in frames if ".test." not in frame[0] and frame[0] in files), None)
    if source is not None:
        return source[0], source[1], False
    at_test = next((frame[1] for frame in frames if frame[0] == test), None)
    if case.problem.startswith(_OWN_FAULT):
        return test, at_test, True
    for name in _IMPORT.findall(files.get(test, "")):
        base = posixpath.normpath(posixpath.join(posixpath.dirname(test), name))
        found = next((path for path in (base, f"{base}.tsx", f"{base}.ts") if path in files), None)
        if found is not None:
            return found, None, False
    return test, at_test, True


async def check_build(subject: Subject, files: Mapping[str, str]) -> tuple[CheckResult, dict[str, bytes]]:
    """`vite build`, and what it built by path under frontend/dist/."""
    outcome = await run_inside(
        subject, BUILD, files, toolchain="node", limits=LIMITS, outputs=(DIST.rstrip("/"),)
    )  # fmt: skip
    if outcome.result is None or outcome.stopped:
        return unreported("build", outcome), {}
    built = {path: content for path, content in outcome.result.files.items() if path.startswith(DIST)}
    findings = []
    if not outcome.result.ok or f"{DIST}index.html" not in built:
        named = re.search(r"(?:/box/frontend/)?(src/[\w./@-]+\.tsx?)(?::(\d+))?", outcome.tail)
        findings = [
            Finding(
                check="build", message=f"vite build failed: {_first_error(outcome.tail)}", evidence=outcome.tail,
                file=f"frontend/{named[1]}" if named else "frontend/vite.config.ts",
                line=int(named[2]) or None if named and named[2] else None,
            )
        ]  # fmt: skip
    detail = f"{len(built)} files, {sum(map(len, built.values())) // 1024} kB"
    return failed_or_passed("build", findings, detail, seconds=outcome.result.seconds), built


def _first_error(output: str) -> str:
    lines = [line.strip() for line in clean(output).splitlines() if line.strip()]
    return next((line for line in lines if "rror" in line), lines[-1] if lines else "no output")[:500]


def skipped(reason: str) -> list[CheckResult]:
    return [not_executed(name, reason) for name in NAMES]
