"""Faults to plant in the hand-written application, and what must be said about each."""

from dataclasses import dataclass

from core.types import AgentName

NOTES = "backend/app/api/notes.py"
TAGS = "backend/app/api/tags.py"
SERVICE = "backend/app/services/notes.py"
MIGRATION = "backend/migrations/versions/0001_notes.py"
NOTE_TESTS = "backend/tests/test_notes.py"
NOTES_PAGE = "frontend/src/pages/Notes.tsx"
TAGS_PAGE = "frontend/src/pages/Tags.tsx"


@dataclass(frozen=True)
class Fault:
    """Each `old` becomes `new` in `path`; `check` must find it: a finding in `file` for `owner` with every one of `words`."""

    path: str
    edits: tuple[tuple[str, str], ...]
    owner: AgentName
    file: str
    check: str
    words: tuple[str, ...]


FAULTS = {
    "missing 404": Fault(
        NOTES,
        (
            (
                'raise HTTPException(404, "No such note")\n    notes.remove(note)',
                "return\n    notes.remove(note)",
            ),
        ),
        AgentName.BACKEND, NOTES, "behaviour", ("DELETE /api/notes/{note_id}", "does not exist", "expected 404"),
    ),
    "wrong status code": Fault(
        NOTES, (('@router.post("", status_code=201)', '@router.post("")'),),
        AgentName.BACKEND, NOTES, "contract", ("POST /api/notes", "promises status 201"),
    ),
    "contract field renamed": Fault(
        "backend/app/schemas/tags.py",
        (
            ("import BaseModel, Field", "import BaseModel, Field, AliasChoices"),
            ("class TagRead(Out):\n    name: str", "class TagRead(Out):\n    label: str = Field(validation_alias='name')"),
        ),
        AgentName.BACKEND, TAGS, "contract", ("POST /api/tags", "response 201 lacks `name`", "it has `label`"),
    ),
    "SQL built by string": Fault(
        SERVICE,
        (
            ("import func, or_, select", "import func, or_, select, text as sql"),
            (
                "        if pinned is not None:",
                "        if text:\n"
                "            self._session.execute(sql(f\"SELECT id FROM notes WHERE title LIKE '%{text}%'\"))\n"
                "        if pinned is not None:",
            ),
        ),
        AgentName.BACKEND, SERVICE, "ruff", ("S608", "bound parameters"),
    ),
    "missing authorisation check": Fault(
        SERVICE, ((", Note.owner_id == self._owner.id))", "))"),),
        AgentName.BACKEND, NOTES, "behaviour", ("GET /api/notes/{note_id}", "another user's row", "expected 404"),
    ),
    "missing token check": Fault(
        TAGS, (("def create_tag(session: Database, user: SignedIn, body", "def create_tag(session: Database, body"),),
        AgentName.BACKEND, TAGS, "behaviour", ("POST /api/tags", "without a token", "expected 401"),
    ),
    "N+1": Fault(
        SERVICE, (("wanted.options(selectinload(Note.tags)).order_by", "wanted.order_by"),),
        AgentName.BACKEND, SERVICE, "queries", ("N+1 queries in GET /api/notes", "for 2 rows", "for 12"),
    ),
    "broken import": Fault(
        NOTES, (("from app.services.notes import", "from app.services.notebook import"),),
        AgentName.BACKEND, NOTES, "imports", ("No module named 'app.services.notebook'",),
    ),
    "failing migration": Fault(
        MIGRATION, (('"body", sa.Text()', '"body", sa.Txt()'),),
        AgentName.DATABASE, MIGRATION, "migrations", ("has no attribute 'Txt'",),
    ),
    "migration that forgets a column": Fault(
        MIGRATION, (('        sa.Column("pinned", sa.Boolean(), nullable=False),\n', ""),),
        AgentName.DATABASE, MIGRATION, "migrations", ("do not make the tables of the models", "add column notes.pinned"),
    ),
    "migration that cannot be undone": Fault(
        MIGRATION, (('("notes_tags", "notes", "tags", "users")', '("notes_tags", "notes", "tags")'),),
        AgentName.DATABASE, MIGRATION, "migrations", ("leaves the tables users",),
    ),
    "TypeScript type error": Fault(
        NOTES_PAGE, (("<td>{note.title}</td>", "<td>{note.titel}</td>"),),
        AgentName.FRONTEND, NOTES_PAGE, "tsc", ("TS2551", "titel"),
    ),
    "call that the contract does not know": Fault(
        TAGS_PAGE, (('api.POST("/api/tags"', 'api.POST("/api/labels"'),),
        AgentName.FRONTEND, TAGS_PAGE, "tsc", ("/api/labels",),
    ),
    "page that shows nothing": Fault(
        NOTES_PAGE, (("<td>{note.title}</td>", "<td></td>"),),
        AgentName.FRONTEND, NOTES_PAGE, "vitest", ("notes are shown by their titles", "Unable to find"),
    ),
    "test that expects what the contract does not say": Fault(
        NOTE_TESTS, (('json={"title": ""}).status_code == 422', 'json={"title": ""}).status_code == 400'),),
        AgentName.QA, NOTE_TESTS, "pytest", ("test_a_note_needs_a_title", "expects 400", "answered 422"),
    ),
    "test that does not parse": Fault(
        NOTE_TESTS, (("def test_a_note_needs_a_title(ann):", "def test_a_note_needs_a_title(ann:"),),
        AgentName.QA, NOTE_TESTS, "pytest", ("SyntaxError",),
    ),
    "unhandled exception": Fault(
        SERVICE, (("raise UnknownTag\n        return", "raise KeyError(wanted)\n        return"),),
        AgentName.BACKEND, SERVICE, "behaviour", ("raised KeyError",),
    ),
    "missing bound": Fault(
        NOTES, (("Query(ge=1, le=100)", "Query(ge=1)"),),
        AgentName.BACKEND, NOTES, "behaviour", ("GET /api/notes", "limit=101", "expected 422"),
    ),
    "field that is not stored": Fault(
        SERVICE, (("body=wanted.body, pinned=wanted.pinned", "body=wanted.body"),),
        AgentName.BACKEND, NOTES, "behaviour", ("POST /api/notes", "`pinned` is", "expected"),
    ),
    "secret in code": Fault(
        "backend/app/config.py",
        (("Field(default_factory=lambda: secrets.token_urlsafe(32))", '"0f9d8c7b6a5e4d3c2b1a"'),),
        AgentName.BACKEND, "backend/app/config.py", "ruff", ("S105", "settings"),
    ),
}  # fmt: skip
