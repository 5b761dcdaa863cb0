"""`python -m inside.shipping`: how the application is shipped, as the check `devops`."""

from ..box import Report, Reports, stop_after
from . import files, images, schemas, settings
from .commands import check_commands

TIME_S = 40.0


def main() -> None:
    stop_after(TIME_S)
    reports = Reports("devops")
    reports.run("devops", check)


def check(report: Report) -> None:
    seen = list(schemas.check_schemas(report))
    schemas.check_workflows(report)
    schemas.check_bitbucket(report)
    for path in files.named(*files.DOCKERFILES):
        seen.append(path)
        schemas.check_dockerfile(path, report)
        images.check_dockerfile(path, report)
    for path in files.named(*files.COMPOSE):
        images.check_compose(path, report)
    for path in files.named(*files.DEPLOY):
        images.check_cloud_run(path, report)
    for path in files.named(*files.WORKFLOWS, *files.GITLAB, *files.BITBUCKET):
        images.check_ci(path, report)
    for path in files.named(settings.PATH):
        seen.append(path)
        settings.check_settings(report)
    seen += check_commands(report)
    if not seen:
        report.skip("there is nothing to ship")
        return
    report.finish(f"checked {', '.join(dict.fromkeys(seen))}")


if __name__ == "__main__":
    main()
