"""What is sent to a machine before its first run: the agent, and of this service the modules that make a box.

They are sent and not built into the template, so that the box is always that of this version.
"""

import hashlib
from functools import cache
from pathlib import Path

from sandbox.toolchain import NODE_LOCK, PYTHON_LOCK

_ROOT = Path(__file__).parents[2]
_CORE = ("__init__", "errors", "paths", "sandboxes")
_BOX = (
    "__init__", "archive", "box", "cgroups", "command", "demos", "forwarder", "front", "mounts", "probing", "procfs", "seccomp",
    "supervise", "toolchain", "transcript", "watchdog", "workers", "e2b/__init__", "e2b/agent", "e2b/wire",
)  # fmt: skip

_TYPES = "Json = object\nJsonObject = dict\n"
"""Stands for core.types, which needs packages that a bare Python does not have; the box uses these two for annotations only."""

_START = "import sys\n\nfrom sandbox.e2b.agent import main\n\nraise SystemExit(main(sys.argv[1:]))\n"


@cache
def shipment() -> dict[str, bytes]:
    """Path below the agent's folder to content."""
    modules = [*(f"core/{name}.py" for name in _CORE), *(f"sandbox/{name}.py" for name in _BOX)]
    locks = [str(lock.relative_to(_ROOT)) for lock in (PYTHON_LOCK, NODE_LOCK)]
    found = {path: (_ROOT / path).read_bytes() for path in (*modules, *locks)}
    return {**found, "core/types.py": _TYPES.encode(), "__main__.py": _START.encode()}


@cache
def version() -> str:
    """Names the shipment by its content."""
    digest = hashlib.sha256()
    for path, content in sorted(shipment().items()):
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
