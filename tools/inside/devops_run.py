"""Checks how the application is shipped: schemas of compose and workflow files, hadolint and own rules for the Dockerfile."""

import contextlib
import fnmatch
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .box import ROOT, Report, Reports, library, stop_after

TIME_S = 40.0
SCHEMAS = {
    "vendor.compose-spec": ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"),
    "vendor.github-workflows": (".github/workflows/*.yml", ".github/workflows/*.yaml"),
    "vendor.dependabot": (".github/dependabot.yml",),
}
TOLERATED = ("DL3008", "DL3013", "DL3018", "DL3059", "DL3042")
"""Pinned versions of system packages, and matters of layer size."""
SECRET_NAME = re.compile(r"(?:SECRET|PASSWORD|TOKEN|API_KEY|PRIVATE_KEY)", re.I)
REFERENCE = re.compile(r"^\s*(?:\$\{?\w+.*|<.*>|change[-_ ]?me.*|)\s*$", re.I)


def main() -> None:
    stop_after(TIME_S)
    reports = Reports("devops")
    reports.run("devops", check)


def check(report: Report) -> None:
    seen = list(_schemas(report))
    for path in _files("Dockerfile", "*.Dockerfile", "Dockerfile.*"):
        seen.append(path)
        _hadolint(path, report)
        _dockerfile_rules(path, report)
    for path in _files("deploy/*.yaml", "deploy/*.yml"):
        seen.append(path)
        _cloud_run(path, report)
    for path in _files(".env.example"):
        seen.append(path)
        _example_settings(path, report)
    if not seen:
        report.skip("there is nothing to ship")
        return
    report.finish(f"checked {', '.join(seen)}")


def _files(*patterns: str) -> list[str]:
    found = (path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))
    return sorted(path for path in found if not path.startswith(".autonomy/"))


def _schemas(report: Report) -> Iterator[str]:
    for schema, patterns in SCHEMAS.items():
        for path in _files(*patterns):
            yield path
            answer = _validated(schema, path)
            for error in [*answer.get("parse_errors", []), *answer.get("errors", [])]:
                where = f" at {error['path']}" if error.get("path") else ""
                message = str(error.get("message", "it cannot be parsed"))[:600]
                report.add(f"{path} breaks its published schema{where}: {message}", path, category="schema")
            if schema == "vendor.compose-spec":
                _compose_secrets(path, report)


def _validated(schema: str, path: str) -> Any:
    """What check-jsonschema says. In this process: it takes longer to load than to check."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        library("check_jsonschema").main(["--builtin-schema", schema, "-o", "JSON", path], "check-jsonschema")
    return json.loads(said.getvalue())


def _hadolint(path: str, report: Report) -> None:
    for one in _json("hadolint", "--format", "json", "--no-color", "--no-fail", path):
        if one["code"] not in TOLERATED and one["level"] in ("error", "warning"):
            report.add(f"{one['code']}: {one['message']}", path, one["line"], category="dockerfile", severity="medium")


def _dockerfile_rules(path: str, report: Report) -> None:
    steps = list(_instructions((ROOT / path).read_text()))
    last_from = max((line for line, name, _ in steps if name == "FROM"), default=1)
    final = [(line, name, rest) for line, name, rest in steps if line >= last_from]
    users = [(line, rest) for line, name, rest in final if name == "USER"]
    if not users or users[-1][1].split(":")[0] in ("root", "0"):
        report.add("The final stage runs as root; add a USER that is not root", path, last_from, category="dockerfile")
    if not any(name == "HEALTHCHECK" for _, name, _ in final):
        report.add("There is no HEALTHCHECK", path, last_from, category="dockerfile")
    for line, name, rest in steps:
        if name == "ADD" and re.match(r"https?://", rest):
            report.add(
                "ADD fetches a URL without a checksum; COPY what the build needs", path, line, category="dockerfile"
            )
        if name == "FROM" and re.search(r":latest\b", rest):
            report.add("The base image is `latest`; name a version", path, line, category="dockerfile")
        variable, _, value = rest.partition("=")
        if name in ("ENV", "ARG") and SECRET_NAME.search(variable) and value.strip("\"' "):
            report.add(f"{name} puts a secret into the image", path, line, category="secret")
        if name in ("COPY", "ADD") and "--from" not in rest and not re.match(r"https?://", rest):
            _copied(path, line, rest, report)


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and rest of every instruction, continuation lines joined."""
    start, pending = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        start = start if pending else number
        pending = f"{pending} {line}".strip()
        if pending.endswith("\\"):
            pending = pending[:-1].rstrip()
            continue
        name, _, rest = pending.partition(" ")
        yield start, name.upper(), rest.strip()
        pending = ""


def _copied(path: str, line: int, rest: str, report: Report) -> None:
    words = [word for word in rest.split() if not word.startswith("--")]
    if not words or words[0].startswith("["):
        return
    for source in words[:-1]:
        wanted = source.strip("\"'").removeprefix("./").rstrip("/")
        if wanted in ("", ".") or "$" in wanted or any(ROOT.glob(wanted)):
            continue
        if not _is_known(wanted):
            report.add(f"copies `{source}`, which the application does not have", path, line, category="dockerfile")


def _is_known(wanted: str) -> bool:
    """Whether the application has it, though it is not in this box, or somebody is still to write it."""
    paths = json.loads((ROOT / ".autonomy" / "paths.json").read_text())
    if any(fnmatch.fnmatch(known, wanted) for known in paths["known"]):
        return True
    return any(fnmatch.fnmatch(wanted, glob) or glob.startswith(f"{wanted}/") for glob in paths["expected"])


def _cloud_run(path: str, report: Report) -> None:
    for document in _documents(path, report):
        if document.get("kind") != "Service":
            continue
        containers = _at(document, "spec", "template", "spec", "containers")
        if not str(document.get("apiVersion", "")).startswith("serving.knative.dev/"):
            report.add("apiVersion of a Cloud Run service is serving.knative.dev/v1", path, category="schema")
        if not _at(document, "metadata", "name"):
            report.add("metadata.name is missing", path, category="schema")
        if not isinstance(containers, list) or not containers or not _at(containers[0], "image"):
            report.add("spec.template.spec.containers[0].image is missing", path, category="schema")
            continue
        for setting in containers[0].get("env", []):
            if SECRET_NAME.search(str(setting.get("name", ""))) and not REFERENCE.match(str(setting.get("value", ""))):
                report.add(
                    f"{setting['name']} has its value in the file; use valueFrom.secretKeyRef", path, category="secret"
                )


def _compose_secrets(path: str, report: Report) -> None:
    for document in _documents(path, None):
        for service in (document.get("services") or {}).values():
            given = service.get("environment") if isinstance(service, dict) else None
            pairs = given.items() if isinstance(given, dict) else (str(one).partition("=")[::2] for one in given or [])
            for name, value in pairs:
                if SECRET_NAME.search(str(name)) and value is not None and not REFERENCE.match(str(value)):
                    text = f"{name} has its value in the file; take it from the environment (${{{name}}})"
                    report.add(text, path, category="secret")


def _example_settings(path: str, report: Report) -> None:
    for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
        name, _, value = (part.strip("\"' ") for part in line.partition("="))
        if SECRET_NAME.search(name) and re.fullmatch(r"\S{16,}", value) and not REFERENCE.match(value):
            report.add(f"{name} looks like a real secret; leave it empty", path, number, category="secret")


def _documents(path: str, report: Report | None) -> list[dict[str, Any]]:
    try:
        loaded = library("ruamel.yaml").YAML(typ="safe").load_all((ROOT / path).read_text())
        return [one for one in loaded if isinstance(one, dict)]
    except Exception as error:
        if report is not None:
            report.add(f"{path} is not YAML: {' '.join(str(error).split())[:300]}", path, category="schema")
        return []


def _at(node: Any, *path: str) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _json(*command: str) -> Any:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=TIME_S, check=False)  # noqa: S603  # a fixed program, inside the sandbox
    if not done.stdout.strip():
        raise RuntimeError(f"{Path(command[0]).name} said nothing: {done.stderr.decode(errors='replace')[-400:]}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
