"""A store of identities in an emulated Firestore, opened and closed, in a collection of its own."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from memory.firestore.connection import LIMIT_S, PAUSE_S, Connection
from memory.firestore.identities import FirestoreIdentityStore
from memory.identities import shipped_identities
from tests.emulator import connecting
from tests.unit.memory.clock import HandClock


def own_collection() -> str:
    return f"agents-{uuid.uuid4().hex[:12]}"


@asynccontextmanager
async def firestore_identities(
    host: str, collection: str = "", *, limit_s: float = LIMIT_S, pause_s: float = PAUSE_S
) -> AsyncIterator[FirestoreIdentityStore]:
    connection = Connection(connecting(host), "a test", limit_s=limit_s, pause_s=pause_s)
    try:
        yield FirestoreIdentityStore(connection, collection or own_collection(), shipped_identities(), HandClock())
    finally:
        await connection.close()
