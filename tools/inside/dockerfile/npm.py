"""npm without a network: packages are those of the toolchain, scripts really run."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from . import notes

TOOLCHAIN = notes.BOX / "frontend" / "node_modules"
BUILT = notes.BOX / ".autonomy" / "built" / "frontend" / "dist"
_TESTS = (".test.ts", ".test.tsx")


def npm(arguments: list[str]) -> int:
    """The exit code of `npm ci`, `npm install`, `npm run` and `npm test`; the rest is said to be not executed."""
    words = [word for word in arguments if not word.startswith("-")]
    match words:
        case ["ci", *_]:
            return _install(locked=True)
        case ["install" | "i"]:
            return _install(locked=False)
        case ["run" | "run-script", name, *_]:
            return _run(name)
        case ["test" | "start" as name, *_]:
            return _run(name)
    notes.write("not executed", f"npm {' '.join(arguments)[:80]}: no network")
    return 0


def npx(arguments: list[str]) -> int:
    words = arguments[1:] if arguments[:1] in (["-y"], ["--yes"], ["--no-install"]) else arguments
    return subprocess.run(words, env=_environment(), check=False).returncode if words else 1  # noqa: S603  # inside the sandbox


def _install(*, locked: bool) -> int:
    package = _package()
    if package is None:
        notes.write("wrong", f"npm: there is no package.json in {Path.cwd().name or '/'}")
        return 1
    if locked and not any(Path(name).is_file() for name in ("package-lock.json", "npm-shrinkwrap.json")):
        notes.write("wrong", "npm ci needs a package-lock.json, and there is none; `npm install` does not")
        return 1
    wanted = {**package.get("dependencies", {}), **package.get("devDependencies", {})}
    missing = [name for name in wanted if not (TOOLCHAIN / name / "package.json").is_file()]
    for name in missing:
        notes.lacking(name, f"{name} is not among the packages of the sandbox")
    if missing:
        notes.write("not executed", f"npm install of {', '.join(missing)[:300]}: not among the packages of the sandbox")
    if not os.path.lexists("node_modules"):
        Path("node_modules").symlink_to(TOOLCHAIN)
    notes.write("done", f"npm installed {len(wanted) - len(missing)} packages of the sandbox")
    return 0


def _run(name: str) -> int:
    scripts = (_package() or {}).get("scripts", {})
    if name not in scripts:
        notes.write("wrong", f"npm run {name}: package.json has no such script")
        return 1
    if name == "build" and str(scripts[name]).endswith("vite build") and _is_what_was_built():
        for source in BUILT.rglob("*"):
            if source.is_file():
                target = Path("dist") / source.relative_to(BUILT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
        notes.write("done", "npm run build: taken from the check `build`, which built these very files")
        return 0
    done = subprocess.run(["/bin/sh", "-c", str(scripts[name])], env=_environment(), check=False)  # noqa: S603  # inside the sandbox
    return done.returncode


def _is_what_was_built() -> bool:
    """Whether every file that was built from is here as it was then."""
    if not BUILT.is_dir() or not Path("node_modules").exists():
        return False
    frontend = notes.BOX / "frontend"
    for folder, names, files in os.walk(frontend):
        names[:] = [name for name in names if name not in ("node_modules", "dist")]
        for file in files:
            path = Path(folder) / file
            here = Path(path.relative_to(frontend))
            if not file.endswith(_TESTS) and (not here.is_file() or here.read_bytes() != path.read_bytes()):
                return False
    return True


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path.cwd()}/node_modules/.bin:{os.environ['PATH']}"}


def _package() -> Any:
    try:
        return json.loads(Path("package.json").read_text())
    except (OSError, ValueError):
        return None
