"""A builder's self check: what its own files can be blamed for while the others are still writing theirs."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from core.errors import AutonomyError
from core.findings import CheckResult, Finding
from core.ownership import owner_of
from core.plan import Plan
from core.ports import SandboxProvider
from core.sandboxes import Limits
from core.types import AgentName, Json
from tools.boxes import Outcome, check_results, clean, failed_or_passed, part, read_report, run_box, unreported
from tools.checks.devops import check_devops, shipping_files
from tools.checks.types import generate_schema_types
from tools.checks.typescript import read_errors

SCHEMA_TYPES = "frontend/src/api/schema.d.ts"
CONTRACT, PLAN = "contract/openapi.json", "contract/plan.json"
TSC = ("sh", "-c", "cd frontend && exec node node_modules/@typescript/native/bin/tsc --noEmit --pretty false -p .")
PARSE = ("node", ".autonomy/inside/parse.cjs")
LIMITS = Limits(wall_s=60.0)


Kind = Literal["python", "typescript", "shipping"]


def kinds_of(agent: AgentName, files: Mapping[str, str]) -> frozenset[Kind]:
    """What of an agent's files there is something to run for; empty when there is nothing."""
    found: dict[Kind, bool] = {
        "python": any(path.endswith(".py") for path in files),
        "typescript": any(path.endswith((".ts", ".tsx")) for path in files),
        "shipping": agent is AgentName.DEVOPS and bool(shipping_files(files)),
    }
    return frozenset(kind for kind, there in found.items() if there)


async def check_own_files(
    provider: SandboxProvider, task_id: str, agent: AgentName, files: Mapping[str, str], whole: Mapping[str, str]
) -> CheckResult:
    """Check `files`, just written by `agent`; `whole` is everything there is, these files among it.

    Python: syntax, undefined names, and imports as far as libraries and the agent's own modules go. TypeScript: the compiler for
    the frontend agent, syntax alone for others. How it is shipped: see `check_devops`.
    Where nothing can be run the result reads `not executed`.
    """
    results, kinds = [], kinds_of(agent, files)
    if "python" in kinds:
        results.append(await _python(provider, task_id, agent, files, whole))
    if "typescript" in kinds:
        check = _compile if agent is AgentName.FRONTEND else _parse
        results.append(await check(provider, task_id, files, whole))
    if "shipping" in kinds:
        others = [glob for other, globs in _ownership(whole).items() if other is not agent for glob in globs]
        results.append(await check_devops(provider, task_id, {**whole, **files}, expected=others))
    return _merge(results)


async def _python(
    provider: SandboxProvider, task_id: str, agent: AgentName, files: Mapping[str, str], whole: Mapping[str, str]
) -> CheckResult:
    content = {
        **part({**whole, **files}, "backend/", "e2e/"),
        ".autonomy/own.json": json.dumps(sorted(files)),
    }
    outcome = await run_box(provider, task_id, ["python", "-m", "inside.own_run"], content, limits=LIMITS)
    report = read_report(outcome, "own")
    result = check_results(outcome, report, ["syntax"])[0]
    missing = _missing(report.extra.get("unresolved") if report else None, agent, whole)
    if not missing:
        return result
    return failed_or_passed("syntax", [*result.findings, *missing], result.detail, seconds=result.seconds)


def _ownership(whole: Mapping[str, str]) -> Mapping[AgentName, Sequence[str]]:
    return Plan.model_validate_json(whole[PLAN]).ownership if PLAN in whole else {}


def _missing(claimed: Json, agent: AgentName, whole: Mapping[str, str]) -> list[Finding]:
    """Imports of the agent's own modules that do not resolve; those of others may still be on their way."""
    ownership = _ownership(whole)
    found = []
    for one in claimed[:30] if isinstance(claimed, list) else ():
        if not isinstance(one, dict):
            continue
        target = str(one.get("target"))
        candidates = (target, f"{target.removesuffix('.py')}/__init__.py")
        if any(owner_of(ownership, path) is not agent for path in candidates):
            continue
        line = one.get("line")
        found.append(
            Finding(
                check="syntax", message=clean(str(one.get("message")))[:1000], file=str(one.get("file"))[:300],
                line=line if isinstance(line, int) and line > 0 else None, category="import",
            )
        )  # fmt: skip
    return found


async def _compile(
    provider: SandboxProvider, task_id: str, files: Mapping[str, str], whole: Mapping[str, str]
) -> CheckResult:
    """The whole compiler: a frontend needs nobody else's files but the types of the contract."""
    content = part({**whole, **files}, "frontend/")
    if SCHEMA_TYPES not in content and CONTRACT in whole:
        try:
            content[SCHEMA_TYPES] = await generate_schema_types(provider, task_id, whole[CONTRACT])
        except AutonomyError as error:
            return unreported("syntax", Outcome(LIMITS, not_executed=str(error)))
    outcome = await run_box(provider, task_id, TSC, content, toolchain="node", limits=LIMITS)
    if outcome.result is None or outcome.stopped:
        return unreported("syntax", outcome)
    errors = [one for one in read_errors(outcome.result.output, "syntax") if ".test.ts" not in (one.file or "")]
    if not errors and outcome.result.exit_code and not read_errors(outcome.result.output):
        errors = [Finding(check="syntax", message=f"tsc failed: {outcome.tail[-1500:]}", file="frontend/tsconfig.json")]
    return failed_or_passed("syntax", errors, "tsc", seconds=outcome.result.seconds)


async def _parse(
    provider: SandboxProvider, task_id: str, files: Mapping[str, str], whole: Mapping[str, str]
) -> CheckResult:
    """Syntax alone: what tests import is being written at the same time."""
    del whole
    content = {path: text for path, text in files.items() if path.endswith((".ts", ".tsx"))}
    names = {".autonomy/own.json": json.dumps(sorted(content))}
    outcome = await run_box(provider, task_id, PARSE, {**content, **names}, toolchain="node", limits=LIMITS)
    if outcome.result is None or outcome.stopped or not outcome.result.ok:
        return unreported("syntax", outcome)
    errors = read_errors(outcome.result.output, "syntax", folder="")
    return failed_or_passed("syntax", errors, "syntax", seconds=outcome.result.seconds)


def _merge(results: list[CheckResult]) -> CheckResult:
    findings = [finding for result in results for finding in result.findings]
    skipped = next((result for result in results if result.status == "not executed"), None)
    if skipped is not None and not findings:
        return skipped
    detail = "; ".join(result.detail for result in results if result.detail) or "nothing of this agent can be run"
    return failed_or_passed("syntax", findings, detail, seconds=sum(result.seconds for result in results))
