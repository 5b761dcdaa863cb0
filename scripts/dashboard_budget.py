"""What the built dashboard may weigh, gzipped, and what it weighs; fails when a part is too heavy.

`python -m scripts.dashboard_budget [DIST]` prints a table.
"""

import gzip
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard import dist

ENTRY_KB, TASK_PAGE_KB, ALL_KB = 140.0, 190.0, 700.0
LAZY_KB = {
    "diff": (("codemirror", "diff"), 140.0),
    "graph": (("graph", "drawing"), 85.0),
    "charts": (("charts",), 115.0),
}
"""Parts that are loaded when they are looked at: the chunks' names and their bound."""
_REFERENCE = re.compile(r'(?:src|href)="/ui/(assets/[^"]+)"')
_IMPORT = re.compile(r'(?:from|import)\s*"\./([^"]+\.js)"')


@dataclass(frozen=True)
class Part:
    name: str
    kilobytes: float
    bound: float

    @property
    def fits(self) -> bool:
        return self.kilobytes <= self.bound


def weight(files: Iterable[Path]) -> float:
    """Together, each compressed by itself, in kB."""
    return sum(len(gzip.compress(file.read_bytes(), mtime=0)) for file in set(files)) / 1_000


def entry(build: Path) -> set[Path]:
    """The page itself, what it names, and what that imports at once."""
    index = build / "index.html"
    waiting = [build / name for name in _REFERENCE.findall(index.read_text())]
    found = {index}
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            if file.suffix == ".js":
                waiting += [file.parent / name for name in _IMPORT.findall(file.read_text())]
    return found


def parts(build: Path) -> Sequence[Part]:
    """Everything that has a bound and can be told from the files alone."""
    assets = [file for file in (build / "assets").iterdir() if file.is_file()]
    lazy = [
        Part(name, weight(file for file in assets if re.match(rf"({'|'.join(stems)})-[^-]+\.js$", file.name)), bound)
        for name, (stems, bound) in LAZY_KB.items()
    ]
    return (Part("entry", weight(entry(build)), ENTRY_KB), *lazy, Part("everything", weight(assets), ALL_KB))


def main(arguments: Sequence[str]) -> int:
    build = Path(arguments[0]) if arguments else dist()
    if not (build / "index.html").exists():
        print(f"there is no built dashboard at {build}: make dashboard")
        return 1
    measured = parts(build)
    for part in measured:
        print(f"{part.name:<12}{part.kilobytes:>8.1f} of {part.bound:>6.1f} kB{'' if part.fits else '  too heavy'}")
    return 0 if all(part.fits for part in measured) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
