"""The files of a generated application that are the same in every application, rendered from its plan. Knows core only."""

from starter.digests import digest
from starter.rendering import files

__all__ = ["digest", "files"]
