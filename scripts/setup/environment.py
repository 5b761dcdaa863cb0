"""The project's own environment in .venv: locked packages, hashes checked, and the project itself in place."""

import sys
from pathlib import Path

from scripts.setup.shell import answer, run

_OFFLINE_PYTHON = {"UV_PYTHON_DOWNLOADS": "never"}
_QUESTION = "import sys; print(sys.base_prefix)"


def ensure_environment(project: Path, uv: Path) -> None:
    """Make .venv with this interpreter unless it has one that works, and give it exactly what the lock names.

    Raises SetupError.
    """
    python = project / ".venv" / "bin" / "python"
    if not answer([python, "-I", "-c", _QUESTION]):
        clear = ("--clear",) if (project / ".venv").exists() else ()
        run(
            [uv, "venv", "--quiet", *clear, "--no-project", "--python", sys.executable, project / ".venv"],
            env=_OFFLINE_PYTHON,
        )
    where = ("--python", python)
    wheels = ("--require-hashes", "--only-binary", ":all:")
    # Compiled here, or every start would do it again where the environment is read-only or bytecode is switched off.
    run(
        [uv, "pip", "sync", "--compile-bytecode", *where, *wheels, project / "requirements" / "dev.lock"],
        env=_OFFLINE_PYTHON,
    )
    in_place = ("--no-deps", "--no-build-isolation", "--editable", project)
    run([uv, "pip", "install", "--quiet", *where, *in_place], env=_OFFLINE_PYTHON)
