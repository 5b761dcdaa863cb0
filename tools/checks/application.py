"""Import, migrations, contract, behaviour and queries of the application: one box, because each needs it loaded."""

from core.findings import CheckResult
from core.sandboxes import Limits
from core.types import Json
from tools.boxes import Subject, check_results, part, read_report, run_inside

NAMES = ("imports", "migrations", "contract", "behaviour", "queries")
LIMITS = Limits(wall_s=75.0, cpu_s=70)


async def check_application(subject: Subject) -> tuple[list[CheckResult], tuple[str, ...]]:
    """Results of NAMES, and the operations that answered with a conforming success."""
    outcome = await run_inside(
        subject, ["python", "-m", "inside.app_run"], part(subject.files, "backend/"), limits=LIMITS
    )
    report = read_report(outcome, "app")
    covered = strings(report.extra.get("covered")) if report else ()
    return check_results(outcome, report, NAMES), covered


def strings(value: Json) -> tuple[str, ...]:
    """The strings of a claimed list, at most 500."""
    return tuple(str(one)[:300] for one in value[:500] if isinstance(one, str)) if isinstance(value, list) else ()
