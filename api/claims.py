"""What a link in a message stands for, apart from how it is made: that takes a library which few services need."""

from typing import Protocol

from core.types import Value

PATH = "/decide"


class Claim(Value):
    """What a token stands for: the question that may be answered with it. `nonce` tells tokens apart."""

    task_id: str
    interrupt_id: str
    nonce: str


class Links(Protocol):
    def make(self, task_id: str, interrupt_id: str) -> str:
        """An address of its own for whoever it is sent to."""

    def read(self, token: str) -> Claim:
        """Raises Forbidden when the token is not one of ours, was changed, or is too old."""
