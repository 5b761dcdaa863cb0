"""Answers of models that write down what they think before they answer."""

_OPEN, _CLOSE = "<think>", "</think>"


class AnswerOnly:
    """Takes a `<think>...</think>` block out of the beginning of an answer that comes in pieces.

    Servers of open models often leave it in the text; an API that has a place of its own for thinking never does.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"

    def feed(self, piece: str) -> str:
        """What of the answer is certain by now."""
        if self._state == "answer":
            return piece
        self._held += piece
        if self._state == "start":
            begun = self._held.lstrip()
            if _OPEN.startswith(begun[: len(_OPEN)]) and len(begun) < len(_OPEN):
                return ""
            self._state = "thinking" if begun.startswith(_OPEN) else "answer"
        if self._state == "thinking":
            _, closed, answer = self._held.partition(_CLOSE)
            if not closed:
                return ""
            self._held, self._state = answer.lstrip(), "blank"
        if self._state == "blank":
            self._held = self._held.lstrip()
            self._state = "answer" if self._held else "blank"
        held, self._held = self._held, ""
        return held

    def rest(self) -> str:
        """What was held back when the answer ended; a block that was never closed may have the answer in it."""
        return self._held if self._state in ("start", "thinking") else ""
