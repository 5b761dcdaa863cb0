"""What is raised when an answer cannot be read."""


class AnswerError(Exception):
    """The answer cannot be read in one way only; the message tells the model what is wrong, and where."""


def quoted(text: str, *, lines: int = 12, characters: int = 800) -> str:
    """The beginning of a text, for a message."""
    shown = "\n".join(text.split("\n", lines)[:lines])[:characters]
    return shown if shown == text else f"{shown}\n(and more)"


def line_of(text: str, position: int) -> int:
    """The number of the line in which a position stands, from 1."""
    return text.count("\n", 0, position) + 1


class Unreadable(AnswerError):
    """What is wrong at one offset of a text. The line is counted only when somebody is told: attempts are many."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(problem)
        self.position = position

    def told(self, text: str) -> str:
        """The problem with its line."""
        return f"{self} (line {line_of(text, self.position)})"
