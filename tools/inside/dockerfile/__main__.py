"""`python -m inside.dockerfile`: builds the image of the Dockerfile and runs its container, as the check `image`."""

from ..box import Report, Reports, stop_after
from .build import Build
from .container import Container

TIME_S = 100.0
PATH = "Dockerfile"


def main() -> None:
    stop_after(TIME_S)
    reports = Reports("image")
    reports.run("image", _check)


def _check(report: Report) -> None:
    build = Build(PATH, report)
    image = build.run()
    remarks = build.remarks
    report.detail = ""
    if image is not None and image.stage.not_executed:
        return report.skip("; ".join(build.not_executed)[:1_500])
    if image is not None:
        container = Container(image, report)
        container.check()
        remarks = [*remarks, *container.remarks]
        if report.status == "not executed" and not report.findings:
            return report.skip(f"{report.detail}; {'; '.join(build.not_executed)}"[:1_500])
    said = [f"{build.executed} steps executed", *remarks]
    if build.not_executed:
        said.append(f"not executed: {'; '.join(build.not_executed)}")
    return report.finish("; ".join(said)[:1_900])


if __name__ == "__main__":
    main()
