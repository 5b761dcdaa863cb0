"""Becomes the application's own server, on a fresh database: migrations first, the built frontend at `/` where there is one.

Argument: the port on the box's loopback.
"""

import os
import secrets
import subprocess
import sys

from .box import BACKEND, ROOT

MIGRATE_S = 60.0


def main() -> None:
    os.environ["DATABASE_URL"] = "sqlite:////tmp/demo.db"
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    built = ROOT / "frontend" / "dist"
    if built.is_dir():
        os.environ["FRONTEND_DIST"] = str(built)
    os.chdir(BACKEND)
    alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(alembic, check=True, timeout=MIGRATE_S)  # noqa: S603  # a fixed program, inside the sandbox
    serve = [sys.executable, "-m", "uvicorn", "app.main:app", "--port", sys.argv[1], "--log-level", "warning"]
    os.execv(sys.executable, serve)  # noqa: S606  # a fixed program, inside the sandbox


if __name__ == "__main__":
    main()
