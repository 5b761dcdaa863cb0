"""The folder that stands first in the PATH of a step: programs of ours, and those that the image would not have."""

import shlex
import sys
from pathlib import Path

from .bases import WATCHED
from .notes import BOX
from .stage import Stage
from .stand_in import PROGRAMS

_PYTHON = """#!/bin/sh
IFS=:
for folder in $PATH; do
  if [ "$folder" != {here} ] && [ -x "$folder/{name}" ]; then found="$folder/{name}"; break; fi
done
unset IFS
[ -n "$found" ] || {{ echo "{name}: not found" >&2; exit 127; }}
if [ "$1" = -m ] && [ "$2" = venv ]; then shift 2; PYTHONPATH={path} exec {python} -m inside.dockerfile.stand_in venv "$@"; fi
exec "$found" "$@"
"""


def write_programs(stage: Stage, folder: Path) -> tuple[Path, Path]:
    """Two folders: for steps of the build, and for the container, where there are no programs of ours."""
    building, absent = folder / "build", folder / "absent"
    for one in (building, absent):
        one.mkdir(parents=True, exist_ok=True)
    for name in PROGRAMS:
        if (
            name not in ("npm", "npx", "pip", "pip3")
            or name in stage.tools
            or (stage.kind, name[:3]) == ("python", "pip")
        ):
            _write(building / name, f'#!/bin/sh\n{_call(name)} "$@"\n')
    for name in ("python", "python3"):
        text = _PYTHON.format(here=shlex.quote(str(building)), name=name, path=BOX / ".autonomy", python=sys.executable)
        _write((building if stage.kind == "python" else absent) / name, text if stage.kind == "python" else _gone(name))
    update_absent(stage, absent)
    return building, absent


def update_absent(stage: Stage, absent: Path) -> None:
    """Programs of this machine that the image has not: they are not found there either."""
    for name in WATCHED:
        if name in stage.tools:
            (absent / name).unlink(missing_ok=True)
        else:
            _write(absent / name, _gone(name))


def _call(name: str) -> str:
    return f"PYTHONPATH={BOX / '.autonomy'} exec {sys.executable} -m inside.dockerfile.stand_in {name}"


def _gone(name: str) -> str:
    return f'#!/bin/sh\necho "{name}: not found (the base image does not have it)" >&2\nexit 127\n'


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
