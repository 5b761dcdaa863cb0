"""What `.dockerignore` keeps out of the build."""

import re
from collections.abc import Callable


def ignoring(text: str) -> Callable[[str], bool]:
    """Whether a path of the repository is kept out: the last pattern that fits it or a folder of it decides."""
    rules = []
    for raw in text.splitlines():
        line = raw.strip()
        if line and not line.startswith("#"):
            keeps = line.startswith("!")
            rules.append((re.compile(_pattern(line.removeprefix("!").strip().strip("/"))), not keeps))

    def ignored(path: str) -> bool:
        out = False
        for pattern, leaves in rules:
            if pattern.fullmatch(path):
                out = leaves
        return out

    return ignored


def _pattern(glob: str) -> str:
    out, rest = "", glob.removeprefix("./")
    while rest:
        if rest.startswith("**/"):
            out, rest = f"{out}(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = f"{out}.*", rest[2:]
        elif rest[0] in "*?":
            out, rest = out + ("[^/]*" if rest[0] == "*" else "[^/]"), rest[1:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return f"{out}(?:/.*)?"
