"""Tries every part of the service for real. What fails is told; nothing here raises for it."""

import asyncio
import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from core.analytics import PartCheck, PartChecks
from core.errors import AutonomyError
from core.ports import CodeHost, SandboxProvider
from core.redaction import Redactor
from core.sandboxes import Probe
from memory.database import Database

Part: TypeAlias = Literal["storage", "sandbox", "code_host", "telegram", "models", "e2b", "identities", "analytics"]
WORKS = "autonomy works"


@dataclass(frozen=True)
class Tried:
    """What came of trying a part: a sentence, and how to mend it where `ok` is False."""

    ok: bool
    detail: str
    fix: str = ""


Try: TypeAlias = Callable[[], Awaitable[Tried]]
_SECONDS: dict[Part, float] = {
    "storage": 15.0, "sandbox": 90.0, "code_host": 45.0, "telegram": 30.0, "models": 30.0, "e2b": 45.0,
    "identities": 15.0,
    "analytics": 90.0,
}  # fmt: skip
"""How long each may take."""
_FIX: dict[Part, str] = {
    "storage": "see to it that this user may write to DATA_DIR and that its disk has room and answers",
    "sandbox": "docs/sandbox.md says what generated code needs to run; `autonomy doctor` looks at it more closely",
    "code_host": "check the token and the repository in the settings of the code host, and that it can be reached",
    "telegram": "check TELEGRAM_BOT_TOKEN, and TELEGRAM_PROXY where one is needed (docs/telegram.md)",
    "models": "set the keys that are missing, or choose other models (docs/models.md)",
    "e2b": "check E2B_API_KEY, and that E2B can be reached (docs/e2b.md)",
    "identities": "docs/stores.md says what Firestore needs; meanwhile agents work with the identities they had last",
    "analytics": "check GCP_PROJECT_ID, BQ_DATASET, the credentials and their rights (docs/bigquery.md)",
}
_SET_UP: dict[Part, tuple[str, str]] = {
    "telegram": ("there is no chat", "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID (docs/telegram.md)"),
    "e2b": ("generated code does not run in E2B", "set E2B_API_KEY, with SANDBOX_BACKEND=auto or e2b (docs/e2b.md)"),
    "identities": (
        "identities are kept on this machine",
        "set GCP_PROJECT_ID to keep them in Firestore (docs/stores.md)",
    ),
    "analytics": ("calls stay on this machine", "set GCP_PROJECT_ID (docs/bigquery.md)"),
}
"""Of parts that need not be there: what is so then, and how to have them."""


class PartChecker:
    """Tries parts side by side; None is one that is not set up. `hidden` are secrets that no detail may hold.

    `limit_s` is for each part, in place of the usual time of its own.
    """

    def __init__(
        self, parts: Mapping[Part, Try | None], hidden: Sequence[str] = (), *, limit_s: float | None = None
    ) -> None:
        self._parts = parts
        self._limit_s = limit_s
        self._redactor = Redactor(hidden)

    async def check(self) -> PartChecks:
        """In the order in which they were given."""
        return PartChecks(parts=tuple(await asyncio.gather(*(self._check(*each) for each in self._parts.items()))))

    async def _check(self, part: Part, attempt: Try | None) -> PartCheck:
        if attempt is None:
            detail, fix = _SET_UP[part]
            return PartCheck(part=part, status="skipped", detail=detail, fix=fix, seconds=0.0)
        started, limit_s = time.monotonic(), self._limit_s or _SECONDS[part]
        try:
            async with asyncio.timeout(limit_s):
                tried = await attempt()
        except TimeoutError:
            tried = Tried(False, f"nothing came of it within {limit_s:g} s")
        except (AutonomyError, OSError, sqlite3.Error) as error:
            tried = Tried(False, str(error) or type(error).__name__)
        return PartCheck(
            part=part,
            status="ok" if tried.ok else "failed",
            detail=self._redactor.text(tried.detail),
            fix="" if tried.ok else self._redactor.text(tried.fix or _FIX[part]),
            seconds=time.monotonic() - started,
        )


async def try_storage(data_dir: Path, database: Database) -> Tried:
    """Write something, read it back and delete it: in a file of the data directory, and in the database."""
    await asyncio.to_thread(_try_file, data_dir)
    await database.write(_try_table)
    return Tried(True, f"a file in {data_dir} and a row in {database.path.name} were written, read and deleted")


async def try_sandbox(provider: SandboxProvider) -> Tried:
    """Run a program in it that says something."""
    probe = await provider.probe()
    if not probe.ok:
        return Tried(False, f"{probe.backend}: {probe.reason}", probe.fix)
    sandbox = await provider.open(f"check-{secrets.token_hex(4)}", "none", {})
    try:
        result = await sandbox.run(["sh", "-c", f"echo {WORKS}"])
    finally:
        await sandbox.close()
    if not result.ok or result.output.strip() != WORKS:
        return Tried(False, f"{probe.backend}: a program ended with {result.exit_code} ({result.reason.value})")
    return Tried(True, f"{probe.backend}: a program ran and ended well")


async def try_code_host(code_host: CodeHost) -> Tried:
    """Ask it what this service may do there; on this machine make a repository and delete it."""
    return _of_probe(await code_host.probe())


async def try_models(problems: Sequence[str], look: Callable[[], Awaitable[Sequence[str]]]) -> Tried:
    """`problems` are those of the settings; `look` says what is known of each model without asking it."""
    if problems:
        return Tried(False, "; ".join(problems))
    seen = "; ".join(await look())
    return Tried(True, f"every model has what it needs to be asked ({seen}); none was, POST /models/check does that")


def _of_probe(probe: Probe) -> Tried:
    if not probe.ok:
        return Tried(False, f"{probe.backend}: {probe.reason}", probe.fix)
    return Tried(True, f"{probe.backend}: {probe.reason or probe.version or 'it may be used'}")


def _try_file(folder: Path) -> None:
    """Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=".check-", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(WORKS)
            file.flush()
            os.fsync(file.fileno())
        if path.read_text() != WORKS:
            raise OSError(f"{folder} gives back other than what was written")
    finally:
        path.unlink()


def _try_table(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.Error, OSError."""
    connection.execute("CREATE TABLE scratch (value TEXT NOT NULL)")
    connection.execute("INSERT INTO scratch VALUES (?)", (WORKS,))
    (found,) = connection.execute("SELECT value FROM scratch").fetchone()
    connection.execute("DELETE FROM scratch")
    connection.execute("DROP TABLE scratch")
    if found != WORKS:
        raise OSError("the database gives back other than what was written")
