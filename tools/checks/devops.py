"""How the application is shipped: image, compose file, CI, Cloud Run, settings and README, by schemas, linters and rules."""

import json
from collections.abc import Mapping, Sequence

from core.findings import CheckResult
from core.ports import SandboxProvider
from core.sandboxes import Limits
from tools.boxes import INSIDE, check_results, read_report, run_box

NAME = "devops"
LIMITS = Limits(wall_s=60.0)
_SHIPPING = (
    "Dockerfile", "compose.y", "docker-compose.y", ".dockerignore", ".env.example", ".github/", ".gitlab-ci.yml",
    "bitbucket-pipelines.yml", "deploy/",
)  # fmt: skip
_LOOKED_AT = ("README.md", "frontend/package.json", "backend/app/", "backend/migrations/env.py")
"""Files that shipping files speak of: what the application reads as settings, which scripts there are."""
_SCHEMA = "shipping/cloud_run.json"


def shipping_files(files: Mapping[str, str]) -> dict[str, str]:
    """The files that say how the application is shipped."""
    return {path: text for path, text in files.items() if path.startswith(_SHIPPING) or path.endswith(".Dockerfile")}


async def check_devops(
    provider: SandboxProvider, task_id: str, files: Mapping[str, str], *, expected: Sequence[str] = ()
) -> CheckResult:
    """Check the shipping files among `files`, and that the rest is as they say.

    `expected` are globs of what others are still writing.
    """
    paths = {"known": sorted(_with_folders(files)), "expected": list(expected)}
    spoken_of = {path: text for path, text in files.items() if path.startswith(_LOOKED_AT)}
    content = {
        **shipping_files(files),
        **spoken_of,
        ".autonomy/paths.json": json.dumps(paths),
        f".autonomy/inside/{_SCHEMA}": (INSIDE / _SCHEMA).read_text(),
    }
    outcome = await run_box(provider, task_id, ["python", "-m", "inside.shipping"], content, limits=LIMITS)
    return check_results(outcome, read_report(outcome, NAME), [NAME])[0]


def _with_folders(files: Mapping[str, str]) -> set[str]:
    names = set(files)
    for path in files:
        parts = path.split("/")
        names |= {"/".join(parts[:length]) for length in range(1, len(parts))}
    return names
