"""Rules of ours about images: not root, a health check, named versions, no secrets, ports that agree."""

import re
from collections.abc import Iterator
from typing import Any

from ..box import Report
from ..dockerfile.instructions import Instruction, parse
from . import files

_UNPINNED = re.compile(r"[\w.-]+(?::\d+/)?[\w./-]*(?::latest)?")


def check_dockerfile(path: str, report: Report) -> None:
    steps = parse(files.text(path))
    begins = [step.line for step in steps if step.name == "FROM"]
    last = begins[-1] if begins else 1
    final = [step for step in steps if step.line >= last]
    users = [step for step in final if step.name == "USER"]
    if not users or users[-1].text.split(":")[0] in ("root", "0"):
        line = users[-1].line if users else last
        report.add("The final stage runs as root; add a USER that is not root", path, line, category="dockerfile")
    if not any(step.name == "HEALTHCHECK" and step.text.upper() != "NONE" for step in final):
        report.add("There is no HEALTHCHECK", path, last, category="dockerfile")
    stages = {words[2] for step in steps if step.name == "FROM" and len(words := step.text.split()) > 2}
    for step in steps:
        _instruction(path, step, stages, report)


def _instruction(path: str, step: Instruction, stages: set[str], report: Report) -> None:
    remote = re.search(r"(?:^|\s)https?://", step.text)
    if step.name == "ADD" and remote:
        report.add(
            "ADD fetches a URL without a checksum; COPY what the build needs", path, step.line, category="dockerfile"
        )
    if step.name == "FROM" and re.search(r":latest\b", step.text):
        report.add("The base image is `latest`; name a version", path, step.line, category="dockerfile")
    if step.name in ("ENV", "ARG"):
        for name, value in re.findall(r"([A-Za-z_]\w*)[= ]\s*(\"[^\"]*\"|'[^']*'|\S*)", step.text):
            if files.SECRET_NAME.search(name) and not files.REFERENCE.match(value.strip("\"'")):
                report.add(f"{step.name} puts a secret into the image", path, step.line, category="secret")
    if step.name in ("COPY", "ADD") and "from" not in step.flags and not remote and not step.documents:
        _copied(path, step, report)


def _copied(path: str, step: Instruction, report: Report) -> None:
    for source in (step.words or step.text.split())[:-1]:
        wanted = source.strip("\"'").removeprefix("./").strip("/")
        if wanted not in ("", ".") and "$" not in wanted and not files.exists(wanted):
            report.add(
                f"copies `{source}`, which the application does not have", path, step.line, category="dockerfile"
            )


def check_compose(path: str, report: Report) -> None:
    exposed = _exposed()
    for document in files.objects(path):
        for name, service in (document.get("services") or {}).items():
            if not isinstance(service, dict):
                continue
            _secrets(path, name, service.get("environment"), report)
            _version(path, service.get("image"), files.line_of(path, "services", name, "image"), report)
            for port in _targets(service.get("ports") or []) if service.get("build") and exposed else ():
                if port not in exposed:
                    line = files.line_of(path, "services", name, "ports", 0)
                    report.add(
                        _mismatch(f"service {name} publishes port {port}", exposed), path, line, category="ports"
                    )


def check_cloud_run(path: str, report: Report) -> None:
    exposed, where = _exposed(), ("spec", "template", "spec", "containers")
    for document in files.objects(path):
        containers = files.at(document, *where)
        for index, container in enumerate(containers if isinstance(containers, list) else []):
            if not isinstance(container, dict):
                continue
            for number, setting in enumerate(container.get("env") or []):
                name, value = str(files.at(setting, "name") or ""), str(files.at(setting, "value") or "")
                if files.SECRET_NAME.search(name) and not files.REFERENCE.match(value):
                    line = files.line_of(path, *where, index, "env", number)
                    files.secret(report, path, name, "use valueFrom.secretKeyRef", line)
            for port in container.get("ports") or []:
                number_ = files.at(port, "containerPort")
                if index == 0 and exposed and number_ not in exposed:
                    line = files.line_of(path, *where, index, "ports", 0, "containerPort")
                    report.add(_mismatch(f"containerPort is {number_}", exposed), path, line, category="ports")


def check_ci(path: str, report: Report) -> None:
    """What is the same for every host's CI: versions of images and actions, and no secrets."""
    for name, node in files.scalars(files.tree(path)):
        value, line = str(node.value), node.start_mark.line + 1
        if name == "image":
            _version(path, value, line, report)
        elif name == "uses" and re.search(r"@(?:main|master|latest)$", value):
            report.add(f"{value} moves; name a version of the action", path, line, category="workflow")
        elif name == "credentials_json":
            report.add("A key signs in; use workload_identity_provider instead", path, line, category="secret")
        elif files.SECRET_NAME.search(name) and len(value) >= 8 and not files.REFERENCE.match(value):
            files.secret(report, path, name, "take it from the secrets of the repository", line)


def _version(path: str, image: Any, line: int | None, report: Report) -> None:
    if isinstance(image, str) and "$" not in image and _UNPINNED.fullmatch(image):
        report.add(f"The image {image} has no version, or `latest`; name one", path, line, category="workflow")


def _secrets(path: str, name: str, given: Any, report: Report) -> None:
    pairs = given.items() if isinstance(given, dict) else (str(one).partition("=")[::2] for one in given or [])
    for setting, value in pairs:
        if files.SECRET_NAME.search(str(setting)) and value is not None and not files.REFERENCE.match(str(value)):
            line = files.line_of(path, "services", name, "environment", str(setting))
            files.secret(report, path, str(setting), f"take it from the environment (${{{setting}}})", line)


def _exposed() -> set[int]:
    """Ports of the image that is built from `Dockerfile`."""
    if not files.named("Dockerfile"):
        return set()
    steps = parse(files.text("Dockerfile"))
    last = max((step.line for step in steps if step.name == "FROM"), default=1)
    words = [word for step in steps if step.name == "EXPOSE" and step.line > last for word in step.text.split()]
    return {int(word.split("/")[0]) for word in words if word.split("/")[0].isdigit()}


def _targets(ports: list[Any]) -> Iterator[int]:
    for port in ports:
        target = port.get("target") if isinstance(port, dict) else re.sub(r"\$\{[^}]*\}", "0", str(port)).split(":")[-1]
        number = str(target).split("/")[0]
        if number.isdigit():
            yield int(number)


def _mismatch(what: str, exposed: set[int]) -> str:
    return f"{what}, but the Dockerfile says EXPOSE {', '.join(map(str, sorted(exposed)))}"
