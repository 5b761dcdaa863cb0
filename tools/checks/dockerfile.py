"""The image without Docker: what the Dockerfile says is done in the sandbox, and what it would start is started there."""

from collections.abc import Mapping

from core.findings import CheckResult
from core.sandboxes import Limits, Toolchain
from tools.boxes import Subject, check_results, not_executed, part, read_report, run_inside

NAME = "image"
DOCKERFILE = "Dockerfile"
LIMITS = Limits(wall_s=115.0, memory=1024 << 20, processes=256)


async def check_image(subject: Subject, built: Mapping[str, bytes]) -> CheckResult:
    """Build and start the image of `Dockerfile`; `built` is what `vite build` made, by path, so that it is not made again."""
    if DOCKERFILE not in subject.files:
        return not_executed(NAME, "there is no Dockerfile")
    again = {f".autonomy/built/{path}": content for path, content in built.items()}
    toolchain: Toolchain = "full" if subject.plan.has_frontend else "python"
    outcome = await run_inside(
        subject, ["python", "-m", "inside.dockerfile"], {**part(subject.files, ""), **again},
        toolchain=toolchain, limits=LIMITS,
    )  # fmt: skip
    return check_results(outcome, read_report(outcome, NAME), [NAME])[0]
