"""How the application is shipped: Dockerfile, compose file, workflows, Cloud Run service, by real schemas and linters."""

import json
from collections.abc import Mapping, Sequence

from core.findings import CheckResult
from core.ports import SandboxProvider
from core.sandboxes import Limits
from tools.boxes import check_results, read_report, run_box

NAME = "devops"
LIMITS = Limits(wall_s=60.0)
_SHIPPING = ("Dockerfile", "compose.y", "docker-compose.y", ".dockerignore", ".env.example", ".github/", "deploy/")


def shipping_files(files: Mapping[str, str]) -> dict[str, str]:
    """The files that say how the application is shipped."""
    return {path: text for path, text in files.items() if path.startswith(_SHIPPING) or path.endswith(".Dockerfile")}


async def check_devops(
    provider: SandboxProvider, task_id: str, files: Mapping[str, str], *, expected: Sequence[str] = ()
) -> CheckResult:
    """Check the shipping files among `files`; the other paths are only looked at for what the Dockerfile copies.

    `expected` are globs of what others are still writing.
    """
    paths = {"known": sorted(_with_folders(files)), "expected": list(expected)}
    content = {**shipping_files(files), ".autonomy/paths.json": json.dumps(paths)}
    outcome = await run_box(provider, task_id, ["python", "-m", "inside.devops_run"], content, limits=LIMITS)
    return check_results(outcome, read_report(outcome, NAME), [NAME])[0]


def _with_folders(files: Mapping[str, str]) -> set[str]:
    names = set(files)
    for path in files:
        parts = path.split("/")
        names |= {"/".join(parts[:length]) for length in range(1, len(parts))}
    return names
