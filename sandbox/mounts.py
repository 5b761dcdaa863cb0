"""Which folders a toolchain adds to a box, and where."""

from pathlib import Path

from core.errors import Refused
from core.sandboxes import Toolchain
from sandbox.command import Mounts
from sandbox.toolchain import Toolchains

NODE_MODULES = "/box/frontend/node_modules"
"""Generated applications have their Node project in frontend/."""

_SCRATCH = {".vite-temp": 16 << 20, ".vite": 32 << 20}
_BROWSER = ("/etc/fonts", "/etc/chromium", "/etc/chromium.d", "/var/cache/fontconfig")


def mounts_for(toolchain: Toolchain, built: Toolchains) -> Mounts:
    """The mounts of `toolchain`. Raises Refused when what it needs has not been built."""
    if toolchain == "none":
        return Mounts()
    python = _required(built.python, "Python") if toolchain in ("python", "full") else None
    node_modules = _required(built.node_modules, "Node") if toolchain in ("node", "full") else None
    return Mounts(
        same_place=tuple(filter(None, (python, *built.binds))),
        optional=tuple(Path(path) for path in _BROWSER) if toolchain == "full" else (),
        placed={NODE_MODULES: node_modules} if node_modules else {},
        scratch=_scratch(node_modules) if node_modules else {},
        path=built.path_folders,
    )


def _required(path: Path | None, name: str) -> Path:
    if path is None or not path.is_dir():
        raise Refused(
            f"the sandbox's {name} toolchain has not been built: run `make setup` (or `autonomy doctor`) once"
        )
    return path


def _scratch(node_modules: Path) -> dict[str, int]:
    """Vite writes into node_modules; a mount needs a folder to be put on, which set-up has made."""
    return {f"{NODE_MODULES}/{name}": size for name, size in _SCRATCH.items() if (node_modules / name).is_dir()}
