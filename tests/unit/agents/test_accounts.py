"""Where accounts have more than usual, those who change them see the starter's files of accounts."""

from typing import Any

from agents.accounts import accounts_to_change
from core.standard.joining import complete
from core.types import JsonObject
from tests.plans import blog_plan, todo_plan

PLAN = todo_plan()
FILES = {"backend/app/schemas/auth.py": "a", "backend/app/services/accounts.py": "b", "backend/app/main.py": "c"}
LIBRARIAN: JsonObject = {"type": "object", "properties": {"is_librarian": {"type": "boolean"}}}
MORE: JsonObject = {"components": {"schemas": {"UserRead": LIBRARIAN}}}


def shown(given: JsonObject) -> list[str]:
    return list(accounts_to_change(PLAN, complete(PLAN, given), FILES))


def test_usual_accounts_are_not_shown() -> None:
    assert shown({}) == []
    assert shown({"paths": {"/api/todos/{id}/done": {"post": {"operationId": "finish", "responses": {}}}}}) == []
    assert accounts_to_change(blog_plan(), {}, FILES) == {}


def test_accounts_with_more_are_shown() -> None:
    own: Any = {"paths": {"/api/auth/password": {"post": {"operationId": "change_password", "responses": {}}}}}
    for given in (MORE, own):
        assert shown(given) == ["backend/app/schemas/auth.py", "backend/app/services/accounts.py"]
