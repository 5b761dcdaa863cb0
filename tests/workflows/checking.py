"""The hand-written application as plain data, faults to plant in it, and a sandbox to check it in."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.findings import CheckResult, QaReport
from core.plan import Plan
from core.ports import SandboxProvider
from core.types import JsonObject
from observability.untraced import Untraced
from sandbox.bwrap import LocalSandboxProvider
from sandbox.toolchain import default_home, locate
from tests.workflows.patience import PatientProvider
from tools.boxes import Subject
from tools.checks import application as application_checks
from tools.checks import frontend
from tools.checks.application import check_application
from tools.checks.backend import FUZZ, LINTERS, check_fuzz, check_lint
from tools.checks.tests import check_tests
from tools.qa import run_qa

HANDMADE = Path(__file__).parents[1] / "data" / "handmade_app"


@dataclass(frozen=True)
class Application:
    files: Mapping[str, str]

    @property
    def plan(self) -> Plan:
        return Plan.model_validate_json(self.files["contract/plan.json"])

    @property
    def contract(self) -> JsonObject:
        document: JsonObject = json.loads(self.files["contract/openapi.json"])
        return document

    def with_fault(self, path: str, old: str, new: str) -> "Application":
        assert self.files[path].count(old) >= 1, f"{path} does not hold {old!r}"
        return Application({**self.files, path: self.files[path].replace(old, new)})

    def without(self, *prefixes: str) -> "Application":
        return Application({path: text for path, text in self.files.items() if not path.startswith(prefixes)})


def handmade() -> Application:
    paths = sorted(path for path in HANDMADE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return Application({path.relative_to(HANDMADE).as_posix(): path.read_text() for path in paths})


@asynccontextmanager
async def local_sandbox(state_dir: Path) -> AsyncIterator[SandboxProvider]:
    """The real local sandbox with its toolchains; skips, naming what is missing, where there is none."""
    bwrap = shutil.which("bwrap")
    toolchains = locate(default_home(os.geteuid(), Path.home()) / "toolchains")
    if bwrap is None:
        pytest.skip("missing: bubblewrap")
    if toolchains.python is None or toolchains.node_modules is None:
        pytest.skip("missing: the sandbox's toolchains (make setup)")
    provider = LocalSandboxProvider(bwrap=Path(bwrap), toolchains=toolchains, state_dir=state_dir)
    try:
        yield PatientProvider(provider)
    finally:
        await provider.close()


async def check(provider: SandboxProvider, application: Application) -> QaReport:
    return await run_qa(
        provider, "checks", application.plan, application.contract, application.files, tracing=Untraced()
    )


async def check_alone(provider: SandboxProvider, application: Application, name: str) -> CheckResult:
    """The result of one check, run with no more than shares its box."""
    subject = Subject(provider, "checks", application.plan, application.contract, application.files)
    if name in application_checks.NAMES:
        results, _ = await check_application(subject)
        return next(one for one in results if one.name == name)
    if name in LINTERS:
        return next(one for one in await check_lint(subject) if one.name == name)
    if name in FUZZ:
        return (await check_fuzz(subject))[0]
    if name == "pytest":
        return (await check_tests(subject))[0]
    files = await frontend.with_types(subject)
    return await (frontend.check_types if name == "tsc" else frontend.check_units)(subject, files)


def result(report: QaReport, name: str) -> CheckResult:
    return next(check for check in report.checks if check.name == name)
