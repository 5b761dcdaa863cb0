"""All checks of an application, run side by side within what the sandbox allows, as one report."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from core.errors import AutonomyError
from core.findings import CheckResult, CheckStatus, Coverage, Finding, QaReport
from core.plan import Plan
from core.ports import SandboxProvider, Tracing
from core.types import AgentName, JsonObject
from tools.boxes import Subject, not_executed
from tools.checks import application, backend, devops, dockerfile, frontend
from tools.checks.application import check_application
from tools.checks.backend import check_fuzz, check_lint
from tools.checks.browser import check_browser
from tools.checks.devops import check_devops, shipping_files
from tools.checks.dockerfile import check_image
from tools.checks.tests import check_tests

OnResult = Callable[[CheckResult], Awaitable[None]]
OnBuilt = Callable[[Mapping[str, bytes]], None]


async def run_qa(
    provider: SandboxProvider,
    task_id: str,
    plan: Plan,
    contract: JsonObject,
    files: Mapping[str, str],
    *,
    tracing: Tracing,
    use_sandbox: bool = True,
    on_result: OnResult | None = None,
    on_built: OnBuilt = lambda built: None,
) -> QaReport:
    """Run every check that makes sense for the plan; `on_result` is awaited with each result as it comes.

    `on_built` is given the built frontend, by path, once there is one.

    With `use_sandbox` false nothing runs and every check reads `not executed`.
    """
    subject = Subject(provider, task_id, plan, contract, files)
    run = _Run(subject, tracing, on_result, on_built)
    names = check_names(plan, files)
    if use_sandbox:
        await run.all()
    else:
        await run.publish(*(not_executed(name, "this task runs nothing (use_sandbox is false)") for name in names))
    results = sorted(run.results, key=lambda result: names.index(result.name))
    return QaReport(checks=tuple(results), coverage=run.coverage())


def check_names(plan: Plan, files: Mapping[str, str]) -> tuple[str, ...]:
    """The checks that a report on this application holds, in its order."""
    names = [*application.NAMES, "pytest", *backend.FUZZ, *backend.LINTERS]
    if plan.has_frontend:
        names += [*frontend.NAMES, "browser"]
    if shipping_files(files):
        names.append(devops.NAME)
    if dockerfile.DOCKERFILE in files:
        names.append(dockerfile.NAME)
    return tuple(names)


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
    """One run over one application.

    What others wait for comes first: the application is loaded and the frontend built; then what takes longest is started
    first, so that the whole ends about when its longest chain does. How many boxes run at once is the provider's matter.
    """

    def __init__(self, subject: Subject, tracing: Tracing, on_result: OnResult | None, on_built: OnBuilt) -> None:
        self._subject = subject
        self._tracing = tracing
        self._on_result = on_result
        self._on_built = on_built
        self._covered: set[str] = set()
        self._built: Mapping[str, bytes] = {}
        self.results: list[CheckResult] = []

    async def publish(self, *results: CheckResult) -> None:
        for result in results:
            self.results.append(result)
            if self._on_result:
                await self._on_result(result)

    def coverage(self) -> Coverage:
        promised = promised_operations(self._subject.contract)
        return Coverage(covered=tuple(name for name in promised if name in self._covered), promised=promised)

    async def all(self) -> None:
        subject = self._subject
        async with asyncio.TaskGroup() as group:
            loading = group.create_task(self._application())
            building = group.create_task(self._frontend(group)) if subject.plan.has_frontend else None
            if building is None:
                group.create_task(self._linters())
            loaded = await loading
            if building is not None:
                await building
                group.create_task(self._browser(unusable(loaded)))
            group.create_task(self._tests(loaded))
            group.create_task(self._fuzz(unusable(loaded)))
            if building is not None:
                group.create_task(self._linters())
            if shipping_files(subject.files):
                group.create_task(self._devops())
            if dockerfile.DOCKERFILE in subject.files:
                group.create_task(self._image(unusable(loaded)))

    async def _application(self) -> dict[str, CheckResult]:
        """Results by name; `contract` is published later, when what the tests saw is known."""
        with self._tool("application") as tell:
            results, covered = await check_application(self._subject)
            tell(results)
        self._covered |= set(covered)
        await self.publish(*(result for result in results if result.name != "contract"))
        return {result.name: result for result in results}

    async def _tests(self, loaded: Mapping[str, CheckResult]) -> None:
        if reason := unusable(loaded):
            await self.publish(not_executed("pytest", reason), loaded["contract"])
            return
        with self._tool("pytest") as tell:
            result, broken, covered = await check_tests(self._subject)
            tell([result])
        self._covered |= set(covered)
        await self.publish(result, with_exchanges(loaded["contract"], broken))

    async def _fuzz(self, reason: str) -> None:
        if reason:
            await self.publish(*(not_executed(name, reason) for name in backend.FUZZ))
        else:
            await self._several("schemathesis", check_fuzz(self._subject))

    async def _linters(self) -> None:
        await self._several("linters", check_lint(self._subject))

    async def _devops(self) -> None:
        subject = self._subject
        await self._one(devops.NAME, check_devops(subject.provider, subject.task_id, subject.files))

    async def _image(self, reason: str) -> None:
        """An application that does not start by itself does not start in a container either."""
        if reason:
            await self.publish(not_executed(dockerfile.NAME, reason))
        else:
            await self._one(dockerfile.NAME, check_image(self._subject, self._built))

    async def _frontend(self, group: asyncio.TaskGroup) -> None:
        """Build, and leave the other checks of the frontend running."""
        try:
            files = await frontend.with_types(self._subject)
        except AutonomyError as error:
            await self.publish(*frontend.skipped(str(error)))
            return
        group.create_task(self._one("vitest", frontend.check_units(self._subject, files)))
        with self._tool("build") as tell:
            built, self._built = await frontend.check_build(self._subject, files)
            tell([built])
        if self._built:
            self._on_built(self._built)
        group.create_task(self._one("tsc", frontend.check_types(self._subject, files)))
        await self.publish(built)

    async def _browser(self, reason: str) -> None:
        if reason:
            await self.publish(not_executed("browser", reason))
        else:
            await self._one("browser", check_browser(self._subject, self._built))

    async def _one(self, name: str, check: Awaitable[CheckResult]) -> None:
        with self._tool(name) as tell:
            result = await check
            tell([result])
        await self.publish(result)

    async def _several(self, name: str, check: Awaitable[list[CheckResult]]) -> None:
        with self._tool(name) as tell:
            results = await check
            tell(results)
        await self.publish(*results)

    def _tool(self, name: str) -> AbstractContextManager[Callable[[Iterable[CheckResult]], None]]:
        return self._tracing.tool(self._subject.task_id, AgentName.QA, name)


def unusable(loaded: Mapping[str, CheckResult]) -> str:
    """Why checks that need a running application would say nothing about it, empty when they would."""
    imports, migrations = loaded["imports"], loaded["migrations"]
    if imports.status is CheckStatus.NOT_EXECUTED:
        return imports.detail
    if imports.status is CheckStatus.FAILED:
        return "the application does not import"
    return "" if migrations.status is CheckStatus.PASSED else "the migrations do not run"


def with_exchanges(result: CheckResult, broken: list[Finding]) -> CheckResult:
    """`contract` with the answers that broke it, seen while the tests ran."""
    if result.status is CheckStatus.NOT_EXECUTED or not broken:
        return result
    findings = (*result.findings, *broken[:20])
    return result.model_copy(update={"status": CheckStatus.FAILED, "findings": findings})
