"""Base images that the sandbox's toolchains stand for, and what such an image has."""

import re
import sys
import sysconfig
from pathlib import Path

from .stage import Stage

_IMAGE = re.compile(r"(?:[\w.-]+(?::\d+)?/)?(?:docker/)?(?:library/)?(python|node):([\w.-]+)(?:@sha256:[0-9a-f]{64})?")
_WITH_TOOLS = ("curl", "wget", "git", "make", "gcc")
"""What the large images have beside the language, and the slim ones have not."""
WATCHED = (*_WITH_TOOLS, "node", "npm", "npx")
"""Programs that this machine may have though the image has not."""


def prepare(stage: Stage) -> str:
    """Make the stage's folder what its base image is. A note where that differs; sets `not_executed` for other images."""
    found = _IMAGE.fullmatch(stage.base)
    if found is None:
        known = "python:* and node:*" if "$" not in stage.base else "images that are named"
        stage.not_executed = f"the image {stage.base} is not here (only {known} can be stood in for)"
        return ""
    stage.kind, tag = found[1], found[2]
    (stage.root / "tmp").mkdir(parents=True, exist_ok=True)
    for folder in ("usr/local/bin", "usr/local/sbin"):
        (stage.root / folder).mkdir(parents=True, exist_ok=True)
    stage.tools = _tools(stage.kind, tag)
    if stage.kind == "node":
        stage.users["node"] = "1000"
        return ""
    make_python(stage.root / "usr" / "local")
    wanted, here = tag.split("-")[0], sys.version_info
    same = [str(part) for part in here[:2]] == wanted.split(".")[:2]
    return "" if same else f"{stage.base} stood in for by Python {here[0]}.{here[1]}"


def make_python(prefix: Path) -> Path:
    """A Python of its own under `prefix`, laid out as the image's: nothing but the standard library and a `pip`."""
    program = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    site = site_packages(prefix)
    (site / "pip").mkdir(parents=True, exist_ok=True)
    (site / "pip" / "__init__.py").write_text("")
    (site / "pip" / "__main__.py").write_text(_PIP)
    (site / "sitecustomize.py").write_text(_USER_SITE)
    (prefix / "bin").mkdir(exist_ok=True)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for name in ("python", "python3", f"python{version}"):
        link = prefix / "bin" / name
        if not link.is_symlink():
            link.symlink_to(program)
    (prefix / "pyvenv.cfg").write_text(f"home = {program.parent}\ninclude-system-site-packages = false\n")
    return prefix


_PIP = """import os, sys
os.environ["IMAGE_PREFIX"] = sys.prefix
os.execvp("pip", ["pip", *sys.argv[1:]])
"""


_USER_SITE = """import os, site, sys
_here = os.path.expanduser("~/.local/lib/python%d.%d/site-packages" % sys.version_info[:2])
if os.path.isdir(_here):
    site.addsitedir(_here)
"""
"""An environment looks into no user's packages, an image's Python does."""


def site_packages(prefix: Path) -> Path:
    version = sysconfig.get_python_version()
    return prefix / "lib" / f"python{version}" / "site-packages"


def _tools(kind: str, tag: str) -> set[str]:
    language = {"node", "npm", "npx"} if kind == "node" else set[str]()
    if "alpine" in tag:
        return {*language, "wget"}
    return language if "slim" in tag else {*language, *_WITH_TOOLS}
