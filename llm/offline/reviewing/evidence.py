"""What linters said, read line by line: rules whose findings need no look at the code beyond the line that they name."""

import re
from collections.abc import Iterator, Mapping

from llm.offline.reviewing.notes import CONFIGURATION, CRYPTOGRAPHY, INJECTION, INTEGRITY, QUALITY, Note, Severity

_LINE = re.compile(
    r"^\s*(?:[-*]\s+)?(?P<file>[\w./-]+\.(?:py|tsx?)):(?P<line>\d+)(?::\d+)?:?\s+\[?(?P<code>[A-Z]{1,4}\d{3,4})\]?:?\s+(?P<said>\S.*?)\s*$",
    re.M,
)
_RULES: Mapping[str, tuple[Severity, str]] = {
    "102": ("critical", INJECTION), "301": ("high", INTEGRITY), "302": ("high", INTEGRITY), "307": ("critical", INJECTION),
    "303": ("high", CRYPTOGRAPHY), "324": ("high", CRYPTOGRAPHY), "305": ("high", CRYPTOGRAPHY), "501": ("high", CRYPTOGRAPHY),
    "113": ("medium", CONFIGURATION), "201": ("high", CONFIGURATION), "202": ("high", CONFIGURATION), "506": ("critical", INTEGRITY),
    "602": ("critical", INJECTION), "604": ("high", INJECTION), "605": ("critical", INJECTION), "608": ("critical", INJECTION),
    "610": ("critical", INJECTION), "611": ("critical", INJECTION), "701": ("high", INJECTION), "702": ("high", INJECTION),
    "704": ("high", INJECTION),
}  # fmt: skip
_QUALITY: Mapping[str, Severity] = {
    "B006": "medium",
    "B023": "medium",
    "E722": "medium",
    "F401": "low",
    "F811": "medium",
    "F841": "low",
}
_HARMLESS = re.compile(r"severity LOW|confidence LOW", re.I)


def evidence_notes(evidence: str, files: Mapping[str, str], known: set[tuple[str, int]]) -> Iterator[Note]:
    """`known` are places that the review has noted itself. Lines about files or lines that are not there count for nothing."""
    for match in _LINE.finditer(evidence):
        place = (match["file"], int(match["line"]))
        length = files.get(place[0], "").count("\n") + 1 if place[0] in files else 0
        rule = _rule(match["code"])
        if rule is not None and 1 <= place[1] <= length and place not in known and not _HARMLESS.search(match["said"]):
            yield Note(*place, *rule, f"{match['code']}: {match['said'][:300]}")


def _rule(code: str) -> tuple[Severity, str] | None:
    if code in _QUALITY:
        return _QUALITY[code], QUALITY
    return _RULES.get(code[1:]) if code[0] in "SB" and code[1:].isdigit() else None
