"""The real tools of a generated application in boxes on machines, as the template gives them."""

import os
from pathlib import Path

import pytest

from core.sandboxes import BROWSER_LIMITS
from sandbox.toolchain import default_home, locate
from tests.unit.sandbox.e2b.conftest import Make

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
ROOT = default_home(os.geteuid(), Path.home()) / "toolchains"


async def test_both_toolchains_are_found_and_work(make: Make) -> None:
    built = locate(ROOT)
    if not built.python or not built.node_modules:
        pytest.skip("missing: the sandbox's toolchains (make setup)")
    provider = make(needs=("python", "node"), toolchains=str(ROOT))
    assert (await provider.probe()).ok
    test = "def test_it() -> None:\n    assert 1 + 1 == 2\n"
    sandbox = await provider.open("task", "full", {"test_it.py": test, "frontend/a.ts": "export const a: number = 1\n"})
    tested = await sandbox.run(["python", "-m", "pytest", "-q"])
    assert "1 passed" in tested.output
    command = "cd frontend && exec node node_modules/@typescript/native/bin/tsc --noEmit --pretty false a.ts"
    checked = await sandbox.run(["sh", "-c", command], limits=BROWSER_LIMITS)
    assert (checked.exit_code, checked.output) == (0, "")
