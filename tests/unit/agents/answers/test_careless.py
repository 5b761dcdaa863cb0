"""Right answers in the forms that careless models give them, by the hundred: read as they were meant, or refused, never else."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from agents.answer_models import ReviewAnswer
from agents.answers import AnswerError, decode_files, decode_json
from config import PROJECT
from core.types import JsonObject
from tests.unit.agents.answers.degrading import careless_edit, careless_files, careless_json

ANSWERS = 400
LEAST_READ = 0.9
APPLICATION = PROJECT / "tests" / "data" / "handmade_app"
README = "# Notes\n\nRun:\n\n```bash\nmake up\n```\n\nThen open it.\n\n```env\nA=1\n```\n"
WORDS = (
    "The list is unbounded.",
    'Rename "Todos" to "My day".',
    "It's the user's.",
    "Use `limit`.\nAnd a cap.",
    "path: C:\\x",
    "a, b; c: d",
    "{curly} [square]",
    'It\'s "5" long, really.',
    "https://example.org/#a // no",
    'end "quoted"',
    "",
    'say "hi", "ho"',
)


def a_file(path: Path) -> bool:
    return path.is_file() and path.suffix in (".py", ".tsx", ".ts", ".ini", ".html", ".txt")


FILES = {
    str(path.relative_to(APPLICATION)): path.read_text() for path in sorted(APPLICATION.rglob("*")) if a_file(path)
}


def finding(chance: random.Random) -> JsonObject:
    return {
        "file": chance.choice([None, "a/b.py"]),
        "line": chance.choice([None, 3]),
        "severity": chance.choice(["high", "low"]),
        "message": chance.choice(WORDS),
    }


def tally(ask: Callable[[random.Random], tuple[object, Callable[[], object]]]) -> Counter[str]:
    """How many of the answers were read and refused; one that is read wrong fails at once."""
    seen: Counter[str] = Counter()
    for seed in range(ANSWERS):
        meant, read = ask(random.Random(seed))
        try:
            found = read()
        except AnswerError:
            seen["refused"] += 1
            continue
        assert found == meant, f"seed {seed}"
        seen["read"] += 1
    return seen


def test_files() -> None:
    pool = {**FILES, "README.md": README}

    def ask(chance: random.Random) -> tuple[object, Callable[[], object]]:
        files = {path: pool[path] for path in chance.sample(sorted(pool), chance.randint(1, 5))}
        text = careless_files(files, chance)
        return files, lambda: decode_files(text).files

    assert tally(ask)["read"] >= LEAST_READ * ANSWERS


def test_json() -> None:
    def ask(chance: random.Random) -> tuple[object, Callable[[], object]]:
        scores: JsonObject = {"security": chance.choice([7, 8.5]), "performance": 9, "quality": chance.randint(0, 10)}
        answer: JsonObject = {
            "scores": scores,
            "summary": chance.choice(WORDS),
            "findings": [finding(chance) for _ in range(chance.randint(0, 4))],
        }
        text = careless_json(answer, chance)
        return answer, lambda: decode_json(text, ReviewAnswer)

    assert tally(ask)["read"] >= LEAST_READ * ANSWERS


def test_edits() -> None:
    sources = {path: text for path, text in FILES.items() if text.count("\n") > 12}

    def ask(chance: random.Random) -> tuple[object, Callable[[], object]]:
        path = chance.choice(sorted(sources))
        lines = sources[path].removesuffix("\n").split("\n")
        first = chance.randrange(len(lines) - 4)
        last = first + chance.randint(2, 4)
        new = [line.replace("e", "E") for line in lines[first:last]]
        text = careless_edit(path, lines[first:last], new, chance)
        meant = "\n".join([*lines[:first], *new, *lines[last:]]) + "\n"
        return {path: meant}, lambda: decode_files(text, sources).files

    assert tally(ask)["read"] >= LEAST_READ * ANSWERS
