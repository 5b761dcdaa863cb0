"""What findings teach: for each kind of mistake the rule that keeps from it, and how to tell that a rule does."""

from collections.abc import Mapping
from functools import lru_cache

from llm.offline.lessons import backend, others
from llm.offline.lessons.lesson import Lesson

__all__ = ["LESSONS", "Lesson", "covered_by", "demanded_by"]

LESSONS: Mapping[str, Lesson] = {
    lesson.kind: lesson
    for part in (backend.LESSONS, others.DATABASE, others.FRONTEND, others.QA, others.DEVOPS)
    for lesson in part
}
"""Every lesson by the name of its mistake."""


@lru_cache(maxsize=4_096)
def covered_by(rule: str) -> frozenset[str]:
    """The mistakes that a rule keeps from."""
    return frozenset(name for name, lesson in LESSONS.items() if lesson.covered_by(rule))


@lru_cache(maxsize=4_096)
def demanded_by(rule: str) -> frozenset[str]:
    """The mistakes that a rule asks for."""
    return frozenset(name for name, lesson in LESSONS.items() if lesson.demanded_by(rule))
