"""What the TypeScript compiler says, as findings."""

import re

from core.findings import Finding
from tools.boxes import clean

_ERROR = re.compile(r"^(?P<file>[^\s(][^(\n]*)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<message>.*)$", re.M)
MAX_FINDINGS = 30


def read_errors(output: str, check: str = "tsc", folder: str = "frontend/") -> list[Finding]:
    """Findings of `tsc --pretty false` run in `folder`; the lines that explain an error are its evidence."""
    found = list(_ERROR.finditer(clean(output)))
    ends = [*(match.start() for match in found[1:]), None]
    findings = []
    for match, end in zip(found, ends, strict=False):
        path = match["file"].strip().removeprefix("./")
        findings.append(
            Finding(
                check=check, file=f"{folder}{path}"[:300], line=int(match["line"]) or None, category="types",
                message=f"{match['code']}: {match['message']}"[:2000],
                evidence=clean(output)[match.start() : end][:2000],
            )
        )  # fmt: skip
    return findings[:MAX_FINDINGS]
