"""All checks of an application, run side by side within what the sandbox allows, as one report."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from core.findings import CheckResult, CheckStatus, Coverage, Finding, QaReport
from core.plan import Plan
from core.ports import SandboxProvider
from core.types import JsonObject
from tools.boxes import Subject, not_executed
from tools.checks import application
from tools.checks.application import check_application
from tools.checks.tests import check_tests

OnResult = Callable[[CheckResult], Awaitable[None]]


async def run_qa(
    provider: SandboxProvider,
    task_id: str,
    plan: Plan,
    contract: JsonObject,
    files: Mapping[str, str],
    *,
    use_sandbox: bool = True,
    on_result: OnResult | None = None,
) -> QaReport:
    """Run every check that makes sense for the plan; `on_result` is awaited with each result as it comes.

    With `use_sandbox` false nothing runs and every check reads `not executed`.
    """
    run = _Run(Subject(provider, task_id, plan, contract, files), on_result)
    if not use_sandbox:
        for name in check_names(plan):
            await run.publish(not_executed(name, "this task runs nothing (use_sandbox is false)"))
    else:
        await run.all()
    order = {name: place for place, name in enumerate(check_names(plan))}
    results = sorted(run.results, key=lambda result: order.get(result.name, len(order)))
    return QaReport(checks=tuple(results), coverage=run.coverage())


def check_names(plan: Plan) -> tuple[str, ...]:
    """The checks of a plan, in the order of the report."""
    del plan
    return (*application.NAMES, "pytest")


def promised_operations(contract: JsonObject) -> tuple[str, ...]:
    """`GET /api/notes/{note_id}` and so on, in the order of the contract."""
    paths = contract.get("paths")
    verbs = ("get", "put", "post", "delete", "patch")
    if not isinstance(paths, dict):
        return ()
    return tuple(
        f"{verb.upper()} {path}"
        for path, item in paths.items()
        if isinstance(item, dict)
        for verb in verbs
        if verb in item
    )


class _Run:
    def __init__(self, subject: Subject, on_result: OnResult | None) -> None:
        self._subject = subject
        self._on_result = on_result
        self._covered: set[str] = set()
        self.results: list[CheckResult] = []

    async def publish(self, result: CheckResult) -> None:
        self.results.append(result)
        if self._on_result:
            await self._on_result(result)

    def coverage(self) -> Coverage:
        promised = promised_operations(self._subject.contract)
        return Coverage(covered=tuple(name for name in promised if name in self._covered), promised=promised)

    async def all(self) -> None:
        async with asyncio.TaskGroup() as group:
            loaded = group.create_task(self._application())
            group.create_task(self._tests(loaded))

    async def _application(self) -> dict[str, CheckResult]:
        """Results by name; `contract` is published later, when what the tests saw is known."""
        results, covered = await check_application(self._subject)
        self._covered |= set(covered)
        for result in results:
            if result.name != "contract":
                await self.publish(result)
        return {result.name: result for result in results}

    async def _tests(self, loaded: "asyncio.Task[dict[str, CheckResult]]") -> None:
        result, broken, covered = await check_tests(self._subject)
        first = await loaded
        reason = unusable(first)
        await self.publish(not_executed("pytest", reason) if reason else result)
        await self.publish(first["contract"] if reason else with_exchanges(first["contract"], broken))
        if not reason:
            self._covered |= set(covered)


def unusable(first: Mapping[str, CheckResult]) -> str:
    """Why checks that need a running application say nothing about it, empty when they do."""
    if first["imports"].status is not CheckStatus.PASSED:
        return (
            first["imports"].detail
            if first["imports"].status is CheckStatus.NOT_EXECUTED
            else "the application does not import"
        )
    if first["migrations"].status is not CheckStatus.PASSED:
        return "the migrations do not run"
    return ""


def with_exchanges(result: CheckResult, broken: list[Finding]) -> CheckResult:
    """`contract` with the answers that broke it; what the documents already disagree on is not said again."""
    if result.status is CheckStatus.NOT_EXECUTED or not broken:
        return result
    findings = (*result.findings, *broken[:20])
    return result.model_copy(update={"status": CheckStatus.FAILED, "findings": findings})
