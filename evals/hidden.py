"""Hidden checks of a task on the tree at its end, in a sandbox of their own; nothing of them is ever in a workspace."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from core.findings import CheckResult
from core.types import Value
from evals.datasets import HiddenCheck

RunHidden = Callable[[str, Mapping[str, str], str], Awaitable[CheckResult]]
"""Runs one check, given as JSON, over the files of a task: (task_id, files, check)."""


class HiddenResult(Value):
    """`why` says what does not hold, or why nothing could be run; empty when it holds."""

    name: str
    passed: bool
    why: str = ""


async def hold_against(
    run: RunHidden, task_id: str, files: Mapping[str, str], checks: Sequence[HiddenCheck]
) -> tuple[HiddenResult, ...]:
    """Every check, each on a database of its own, in their order."""

    async def one(check: HiddenCheck) -> HiddenResult:
        result = await run(task_id, files, json.dumps(check.model_dump(mode="json"), sort_keys=True))
        why = "; ".join(finding.message for finding in result.findings) or result.detail
        passed = result.status == "passed"
        return HiddenResult(name=check.name, passed=passed, why="" if passed else why[:500])

    return tuple(await asyncio.gather(*(one(check) for check in checks)))
