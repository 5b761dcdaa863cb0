"""Runs ruff and bandit over the source: what is dangerous is a finding, the rest is evidence for the reviewer."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from .box import ROOT, Report, Reports, relative, stop_after

TIME_S = 45.0
RULES = "E9,F,B,S,C4,SIM,RET,PERF,ASYNC"
IGNORED = ("S101", "B008", "B904", "S311", "SIM108", "RET505")
"""asserts, FastAPI's defaults, exceptions re-raised as HTTP errors, random numbers, and matters of taste."""
DANGEROUS = {
    "S608": "build the statement with SQLAlchemy expressions or bound parameters, never from strings",
    "S102": "do not execute text", "S307": "do not evaluate text", "S301": "do not unpickle data",
    "S105": "read secrets from the settings", "S106": "read secrets from the settings",
    "S107": "read secrets from the settings", "S324": "use a strong hash (argon2 for passwords)",
    "S501": "verify certificates", "S506": "use yaml.safe_load", "S602": "do not start a shell", "S605": "do not start a shell",
    "S701": "turn autoescaping on", "S702": "escape what templates render", "S610": "do not build SQL from strings",
    "S113": "set a timeout",
}  # fmt: skip
BROKEN = ("E9", "F82", "F63", "F7", "invalid-syntax")
_NOT_SECRET = re.compile(r'"[^"]*(?:type|url|name|field|header|minutes|scheme|path)"', re.I)
_LEVELS = ("MEDIUM", "HIGH")


def main() -> None:
    stop_after(TIME_S)
    reports = Reports("lint")
    noted: set[tuple[str, int]] = set()
    reports.run("ruff", lambda report: _ruff(report, noted))
    reports.run("bandit", lambda report: _bandit(report, noted))


def _ruff(report: Report, noted: set[tuple[str, int]]) -> None:
    options = ["--isolated", "--no-cache", f"--select={RULES}", f"--ignore={','.join(IGNORED)}", "--output-format=json"]
    rest = []
    for one in _json("ruff", "check", *options, "--exit-zero", "backend/app", "backend/migrations"):
        path, line, code = relative(one["filename"]), one["location"]["row"], one["code"] or "invalid-syntax"
        message = one["message"]
        if code in DANGEROUS and not (code in ("S105", "S106", "S107") and _NOT_SECRET.search(message)):
            report.add(f"{code}: {message}; {DANGEROUS[code]}", path, line, category="security")
            noted.add((str(path), line))
        elif code.startswith(BROKEN):
            report.add(f"{code}: {message}", path, line, category="error")
        else:
            rest.append(f"{path}:{line} {code} {message}")
    report.finish(_evidence(rest))


def _bandit(report: Report, noted: set[tuple[str, int]]) -> None:
    rest = []
    for one in _results("bandit", "-q", "-r", "-f", "json", "--exit-zero", "backend/app"):
        path, line = relative(str(ROOT / one["filename"])), one["line_number"]
        text = f"{one['test_id']}: {one['issue_text']} (severity {one['issue_severity']}, confidence {one['issue_confidence']})"
        near = any(file == path and abs(line - other) <= 2 for file, other in noted)
        if one["issue_severity"] in _LEVELS and not near and one["test_id"] not in ("B104", "B311"):
            report.add(text, path, line, category="security", evidence=str(one.get("code", "")))
        else:
            rest.append(f"{path}:{line} {text}")
    report.finish(_evidence(rest))


def _results(*command: str) -> Iterator[dict[str, Any]]:
    found = _json(*command)
    yield from found["results"] if isinstance(found, dict) else []


def _json(*command: str) -> Any:
    done = subprocess.run(  # noqa: S603  # fixed programs of the toolchain, inside the sandbox
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, timeout=TIME_S, check=False
    )
    if not done.stdout.strip():
        raise RuntimeError(f"{command[0]} said nothing: {done.stderr.decode(errors='replace')[-500:]}")
    return json.loads(done.stdout)


def _evidence(lines: list[str]) -> str:
    if not lines:
        return "nothing else to say"
    more = f"\n... and {len(lines) - 20} more" if len(lines) > 20 else ""
    return f"{len(lines)} lesser remarks:\n" + "\n".join(lines[:20]) + more


if __name__ == "__main__":
    main()
