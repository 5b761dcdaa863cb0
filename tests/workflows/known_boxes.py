"""Where the answers of the real sandbox are kept for the tests: many of them build the same sentence."""

import re
from pathlib import Path

_RUN_OF_THE_SUITE = re.compile(r"pytest-\d+")


def folder_for(data: Path) -> Path | None:
    """What all workers of this run of the suite share; None for data that is not in pytest's temporary directory."""
    run = next((parent for parent in data.parents if _RUN_OF_THE_SUITE.fullmatch(parent.name)), None)
    return run / "boxes" if run else None
