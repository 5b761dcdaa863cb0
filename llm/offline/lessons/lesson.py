"""What a lesson is, and how the text of a rule is read: whether it says the lesson, or asks for the mistake."""

import re
from dataclasses import dataclass

_DENIED = re.compile(
    r"\b(?:never|no need|(?:do not|don't)(?! forget)|needn't|must not|skip|omit|avoid|leave out|instead of|rather than)\b[^.;,:]*"
)


@dataclass(frozen=True)
class Lesson:
    """One kind of mistake: the findings that teach it, the rule that keeps from it, and other wordings of that rule.

    A rule covers the kind when it says `key` without denying it, and `covers` fits all of it. It demands the mistake when
    what it says without denying it fits `asks`, or all of it fits `denies`. Patterns are of lower case.
    """

    kind: str
    teaches: str
    rule: str
    key: str
    covers: str
    asks: str = ""
    denies: str = ""

    def taught_by(self, message: str) -> bool:
        return re.search(self.teaches, message, re.I | re.S) is not None

    def demanded_by(self, rule: str) -> bool:
        """True for a rule that asks for the mistake."""
        said = rule.lower()
        asks, denies = self.asks and re.search(self.asks, _affirmed(said)), self.denies and re.search(self.denies, said)
        return bool(asks or denies)

    def covered_by(self, rule: str) -> bool:
        """True for a rule that keeps from the mistake, in whatever words."""
        said = rule.lower()
        if self.demanded_by(rule) or not re.search(self.key, _affirmed(said)):
            return False
        return re.search(self.covers, said) is not None


def _affirmed(text: str) -> str:
    """The text without what it says not to do."""
    return _DENIED.sub(" ", text)


def together(*words: str) -> str:
    """A pattern for texts that have a word of every group, in any order."""
    return "".join(rf"(?=.*\b(?:{group})\b)" for group in words)
