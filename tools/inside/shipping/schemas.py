"""Published schemas of the files' formats, and the linters of Dockerfiles and workflows."""

import contextlib
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..box import ROOT, Report, library
from . import files

SCHEMAS = {
    "vendor.compose-spec": files.COMPOSE,
    "vendor.github-workflows": files.WORKFLOWS,
    "vendor.dependabot": (".github/dependabot.yml",),
    "vendor.gitlab-ci": files.GITLAB,
    "vendor.bitbucket-pipelines": files.BITBUCKET,
    "cloud_run.json": files.DEPLOY,
}
TOLERATED = ("DL3008", "DL3013", "DL3018", "DL3059", "DL3042")
"""Pinned versions of system packages, and matters of layer size."""
LINTER_S = 20.0
_UNEXPECTED = re.compile(r"\('([^']+)'.* (?:was|were) unexpected\)|'([^']+)' does not match any")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def check_schemas(report: Report) -> Iterator[str]:
    """The files that were looked at."""
    for schema, patterns in SCHEMAS.items():
        for path in files.named(*patterns):
            if schema == "cloud_run.json" and not _is_service(path):
                continue
            yield path
            answer = _validated(schema, path)
            if answer.get("parse_errors"):
                line, text = files.broken(path)
                report.add(f"{path} cannot be read: {text}", path, line, category="schema")
            for error in answer.get("errors", []):
                _add(path, _closest(error), report)


def check_bitbucket(report: Report) -> None:
    """Members of steps that the published schema does not name: it lets them through."""
    named = _members("bitbucket-pipelines.json", "step_base") | _members("bitbucket-pipelines.json", "step")
    for path in files.named(*files.BITBUCKET):
        for node in files.mappings(files.tree(path), "step"):
            for key, _ in node.value:
                if key.value not in named:
                    text = f"a step has no member `{key.value}`; there are {', '.join(sorted(named))}"
                    report.add(text, path, key.start_mark.line + 1, category="schema")


def _members(schema: str, name: str) -> set[str]:
    """Members that a published schema names for a definition, in its parts too."""
    folder = Path(library("check_jsonschema").__file__).parent / "builtin_schemas" / "vendor"
    definition = json.loads((folder / schema).read_text())["definitions"][name]
    return {member for part in (definition, *definition.get("allOf", [])) for member in part.get("properties", {})}


def check_workflows(report: Report) -> None:
    """actionlint: expressions, actions and their inputs, needs, permissions."""
    workflows = files.named(*files.WORKFLOWS)
    if not workflows:
        return
    for one in (
        _json("actionlint", "-no-color", "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", *workflows) or []
    ):
        report.add(
            f"actionlint: {one['message']}", one["filepath"], one["line"], category="workflow", severity="medium"
        )


def check_dockerfile(path: str, report: Report) -> None:
    """hadolint."""
    for one in _json("hadolint", "--format", "json", "--no-color", "--no-fail", path):
        if one["code"] not in TOLERATED and one["level"] in ("error", "warning"):
            report.add(f"{one['code']}: {one['message']}", path, one["line"], category="dockerfile", severity="medium")


def _is_service(path: str) -> bool:
    """A Cloud Run service, or what cannot be read at all."""
    found = files.documents(path)
    return not found or any(files.at(one, "kind") == "Service" for one in found)


def _validated(schema: str, path: str) -> Any:
    """What check-jsonschema says. In this process: it takes longer to load than to check."""
    own = Path(__file__).parent / schema
    wanted = ["--schemafile", str(own)] if own.is_file() else ["--builtin-schema", schema]
    if schema == "vendor.gitlab-ci":
        wanted += ["--data-transform", "gitlab-ci"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        library("check_jsonschema").main([*wanted, "-o", "JSON", path], "check-jsonschema")
    return json.loads(said.getvalue())


def _closest(error: Any) -> Any:
    """Of an alternative that fits in no way, the deepest thing that does not fit."""
    best = error.get("best_deep_match") or error.get("best_match")
    return best if isinstance(best, dict) and best.get("message") else error


def _add(path: str, error: Any, report: Report) -> None:
    message = str(error.get("message", "it does not fit"))[:600]
    where = str(error.get("path") or "$")
    keys = [int(index) if index else name for name, index in _STEP.findall(where.removeprefix("$"))]
    unexpected = _UNEXPECTED.search(message)
    more = [(unexpected[1] or unexpected[2]).split("'")[0]] if unexpected else []
    shown = f" at {where}" if where != "$" else ""
    line = files.line_of(path, *keys, *more)
    report.add(f"{path} breaks its published schema{shown}: {message}", path, line, category="schema")


def _json(*command: str) -> Any:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LINTER_S, check=False)  # noqa: S603  # a fixed program, inside the sandbox
    if not done.stdout.strip():
        raise RuntimeError(f"{Path(command[0]).name} said nothing: {done.stderr.decode(errors='replace')[-400:]}")
    return json.loads(done.stdout)
