"""Files of the starter that have to change where a contract has more of accounts than usual: who changes them must see them."""

from collections.abc import Mapping

from core.contract_text import operations_of
from core.plan import Plan
from core.standard.joining import beyond, schemas_of
from core.types import JsonObject

_OF_ACCOUNTS = frozenset({"UserCreate", "UserRead", "Credentials", "Token"})
_FILES = (
    "backend/app/schemas/auth.py",
    "backend/app/services/accounts.py",
    "backend/app/api/auth.py",
    "backend/app/db/models/user.py",
)


def accounts_to_change(plan: Plan, contract: JsonObject, files: Mapping[str, str]) -> dict[str, str]:
    """Of `files` those that hold accounts, if the contract's schemas or operations of accounts are not the usual ones."""
    if plan.auth is None:
        return {}
    more = beyond(plan, contract)
    operations = any(path.startswith("/api/auth/") for path, *_ in operations_of(more))
    changed = operations or not _OF_ACCOUNTS.isdisjoint(schemas_of(more))
    return {path: files[path] for path in _FILES if changed and path in files}
