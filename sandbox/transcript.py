"""What a command wrote, bounded: the beginning (first errors) and the end (summaries) of it."""


class Transcript:
    """Keeps the first and the last half of `limit` bytes of what is added."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        space = self._half - len(self._head)
        self._head += data[:space]
        self._tail += data[space:]
        if len(self._tail) > 2 * self._half:
            self._trim()

    @property
    def truncated(self) -> bool:
        self._trim()
        return self._left_out > 0

    def text(self) -> str:
        """Decoded with replacement; a line in the middle says how much was left out."""
        self._trim()
        if not self._left_out:
            return (self._head + self._tail).decode("utf-8", "replace")
        note = f"\n[... {self._left_out} bytes left out ...]\n"
        return self._head.decode("utf-8", "replace") + note + self._tail.decode("utf-8", "replace")

    def _trim(self) -> None:
        over = len(self._tail) - self._half
        if over > 0:
            del self._tail[:over]
            self._left_out += over
