"""Which files are shown to who is to repair what was found."""

from agents.in_question import files_in_question, told
from core.findings import Finding
from core.types import AgentName

ROUTER = "backend/app/api/books.py"
SERVICE = "backend/app/services/books.py"
BASE = "backend/app/services/base.py"
ENV = "backend/migrations/env.py"
MODELS = "backend/app/db/models/__init__.py"
FILES = {
    ROUTER: "from app.services import books as service\nfrom app.services.base import commit\n",
    SERVICE: "from app.services import base\n",
    BASE: "import csv\n",
    ENV: "from app.db.models import Base\n",
    MODELS: "from app.db.models.book import Book\n",
    "frontend/src/pages/Books.tsx": 'import { Book } from "../api/books";\n',
    "frontend/src/api/books.ts": "export type Book = {};\n",
}
GIVEN = {BASE: FILES[BASE], ENV: FILES[ENV]}


def shown(file: str | None, message: str = "wrong") -> set[str]:
    return files_in_question([Finding(check="pytest", message=message, file=file)], FILES, GIVEN)


def test_a_file_is_shown_with_what_it_imports_but_for_the_starter() -> None:
    assert shown(ROUTER) == {ROUTER, SERVICE}


def test_a_file_of_the_starter_is_shown_with_what_it_imports() -> None:
    assert shown(ENV, "cannot import name 'Base' from 'app.db.models'") == {ENV, MODELS}


def test_a_file_that_is_spoken_of_is_shown() -> None:
    assert shown(None, f"{SERVICE} has no get_book") == {SERVICE}


def test_relative_imports_of_typescript_are_followed() -> None:
    assert shown("frontend/src/pages/Books.tsx") == {"frontend/src/pages/Books.tsx", "frontend/src/api/books.ts"}


def test_a_path_that_is_not_there_is_named_all_the_same() -> None:
    assert shown("backend/app/missing.py") == {"backend/app/missing.py"}


def test_what_fails_at_one_place_is_told_once() -> None:
    def at(line: int | None, message: str) -> Finding:
        return Finding(
            check="pytest",
            message=message,
            file=SERVICE,
            line=line,
            owner=AgentName.BACKEND,
            evidence="x" * 4_000 + message,
        )

    found = told(
        [at(78, "one"), at(78, "two"), at(9, "other"), at(78, "three"), at(None, "no place"), at(None, "nor this")],
        {},
    )
    assert [finding.message for finding in found] == [
        "one (and 2 more at this place, such as: two)",
        "other",
        "no place",
        "nor this",
    ]
    assert {finding.owner for finding in found} == {None}
    assert [len(finding.evidence) for finding in found] == [1_500] * 4
    assert found[1].evidence.endswith("other")


def test_the_text_of_a_test_that_failed_stands_behind_the_evidence() -> None:
    tests = {"backend/tests/test_a.py": "def test_one():\n    assert 1\n\n\ndef test_two():\n    assert 2\n"}
    failed = [
        Finding(
            check="pytest", message=f"Test tests/test_a.py::{name} failed: no", file=SERVICE, line=3, evidence="E no"
        )
        for name in ("test_one", "test_two")
    ]
    (found,) = told(failed, tests)
    assert found.evidence == "E no\n\ndef test_one():\n    assert 1\n\ndef test_two():\n    assert 2"
