"""A small application to put snippets into, and what the reviewer says about it."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from core.plan import EntitySpec, FieldSpec, Plan
from core.types import Json, JsonObject
from llm.offline.reviewing import review
from tests.plans import OWNER, make_plan

API = "backend/app/api/notes.py"
SERVICE = "backend/app/services/notes.py"
MODELS = "backend/app/db/models.py"
SNIPPETS = Path(__file__).parents[3] / "data" / "review_snippets"
BASE: Mapping[str, str] = {
    MODELS: """
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase):
    pass

notes_tags = Table(
    "notes_tags", Base.metadata, Column("note_id", ForeignKey("notes.id")), Column("tag_id", ForeignKey("tags.id"))
)

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]

class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

class Folder(Base):
    __tablename__ = "folders"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner: Mapped[User] = relationship(lazy="joined")

class Note(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id"))
    title: Mapped[str] = mapped_column(String(100))
    owner: Mapped[User] = relationship()
    folder: Mapped[Folder | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=notes_tags)

    @property
    def tag_ids(self) -> list[int]:
        return [tag.id for tag in self.tags]
""",
    "backend/app/config.py": """
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    database_url: str = "sqlite:///./app.db"

settings = Settings()
""",
    "backend/app/security.py": """
def read_token(token: str) -> int | None:
    return int(token) if token.isdigit() else None
""",
    "backend/app/services/__init__.py": "",
    SERVICE: "",
    "backend/app/db/session.py": """
from collections.abc import Iterator
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from app.config import settings

make = sessionmaker(create_engine(settings.database_url))

def get_session() -> Iterator[Session]:
    with make() as session:
        yield session
""",
    "backend/app/api/deps.py": """
from typing import Annotated
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session
from app.db.models import User
from app.db.session import get_session
from app.security import read_token

Db = Annotated[Session, Depends(get_session)]
bearer = HTTPBearer(auto_error=False)

def current_user(db: Db, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> User:
    user_id = read_token(given.credentials) if given else None
    user = db.get(User, user_id) if user_id is not None else None
    if user is None:
        raise HTTPException(401, "Sign in first")
    return user

def maybe_user(db: Db, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> User | None:
    return db.get(User, read_token(given.credentials)) if given else None

Me = Annotated[User, Depends(current_user)]
""",
    "backend/app/schemas.py": """
from pydantic import BaseModel, ConfigDict, Field

class NoteCreate(BaseModel):
    title: str
    folder_id: int | None = None

class NoteRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str

class NoteWithTags(NoteRead):
    tag_ids: list[int]

class NotePage(BaseModel):
    items: list[NoteRead]
    total: int

class TaggedPage(BaseModel):
    items: list[NoteWithTags]
    total: int

class TagRead(BaseModel):
    id: int
    name: str
""",
}


def plan() -> Plan:
    """Notes belong to users, tags to everybody who is signed in."""
    title = FieldSpec(name="title", type="string")
    note = EntitySpec(
        name="Note",
        table="notes",
        path="notes",
        label="Note",
        label_plural="Notes",
        access="owner",
        fields=(OWNER, title),
    )
    name = FieldSpec(name="name", type="string")
    tag = EntitySpec(
        name="Tag", table="tags", path="tags", label="Tag", label_plural="Tags", access="login", fields=(name,)
    )
    return make_plan("Notes", [note, tag], auth=True)


def contract() -> JsonObject:
    """Everything but signing in and health needs a token; what is about one row has a 404."""
    secured: Json = [{"HTTPBearer": []}]
    item: JsonObject = {"security": secured, "responses": {"200": {}, "401": {}, "404": {}}}
    many: JsonObject = {"security": secured, "responses": {"200": {}, "401": {}}}
    return {
        "paths": {
            "/health": {"get": {"operationId": "health", "responses": {"200": {}}}},
            "/api/auth/login": {"post": {"operationId": "login", "responses": {"200": {}, "401": {}}}},
            "/api/notes": {
                "get": {"operationId": "list_notes", **many},
                "post": {"operationId": "create_note", **many},
            },
            "/api/notes/{note_id}": {
                "get": {"operationId": "read_note", **item},
                "delete": {"operationId": "delete_note", **item},
            },
            "/api/tags": {"get": {"operationId": "list_tags", **many}},
            "/api/tags/{tag_id}": {"get": {"operationId": "read_tag", **item}},
        }
    }


def look_at(files: Mapping[str, str], evidence: str = "") -> JsonObject:
    """Review the base application with these files in it (dedented)."""
    return review(
        plan(), contract(), {**BASE, **{path: textwrap.dedent(text) for path, text in files.items()}}, evidence, 7.0
    )


def said(files: Mapping[str, str], evidence: str = "") -> list[str]:
    """`path:line message` of every finding."""
    found = look_at(files, evidence)["findings"]
    assert isinstance(found, list)
    entries = [entry for entry in found if isinstance(entry, dict)]
    return [f"{entry['file']}:{entry['line']} {entry['message']}" for entry in entries]


def service(body: str) -> dict[str, str]:
    """A service module with the usual imports before `body`."""
    head = """\
from typing import Any
import sqlalchemy as sa
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session, joinedload, selectinload
from app.db import models
from app.db.models import Folder, Note, Tag, User
from app.schemas import NoteCreate, NoteRead
"""
    return {SERVICE: head + textwrap.dedent(body)}


def api(body: str) -> dict[str, str]:
    """A router of `/api/notes` with the usual imports before `body`."""
    head = """\
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException, Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from app.api.deps import Db, Me, current_user, maybe_user
from app.db.models import Note, Tag, User
from app.db.session import get_session
from app.schemas import NoteCreate, NotePage, NoteRead, NoteWithTags, TagRead, TaggedPage
from app.services import notes as service
router = APIRouter(prefix="/api/notes")
"""
    return {API: head + textwrap.dedent(body)}


def snippets(name: str) -> list[tuple[str, str]]:
    """Snippets of a file in tests/data/review_snippets as (code, words of its heading); each begins with a line `#--- words`."""
    parts = (SNIPPETS / f"{name}.txt").read_text().split("#---")[1:]
    return [(code.strip() + "\n", words.strip()) for words, _, code in (part.partition("\n") for part in parts)]


def bodies(name: str) -> list[str]:
    """The snippets of a file without their headings."""
    return [code for code, _ in snippets(name)]
