"""Files of the starter that have to change where a contract has more of accounts than usual: who changes them must see them."""

from collections.abc import Mapping

from core.plan import Plan
from core.standard.joining import beyond
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
    components = more.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    paths = more.get("paths")
    changed = bool(_OF_ACCOUNTS & set(schemas if isinstance(schemas, dict) else ())) or any(
        path.startswith("/api/auth/") for path in (paths if isinstance(paths, dict) else ())
    )
    return {path: files[path] for path in _FILES if changed and path in files}
