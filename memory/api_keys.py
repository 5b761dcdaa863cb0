"""API keys in SQLite. A key is 32 random bytes, so that a plain hash of it is safe; the key itself is never stored."""

import hashlib
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Self, TypeAlias

from core.access import ApiKey, KeyRequest, Role
from core.errors import Conflict, NotFound
from core.ports import Clock
from memory.database import Database

PREFIX = "aut"
DAY_S = 86_400.0
Known: TypeAlias = dict[str, tuple[bytes, ApiKey]]
"""Hash and key by the id of the key, oldest first."""
_NOBODY = hashlib.sha256(b"nobody").digest()


class SqliteKeyRing:
    """KeyRing over the table `api_keys`. One process owns the file, so that what it remembers is what is stored."""

    def __init__(self, database: Database, clock: Clock, known: Known) -> None:
        self._database = database
        self._clock = clock
        self._known = known

    @classmethod
    async def open(cls, database: Database, clock: Clock) -> Self:
        return cls(database, clock, await database.read(_read))

    def identify(self, secret: str) -> ApiKey | None:
        """A secret is `aut_<key_id>_<random>`. Raises nothing, whatever it is given."""
        prefix, _, rest = secret.partition("_")
        key_id = rest.partition("_")[0]
        found, key = self._known.get(key_id, (_NOBODY, None))
        same = secrets.compare_digest(found, _hash(secret))
        if not same or prefix != PREFIX or key is None or not key.usable(self._clock.now()):
            return None
        return key

    def in_use(self) -> bool:
        return bool(_usable(self._known, self._clock.now()))

    def named(self, name: str) -> ApiKey | None:
        usable = _usable(self._known, self._clock.now())
        return next((key for key in usable if key.name == name), None)

    def daily_budget_usd(self, name: str) -> float | None:
        """What may be spent in a day in this name, where its newest key has a budget of its own; revoked keys keep theirs."""
        key = self._newest(name)
        return None if key is None else key.limits.daily_budget_usd

    def most_active(self, name: str) -> int | None:
        """How many tasks may be at work in this name, where its newest key has a limit."""
        key = self._newest(name)
        return None if key is None else key.limits.active_tasks

    def _newest(self, name: str) -> ApiKey | None:
        return next((key for _, key in reversed(list(self._known.values())) if key.name == name), None)

    async def create(self, wanted: KeyRequest, by: str) -> tuple[ApiKey, str]:
        """The first key must be an admin's: from then on nobody comes in without a key."""
        now = self._clock.now()
        key_id = secrets.token_hex(4)
        secret = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            key_id=key_id,
            name=wanted.name,
            role=wanted.role,
            limits=wanted.limits,
            created_at=now,
            created_by=by,
            expires_at=None if wanted.expires_days is None else now + wanted.expires_days * DAY_S,
        )

        def insert(connection: sqlite3.Connection) -> None:
            _check_new(wanted, _usable(_read(connection), now))
            values = (key_id, _hash(secret), key.model_dump_json())
            connection.execute("INSERT INTO api_keys(key_id, hash, body) VALUES (?, ?, ?)", values)

        await self._database.write(insert, committed=lambda _: self._remember(key, _hash(secret)))
        return key, secret

    async def revoke(self, key_id: str) -> ApiKey:
        """Twice is the same as once."""
        found = self._known.get(key_id)
        if found is None:
            raise NotFound(f"there is no key {key_id[:64]!r}", field="key_id")
        hashed, key = found
        if key.revoked_at is not None:
            return key
        now = self._clock.now()
        revoked = key.model_copy(update={"revoked_at": now})

        def store(connection: sqlite3.Connection) -> None:
            _check_leaving(key, _usable(_read(connection), now))
            connection.execute("UPDATE api_keys SET body = ? WHERE key_id = ?", (revoked.model_dump_json(), key_id))

        await self._database.write(store, committed=lambda _: self._remember(revoked, hashed))
        return revoked

    def _remember(self, key: ApiKey, hashed: bytes) -> None:
        self._known[key.key_id] = (hashed, key)

    async def list(self) -> Sequence[ApiKey]:
        return [key for _, key in self._known.values()]


def _usable(known: Known, now: float) -> list[ApiKey]:
    return [key for _, key in list(known.values()) if key.usable(now)]


def _check_new(wanted: KeyRequest, usable: Sequence[ApiKey]) -> None:
    if any(key.name == wanted.name for key in usable):
        raise Conflict(f"there is a key named {wanted.name} already: revoke it first, or take another name")
    if wanted.role is not Role.ADMIN and not any(key.role is Role.ADMIN for key in usable):
        raise Conflict("make a key with the role admin first: from the first key on nobody comes in without one")


def _check_leaving(leaving: ApiKey, usable: Sequence[ApiKey]) -> None:
    others = [key for key in usable if key.key_id != leaving.key_id]
    if others and not any(key.role is Role.ADMIN for key in others):
        raise Conflict("this is the last key with the role admin, and other keys are in use: revoke those first")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _read(connection: sqlite3.Connection) -> Known:
    rows = connection.execute("SELECT key_id, hash, body FROM api_keys ORDER BY number")
    return {row["key_id"]: (bytes(row["hash"]), ApiKey.model_validate_json(row["body"])) for row in rows}


def any_usable(path: Path, now: float) -> bool:
    """Whether the file holds a usable key; it is only read, and may be of an older release, or of none."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return bool(_usable(_read(connection), now))
    except sqlite3.Error:
        return False
