"""What linters said, read line by line: rules whose findings need no look at the code beyond the line that they name."""

import re
from collections.abc import Iterator, Mapping

from llm.offline.reviewing.notes import CONFIGURATION, CRYPTOGRAPHY, INJECTION, INTEGRITY, QUALITY, Note, Severity

_LINE = re.compile(
    r"^\s*(?:[-*]\s+)?(?P<file>[\w./-]+\.(?:py|tsx?)):(?P<line>\d+)(?::\d+)?:?\s+"
    r"\[?(?P<code>[A-Z]{1,4}\d{3,4})\]?:?\s+(?P<said>\S.*?)\s*$",
    re.M,
)
_RULES: Mapping[str, tuple[Severity, str]] = {
    **dict.fromkeys(("102", "307", "602", "605", "608", "610", "611"), ("critical", INJECTION)),
    **dict.fromkeys(("604", "701", "702", "704"), ("high", INJECTION)),
    **dict.fromkeys(("303", "305", "324", "501"), ("high", CRYPTOGRAPHY)),
    **dict.fromkeys(("201", "202"), ("high", CONFIGURATION)),
    **dict.fromkeys(("301", "302", "506"), ("high", INTEGRITY)),
    "113": ("medium", CONFIGURATION),
}
"""What bandit (`B`) and ruff (`S`) call a rule, and what it means."""
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
    """`known` are places that the review has noted itself. What names no line that is there counts for nothing."""
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
