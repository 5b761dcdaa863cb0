"""What the offline model says as code_reviewer: findings from the code itself, scores from the findings."""

import json
import re
from collections.abc import Iterator

from core.types import Json, JsonObject
from llm.offline.prompt_view import PromptView
from llm.offline.review.access import access_notes, owned_models
from llm.offline.review.injection import injection_notes
from llm.offline.review.model import DESIGN, INJECTION, PERFORMANCE, QUALITY, Note, python_files
from llm.offline.review.quality import error_notes, typescript_notes
from llm.offline.review.queries import lazy_relationships, query_notes
from llm.offline.review.secrets import secret_notes

_WEIGHTS = {"critical": 5.0, "high": 3.5, "medium": 1.5, "low": 0.5}
_EVIDENCE = re.compile(
    r"^(?:[-*]\s*)?(?P<file>[\w./-]+\.py):(?P<line>\d+)(?::\d+)?:?\s+(?:\[?(?P<code>[SB]\d{3})\]?)[:\s]+(?P<said>.+)$",
    re.M,
)
_SERIOUS = frozenset({
    "S102", "S105", "S106", "S107", "S301", "S307", "S324", "S506", "S602", "S605", "S608", "B102", "B105", "B106",
    "B107", "B301", "B307", "B324", "B506", "B602", "B605", "B608", "B201",
})  # fmt: skip
MAX_FINDINGS = 40


def review(prompt: PromptView) -> JsonObject:
    """Scores (0 to 10), a summary, and findings with file and line."""
    notes = list(_notes(prompt))
    notes += _from_evidence(prompt.text("evidence"), notes)
    unique = sorted(
        {(note.file, note.line, note.category): note for note in notes}.values(),
        key=lambda note: (note.file, note.line),
    )
    scores = {name: _score(unique, name) for name in ("security", "performance", "quality")}
    shown: list[Json] = [note.as_json() for note in unique[:MAX_FINDINGS]]
    return {"scores": {**scores}, "summary": _summary(unique, len(prompt.files)), "findings": shown}


def _notes(prompt: PromptView) -> Iterator[Note]:
    files = prompt.files
    sources, broken = python_files(files)
    yield from broken
    relationships = lazy_relationships(sources)
    for source in sources:
        migration = "/migrations/" in source.path
        yield from injection_notes(source)
        yield from secret_notes(source)
        if not migration:
            yield from query_notes(source, relationships)
            yield from error_notes(source)
    yield from access_notes(sources, _object(prompt.text("contract")), owned_models(_object(prompt.text("plan"))))
    yield from typescript_notes(files)


def _object(text: str) -> JsonObject:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _from_evidence(evidence: str, known: list[Note]) -> list[Note]:
    """What linters found and this review did not; only rules that mean danger."""
    places = {(note.file, note.line) for note in known}
    found: list[Note] = []
    for match in _EVIDENCE.finditer(evidence):
        place = (match["file"], int(match["line"]))
        if match["code"] in _SERIOUS and place not in places and "/tests/" not in match["file"]:
            found.append(Note(*place, "high", INJECTION, f"{match['code']}: {match['said'].strip()[:200]}"))
    return found


def _dimension(note: Note) -> str:
    if note.category in (PERFORMANCE, QUALITY):
        return note.category
    return "quality" if note.category == DESIGN else "security"


def _score(notes: list[Note], dimension: str) -> float:
    lost = sum(_WEIGHTS[note.severity] for note in notes if _dimension(note) == dimension)
    return round(max(0.0, 10.0 - lost), 1)


def _summary(notes: list[Note], files: int) -> str:
    if not notes:
        return f"{files} files read; nothing found in injection, access, secrets, queries, lists and error handling."
    worst = [note for note in notes if note.severity in ("critical", "high")]
    shown = "; ".join(f"{note.file}:{note.line} {note.message}" for note in (worst or notes)[:3])
    return f"{files} files read, {len(notes)} findings. {shown}"
