"""What the build workflow takes beside the sentence."""

from core.types import Value


class BuildOptions(Value):
    """`options` of a submission to the build workflow: none yet, so anything in them is refused."""
