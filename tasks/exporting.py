"""Everything that agents are and did, as one archive, page by page from the stores."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.agent_views import MemoryDiffFilter
from core.episodes import EpisodeFilter
from core.errors import Damaged, Refused
from core.identity import Identity
from core.models import InteractionSearch
from core.ports import CallHistory, Clock, EpisodeLog, IdentityStore, InteractionLog, MemoryDiffLog
from core.types import AgentName
from tasks.archives import ArchiveWriter

PAGE = 500


@dataclass(frozen=True)
class MovedStores:
    """What is moved, wherever it is kept."""

    identities: IdentityStore
    memory_diffs: MemoryDiffLog
    episodes: EpisodeLog
    interactions: InteractionLog
    calls: CallHistory


class Exporter:
    """Reads while others write: what comes in meanwhile may be in the archive or not, what was there is."""

    def __init__(self, stores: MovedStores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    async def archive(self) -> AsyncIterator[bytes]:
        """The archive in pieces; memory holds one page at a time."""
        writer = ArchiveWriter(self._clock.now())
        for agent in AgentName:
            versions = [version.model_dump_json() for version in await self._history(agent)]
            yield await asyncio.to_thread(writer.add, "identities", versions)
        cursor: str | None = None
        while diffs := await self._stores.memory_diffs.list(MemoryDiffFilter(before=cursor, limit=PAGE)):
            yield await asyncio.to_thread(writer.add, "memory_diffs", [each.model_dump_json() for each in diffs])
            cursor = diffs[-1].diff_id
        cursor = None
        while episodes := await self._stores.episodes.list(EpisodeFilter(before=cursor, limit=PAGE)):
            yield await asyncio.to_thread(writer.add, "episodes", [each.model_dump_json() for each in episodes])
            cursor = episodes[-1].key
        search = InteractionSearch(limit=PAGE)
        while True:
            page = await self._stores.calls.page(search)
            if page.items:
                yield await asyncio.to_thread(
                    writer.add, "interactions", [call.model_dump_json() for call in page.items]
                )
            if page.next is None:
                break
            search = search.model_copy(update={"before": page.next})
        yield await asyncio.to_thread(writer.finish)

    async def _history(self, agent: AgentName) -> Sequence[Identity]:
        """The kept versions that can be read, newest first; the current one with its counters as they are now."""
        versions = await self._stores.identities.versions(agent)
        try:
            current = await self._stores.identities.load(agent)
        except (Damaged, Refused):
            return versions
        return (current, *(each for each in versions if each.version < current.version))
