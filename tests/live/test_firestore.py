"""The contract of identity stores, kept by Firestore itself: `GCP_PROJECT_ID=... pytest -m live tests/live/test_firestore.py`.

It takes Application Default Credentials, writes into a collection of its own for each test, and deletes that.
"""

import os
import uuid
from collections.abc import AsyncIterator

import pytest

from core.ports import IdentityStore
from memory.firestore.client import Client
from memory.firestore.connection import Connection
from memory.firestore.identities import FirestoreIdentityStore
from memory.identities import shipped_identities
from tests.contracts import test_identity_store as contract
from wiring import SystemClock

pytestmark = pytest.mark.live
globals().update({name: test for name, test in vars(contract).items() if name.startswith("test_")})


@pytest.fixture
async def store(request: pytest.FixtureRequest) -> AsyncIterator[IdentityStore]:
    project = os.environ.get("GCP_PROJECT_ID")
    if not project or "live" not in request.config.option.markexpr:
        pytest.skip("live: needs GCP_PROJECT_ID and to be asked for by -m live")
    collection = f"autonomy-live-{uuid.uuid4().hex[:12]}"
    connection = Connection(lambda: Client(project=project), f"project {project}", limit_s=60)
    yield FirestoreIdentityStore(connection, collection, shipped_identities(), SystemClock())
    await connection.close()
    await forget(project, collection)


async def forget(project: str, collection: str) -> None:
    client = Client(project=project)
    async for agent in client.collection(collection).list_documents():
        async for below in agent.collections():
            async for document in below.list_documents():
                await document.delete()
        await agent.delete()
    await client.close()
