"""The stamp that set-up leaves: the key that scripts/setup.sh computed, then paths that must still exist."""

from collections.abc import Sequence
from pathlib import Path


def write_stamp(stamp: Path, key: str, paths: Sequence[Path]) -> None:
    partial = stamp.with_suffix(".partial")
    partial.write_text("".join(f"{line}\n" for line in (key, *paths)))
    partial.replace(stamp)


def has_key(stamp: Path, key: str) -> bool:
    return stamp.exists() and stamp.read_text().splitlines()[:1] == [key]
