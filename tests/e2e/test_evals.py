"""Evaluations from the terminal: a run that is killed goes on with what is missing, beside a service that holds the data."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import PROJECT
from tests.e2e.processes import environment, run_command

pytestmark = [pytest.mark.e2e, pytest.mark.sandbox, pytest.mark.toolchain, pytest.mark.timeout(1200)]
TASKS = ["--task", "mend-missing-404", "--task", "mend-migration", "--task", "database-blog"]
LIMIT_S = 400.0
HELD = """
import sys
from pathlib import Path
from cli.start import main
from tests.e2e.slow_server import slow_down

slow_down(0.0, Path(sys.argv[1]), Path(sys.argv[2]))
sys.argv[1:] = sys.argv[3:]
main()
"""


def done(data: Path) -> int:
    path = data / "evals" / "results.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(path) as connection:
            return int(connection.execute("SELECT count(*) FROM results").fetchone()[0])
    except sqlite3.OperationalError:  # the table is just being made
        return 0


def test_a_run_that_is_killed_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "held").write_text("database_agent")  # of the second task and the third
    files = [str(tmp_path / "calls"), str(tmp_path / "held")]
    command = [sys.executable, "-c", HELD, *files, "eval", "run", "smoke", *TASKS, "--parallel", "1"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment(tmp_path), stdout=subprocess.DEVNULL)
    until = time.monotonic() + LIMIT_S
    while not done(tmp_path) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = done(tmp_path)
    assert 1 <= kept < 3, "it was killed between two tasks"

    run_id = run_command(tmp_path, "eval", "list").stdout.splitlines()[1].split()[0]
    ended = run_command(
        tmp_path, "eval", "run", "--resume", run_id, "--output", str(tmp_path / "report.md"), timeout_s=600
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("done  ") == 3 - kept
    assert "all:    3 of 3 tasks" in ended.stdout
    assert "| mend-migration | 1 | completed | yes |" in (tmp_path / "report.md").read_text()

    shown = json.loads(run_command(tmp_path, "eval", "show", run_id, "--json").stdout)
    assert {result["task"] for result in shown["results"]} == {"mend-missing-404", "mend-migration", "database-blog"}
    assert all(result["hidden"] and result["prompts"] and result["passed"] for result in shown["results"])
    compared = run_command(tmp_path, "eval", "compare", run_id, run_id).stdout
    assert compared.count("no difference shown") == 10
    assert not list((tmp_path / "evals" / "arms").iterdir())


def test_wrong_words_are_answered_with_what_there_is(tmp_path: Path) -> None:
    unknown = run_command(tmp_path, "eval", "run", "none")
    assert (unknown.returncode, unknown.stderr) == (
        1, "autonomy: there is no suite 'none'; there are held-out, smoke, standard\n",
    )  # fmt: skip
    both = run_command(tmp_path, "eval", "run")
    assert both.returncode == 2
    rule = run_command(tmp_path, "eval", "rule", "backend_agent", "0123456789abcdef")
    assert rule.returncode == 1
    assert "backend_agent has no rule '0123456789abcdef'; `autonomy agent backend_agent` lists them" in rule.stderr
