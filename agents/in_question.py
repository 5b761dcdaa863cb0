"""What somebody has to see who is to repair what was found: the findings, without saying one twice, and files."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from agents.failing_tests import failing_test
from core.findings import Finding

_PYTHON = re.compile(r"^from (app(?:\.\w+)*) import (\(?[\w, ]+)", re.M)
_TYPESCRIPT = re.compile(r"""\bfrom ["'](\.{1,2}/[^"']+)["']""")
_EVIDENCE = 1_500
"""Characters; the end of a traceback says most."""
_TESTS_SHOWN = 2
_ENDINGS = ("", ".ts", ".tsx", "/index.ts", "/index.tsx")


def told(findings: Sequence[Finding], tests: Mapping[str, str]) -> list[Finding]:
    """As they are told to their owner: one for each place, with how many others there are like it.

    `tests` are the files with tests that the owner does not see otherwise: of each that failed the text is shown.
    """
    places: dict[tuple[object, ...], list[Finding]] = {}
    for number, finding in enumerate(findings):
        place = (finding.file, finding.line) if finding.file and finding.line else (number,)
        places.setdefault((finding.check, finding.category, *place), []).append(finding)
    return [_together(found, tests) for found in places.values()]


def _together(found: Sequence[Finding], tests: Mapping[str, str]) -> Finding:
    first, *others = found
    more = f" (and {len(others)} more at this place, such as: {others[0].message[:200]})" if others else ""
    shown = dict.fromkeys(failing_test(finding, tests) for finding in found[:_TESTS_SHOWN])
    evidence = [first.evidence[-_EVIDENCE:], *(text for text in shown if text)]
    changes = {"owner": None, "message": f"{first.message}{more}", "evidence": "\n\n".join(filter(None, evidence))}
    return first.model_copy(update=changes)


def files_in_question(findings: Sequence[Finding], files: Mapping[str, str], given: Mapping[str, str]) -> set[str]:
    """Paths that findings name or speak of, and of `files` those that these import: the cause is often one file further.

    `given` is the starter. What it gave is imported everywhere, and is in question only where it imports itself.
    """
    words = "\n".join(finding.message for finding in findings)
    named = {finding.file for finding in findings if finding.file} | {path for path in files if path in words}
    untouched = {path for path, text in files.items() if given.get(path) == text}
    return named | {
        other
        for path in named & files.keys()
        for other in _imported(path, files[path])
        if other in files and (path in untouched or other not in untouched)
    }


def _imported(path: str, text: str) -> Iterator[str]:
    if path.endswith(".py"):
        for module, names in _PYTHON.findall(text):
            folder = f"backend/{module.replace('.', '/')}"
            yield from (f"{folder}.py", f"{folder}/__init__.py")
            yield from (f"{folder}/{name}.py" for name in re.findall(r"\w+", names))
    else:
        for given in _TYPESCRIPT.findall(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), given))
            yield from (f"{target}{ending}" for ending in _ENDINGS)
