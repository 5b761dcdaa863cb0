"""Which files somebody has to see who is to repair what was found."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from core.findings import Finding

_PYTHON = re.compile(r"^from (app(?:\.\w+)*) import (\(?[\w, ]+)", re.M)
_TYPESCRIPT = re.compile(r"""\bfrom ["'](\.{1,2}/[^"']+)["']""")
_ENDINGS = ("", ".ts", ".tsx", "/index.ts", "/index.tsx")


def files_in_question(findings: Sequence[Finding], files: Mapping[str, str]) -> set[str]:
    """Paths that findings name or speak of, and of `files` those that these import: the cause is often one file further."""
    words = "\n".join(f"{finding.message}\n{finding.evidence}" for finding in findings)
    named = {finding.file for finding in findings if finding.file} | {path for path in files if path in words}
    return named | {other for path in named & files.keys() for other in _imported(path, files[path]) if other in files}


def _imported(path: str, text: str) -> Iterator[str]:
    if path.endswith(".py"):
        for module, names in _PYTHON.findall(text):
            folder = f"backend/{module.replace('.', '/')}"
            yield f"{folder}.py"
            yield from (f"{folder}/{name}.py" for name in re.findall(r"\w+", names))
    else:
        for given in _TYPESCRIPT.findall(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), given))
            yield from (f"{target}{ending}" for ending in _ENDINGS)
