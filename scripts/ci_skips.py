"""Reads pytest's JUnit report and fails when a test was skipped because a part of the machine is missing.

The convention: `pytest.skip("missing: bubblewrap ...")`. Other reasons are allowed and are not looked at.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

MISSING = "missing:"


def missing_parts(report: Path) -> Counter[str]:
    """How many tests were skipped for each missing part. Raises ValueError when the report has no test at all."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    if not cases:
        raise ValueError("the report names no test: nothing ran")
    reasons = (skipped.get("message") or "" for case in cases for skipped in case.iter("skipped"))
    return Counter(reason for reason in reasons if reason.startswith(MISSING))


def main(arguments: Sequence[str]) -> int:
    try:
        missing = missing_parts(Path(arguments[0]))
    except (OSError, ValueError, ElementTree.ParseError) as error:
        print(f"cannot judge the test report: {error}")
        return 1
    for reason, count in missing.most_common():
        print(f"{count} skipped, {reason}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
