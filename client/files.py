"""Bodies that are files: sent in pieces, and received whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 20


@contextmanager
def arriving(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its place when all has come, and goes when it does not. For the user's eyes alone."""
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def pieces(path: Path) -> Iterator[bytes]:
    """What the file holds."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
