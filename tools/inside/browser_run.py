"""Starts the whole application, built frontend included, and runs the tests of e2e/ against it in a real browser."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from .box import BACKEND, OUT, ROOT, SECRET, Report, Reports, run_pytest, stop_after

TIME_S = 170.0
START_S = 25.0
ADDRESS = "http://127.0.0.1:8000"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-dev-shm-usage --no-zygote --disable-extensions --disable-background-networking"
"""The box is the sandbox: the browser's own needs namespaces, which nothing inside may make."""


def main() -> None:
    stop_after(TIME_S)
    reports = Reports("browser")
    OUT.mkdir(parents=True, exist_ok=True)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        return reports.skip("there is no Chromium on this machine", "browser")
    reports.run("browser", lambda report: _run(report, reports, found))
    return None


def _run(report: Report, reports: Reports, browser: str) -> None:
    settings = {
        **os.environ,
        "DATABASE_URL": "sqlite:////tmp/browser.db",
        "SECRET_KEY": SECRET,
        "FRONTEND_DIST": str(ROOT / "frontend" / "dist"),
    }
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, cwd=BACKEND, env=settings, check=True, timeout=START_S, capture_output=True)  # noqa: S603  # a fixed program, inside the sandbox
    with (OUT / "server.log").open("wb") as log:
        serve = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", "8000", "--log-level", "warning"]
        server = subprocess.Popen(serve, cwd=BACKEND, env=settings, stdout=log, stderr=log)  # noqa: S603  # a fixed program, inside the sandbox
    try:
        if not _answers(server):
            log_text = (OUT / "server.log").read_text(errors="replace")[-2000:]
            report.add(
                "The application does not answer /health when it is started", "backend/app/main.py", evidence=log_text
            )
            return report.finish()
        reports.extra["exit_code"] = _tests(browser)
        return report.finish()
    finally:
        server.kill()


def _answers(server: subprocess.Popen[bytes]) -> bool:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{ADDRESS}/health", timeout=2) as answer:  # noqa: S310  # a fixed address
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


def _tests(browser: str) -> int:
    wrapper = Path(tempfile.mkdtemp()) / "chromium"
    wrapper.write_text(f'#!/bin/sh\nexec {browser} {FLAGS} "$@"\n')
    wrapper.chmod(0o755)
    os.environ.update(E2E_BASE_URL=ADDRESS, E2E_CHROMIUM=str(wrapper), PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS="1")
    os.chdir(ROOT)
    return run_pytest("-q", "--tb=short", "--maxfail=10", f"--junitxml={OUT / 'browser.xml'}", "e2e")


if __name__ == "__main__":
    main()
