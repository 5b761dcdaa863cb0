"""Runs the application's pytest suite with the probe, then judges what the probe recorded against the contract."""

import json
import os
from typing import Any

from .box import BACKEND, OUT, Reports, enter_backend, read_json, run_pytest, stop_after
from .contract import Contract

TIME_S = 100.0
ARGUMENTS = ("-q", "--maxfail=40", "--tb=short", "-p", "inside.probe")


def main() -> None:
    reports = Reports("pytest")
    enter_backend("tests")
    os.environ.pop("DATABASE_URL")
    os.environ.setdefault("COLUMNS", "160")
    stop_after(TIME_S)
    junit = OUT / "pytest.xml"
    OUT.mkdir(parents=True, exist_ok=True)
    code = run_pytest(*ARGUMENTS, f"--junitxml={junit}", "tests")
    reports.extra = {"exit_code": code, **judge(Contract(read_json(".autonomy/contract.json")))}
    reports.save()


def judge(contract: Contract) -> dict[str, Any]:
    """What the exchanges say: per test what happened, operations that succeeded, and answers that broke the contract."""
    covered: dict[str, None] = {}
    broken: dict[tuple[str, str], dict[str, Any]] = {}
    by_test: dict[str, list[dict[str, Any]]] = {}
    for line in _lines("exchanges.jsonl"):
        operation = contract.match(line["method"], line["path"])
        if operation is None:
            continue
        problem = _problem(contract, line, operation)
        if problem is None and line["status"] < 400:
            covered[operation.name] = None
        if problem is not None:
            broken.setdefault(
                (operation.name, problem), {"operation": operation.name, "problem": problem, **_where(line)}
            )
        by_test.setdefault(line["test"], []).append(
            {
                "operation": operation.name, "status": line["status"], "problem": problem,
                "documented": [int(status) for status in operation.statuses if status.isdigit()], **_where(line),
            }
        )  # fmt: skip
    failures = list(_lines("failures.jsonl"))[:60]
    for failure in failures:
        failure["exchanges"] = by_test.get(failure["test"], [])[-20:]
    return {"covered": list(covered), "broken": list(broken.values())[:60], "failures": failures}


def _problem(contract: Contract, line: dict[str, Any], operation: Any) -> str | None:
    if line["body"] is None:
        return None
    try:
        value = json.loads(line["body"])
    except ValueError:
        value = None
    return contract.problem(operation, line["status"], line["content_type"], line["body"].encode(), value)


def _where(line: dict[str, Any]) -> dict[str, Any]:
    crash = line["crash"]
    file, number = (crash[0], crash[1]) if crash and crash[0] else (line["endpoint"] or (None, None))
    return {"file": file, "line": number, "crash": crash[2] if crash else ""}


def _lines(name: str) -> list[dict[str, Any]]:
    path = OUT / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":
    assert BACKEND.is_dir(), "there is no backend/"
    main()
