"""What a test wants to go wrong: on which path, how often, and how."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["limit", "status", "cut", "silent", "ignore-timeout", "cut-stream"]


@dataclass
class Fault:
    """`times` requests whose path contains `path` meet it; `retry_after_s` goes with `limit`, `status` with `status`.

    cut: the connection ends without an answer. silent: no answer ever. ignore-timeout: Connect-Timeout-Ms is not seen.
    cut-stream: the answer ends after `pieces` of its body.
    """

    path: str
    kind: Kind
    times: int = 1
    status: int = 500
    retry_after_s: int = 1
    pieces: int = 1
    message: str = "internal error"

    def take(self, path: str) -> bool:
        if self.times > 0 and self.path in path:
            self.times -= 1
            return True
        return False
