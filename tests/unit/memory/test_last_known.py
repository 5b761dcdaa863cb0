"""What agents work with while the store of identities is away."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from core.errors import Refused
from core.identity import Identity
from core.types import AgentName
from memory.identities import SqliteIdentityStore, shipped_identities
from memory.last_known import LastKnownIdentities
from tests.unit.memory.stores import sqlite_stores

QA = AgentName.QA


class Leaving(SqliteIdentityStore):
    """A store that can be away."""

    away = False

    async def load(self, agent: AgentName) -> Identity:
        self._check()
        return await super().load(agent)

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        self._check()
        return await super().versions(agent)

    def _check(self) -> None:
        if self.away:
            raise Refused("the store is away")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Leaving]:
    async with sqlite_stores(tmp_path) as stores:
        yield Leaving(stores.database, shipped_identities(), stores.clock)


async def test_the_version_seen_last_is_what_is_left(store: Leaving) -> None:
    identities = LastKnownIdentities(store, shipped_identities())
    current = await identities.load(QA)
    saved = await identities.save(current.model_copy(update={"learned_rules": ("A rule of the test",)}), 1)
    assert [each.version for each in await identities.versions(QA)] == [2, 1]
    store.away = True
    assert await identities.versions(QA) == (saved,)
    with pytest.raises(Refused, match="away"):
        await identities.load(QA)
    store.away = False
    assert await identities.load(QA) == saved


async def test_an_agent_that_was_never_seen_has_its_shipped_identity(store: Leaving) -> None:
    store.away = True
    shipped = shipped_identities()
    assert await LastKnownIdentities(store, shipped).versions(QA) == (shipped[QA],)
    assert await LastKnownIdentities(store, {}).versions(QA) == (Identity(agent=QA),)
