"""Identities that agents can work with while the store that keeps them is away."""

from collections.abc import Mapping, Sequence

from core.errors import Refused
from core.identity import Identity
from core.ports import IdentityStore
from core.types import AgentName


class LastKnownIdentities:
    """An IdentityStore over another that differs in one thing: `versions` never fails.

    Where the store is away, it answers with the version that this process has seen last, or with the shipped one. `load`
    still raises what the store raises, so that whoever goes on without the current version can say so.
    """

    def __init__(self, store: IdentityStore, shipped: Mapping[AgentName, Identity]) -> None:
        self._store = store
        self._shipped = shipped
        self._seen: dict[AgentName, Identity] = {}

    async def load(self, agent: AgentName) -> Identity:
        return self._see(await self._store.load(agent))

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        return self._see(await self._store.save(identity, expected_version))

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        try:
            return await self._store.versions(agent)
        except Refused:
            return (self._seen.get(agent) or self._shipped.get(agent, Identity(agent=agent)),)

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool, task_id: str) -> None:
        await self._store.count_use(agent, rules, success, task_id)

    async def adopt(self, versions: Sequence[Identity]) -> bool:
        return await self._store.adopt(versions)

    def _see(self, identity: Identity) -> Identity:
        self._seen[identity.agent] = identity
        return identity
