"""The offline reviewer finds routes that let in everybody, and rows of one user that reach another."""

import pytest

from tests.unit.llm.offline.review_samples import API, api, bodies, said, service

TAGS = "backend/app/api/tags.py"
MAIN = "backend/app/main.py"
IMPORTS = api("")[API].partition("router = ")[0]
OPEN = """
router = APIRouter(prefix="/api/tags")
@router.get("")
def list_tags(db: Db, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[TagRead]:
    return db.scalars(select(Tag).limit(limit)).all()
"""


def tags(body: str) -> dict[str, str]:
    """A router of `/api/tags`, whose rows belong to nobody."""
    return {TAGS: IMPORTS + body}


def files_of(snippet: str) -> dict[str, str]:
    """Files of a snippet by the paths in its `#===` lines."""
    parts = (part.partition("\n") for part in snippet.split("#=== ")[1:])
    return {path: IMPORTS + text if path == TAGS else text for path, _, text in parts}


def test_a_secured_route_without_any_dependency_is_found() -> None:
    (finding,) = said(tags(OPEN))
    assert finding.startswith(f"{TAGS}:13 no authorisation: GET /api/tags needs a signed-in user by the contract")


@pytest.mark.parametrize("snippet", bodies("guarded"))
def test_dependencies_of_every_kind_guard_a_route(snippet: str) -> None:
    assert said(files_of(snippet)) == []


@pytest.mark.parametrize("snippet", bodies("unguarded"))
def test_what_does_not_ask_who_calls_is_no_guard(snippet: str) -> None:
    found = said(files_of(snippet))
    assert any("no authorisation: GET /api/tags" in line for line in found), found


def test_routes_that_the_contract_leaves_open_need_no_guard() -> None:
    main = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
def health():
    return {"status": "ok"}
@app.get("/internal")
def other():
    return 1
"""
    assert said({MAIN: main}) == []


@pytest.mark.parametrize("body", bodies("rows_of_others"))
def test_rows_of_other_users_are_found(body: str) -> None:
    assert any("owner filter is missing: rows of Note" in line for line in said(service(body))), said(service(body))


@pytest.mark.parametrize("body", bodies("own_rows"))
def test_own_rows_and_rules_over_all_rows_are_fine(body: str) -> None:
    assert said(service(body)) == []


def test_a_client_that_chooses_the_owner_is_found() -> None:
    body = "def f(db: Session, body: Any):\n    db.add(Note(owner_id=body.owner_id, title=body.title))"
    assert any("the client chooses the owner" in line for line in said(service(body)))


def test_a_password_hash_in_an_answer_is_found() -> None:
    answer = """
from pydantic import BaseModel
router = APIRouter(prefix="/api/auth")
class UserRead(BaseModel):
    id: int
    password_hash: str
@router.get("/me")
def me(user: Me) -> UserRead:
    return user
"""
    assert any("`password_hash` leaves the server" in line for line in said(tags(answer)))


def test_a_password_in_a_body_is_fine() -> None:
    body = """
from pydantic import BaseModel
router = APIRouter(prefix="/api/auth")
class Credentials(BaseModel):
    password: str
@router.post("/login")
def login(body: Credentials) -> TagRead:
    return TagRead(id=1, name="x")
"""
    assert said(tags(body)) == []
