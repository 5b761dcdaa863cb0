"""An archive into these stores: looked through whole before anything is written, and as often as one likes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import IO, TypeVar

from pydantic import BaseModel

from core.access import Actor
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.episodes import Episode, EpisodeFilter
from core.errors import Conflict, InvalidInput, NotFound
from core.identity import SCHEMA_VERSION, Identity, check_identity
from core.models import Interaction
from core.moving import Existing, ImportReport, Kind, Moved, Part
from core.types import AgentName
from tasks.adopting import Adoption, History
from tasks.archives import ArchiveReader, fault
from tasks.exporting import PAGE, MovedStores

Shape = TypeVar("Shape", bound=BaseModel)
SHAPES: dict[Kind, type[BaseModel]] = {
    "identities": Identity,
    "memory_diffs": MemoryDiff,
    "episodes": Episode,
    "interactions": Interaction,
}


class Importer:
    """`check_room` raises NoRoom when the disk is nearly full; it is asked before every part."""

    def __init__(self, stores: MovedStores, check_room: Callable[[], None]) -> None:
        self._stores = stores
        self._adoption = Adoption(stores.identities, stores.memory_diffs)
        self._check_room = check_room
        self._at_work = asyncio.Lock()

    async def run(self, file: IO[bytes], existing: Existing, actor: Actor, *, dry_run: bool) -> ImportReport:
        """What became of the archive. The same again changes nothing, and completes what was cut off.

        Raises InvalidInput, Refused before anything is written; Conflict when an import is under way or an identity is
        changed meanwhile; NoRoom.
        """
        if self._at_work.locked():
            raise Conflict("an import is under way; wait for its end")
        async with self._at_work:
            reader = await asyncio.to_thread(ArchiveReader, file)
            plans = [await self._adoption.plan(history, existing) for history in await _look_through(reader)]
            if not dry_run:
                for plan in plans:
                    await self._adoption.do(plan, actor)
            return ImportReport(
                dry_run=dry_run,
                identities=tuple(plan.moved for plan in plans),
                memory_diffs=await self._move_diffs(reader, [p.agent for p in plans if p.one_history], dry_run=dry_run),
                episodes=await self._move_episodes(reader, dry_run=dry_run),
                interactions=await self._move_calls(reader, dry_run=dry_run),
            )

    async def _move_diffs(self, reader: ArchiveReader, agents: Sequence[AgentName], *, dry_run: bool) -> Moved:
        """Of those whose history is one with the archive's: diffs name versions, and would speak of others' here."""
        held, cursor = set[str](), None
        while page := await self._stores.memory_diffs.list(MemoryDiffFilter(before=cursor, limit=PAGE)):
            held.update(diff.diff_id for diff in page)
            cursor = page[-1].diff_id
        new = known = left_out = 0
        async for diff in self._oldest_first(reader, "memory_diffs", MemoryDiff):
            if diff.agent not in agents:
                left_out += 1
            elif diff.diff_id in held:
                known += 1
            else:
                new += 1
                if not dry_run:
                    await self._stores.memory_diffs.record(diff)
        return Moved(new=new, known=known, left_out=left_out)

    async def _move_episodes(self, reader: ArchiveReader, *, dry_run: bool) -> Moved:
        new = known = 0
        async for episode in self._oldest_first(reader, "episodes", Episode):
            query = EpisodeFilter(task_id=episode.task_id, agent=episode.agent, limit=1)
            if await self._stores.episodes.list(query):
                known += 1
                continue
            new += 1
            if not dry_run:
                await self._stores.episodes.record(episode)
        return Moved(new=new, known=known)

    async def _move_calls(self, reader: ArchiveReader, *, dry_run: bool) -> Moved:
        new = known = 0
        async for call in self._oldest_first(reader, "interactions", Interaction):
            if await self._has_call(call.interaction_id):
                known += 1
                continue
            new += 1
            if not dry_run:
                await self._stores.interactions.record(call)
        return Moved(new=new, known=known)

    async def _has_call(self, interaction_id: str) -> bool:
        try:
            await self._stores.calls.get(interaction_id)
        except NotFound:
            return False
        return True

    async def _oldest_first(self, reader: ArchiveReader, kind: Kind, shape: type[Shape]) -> AsyncIterator[Shape]:
        """The documents of a kind in the order in which they were first recorded, one part in memory at a time."""
        for part in reversed(_parts(reader, kind)):
            self._check_room()
            for document in reversed(await asyncio.to_thread(_documents, reader, part, shape)):
                yield document


async def _look_through(reader: ArchiveReader) -> list[History]:
    """Read every line of every part; the histories of the agents. Raises InvalidInput."""
    histories: dict[AgentName, History] = {}
    for part in reader.manifest.parts:
        if part.kind != "identities":
            await asyncio.to_thread(_documents, reader, part, SHAPES[part.kind])
        elif history := tuple(await asyncio.to_thread(_documents, reader, part, Identity)):
            if history[0].agent in histories:
                raise InvalidInput(f"archive: {part.name} tells of {history[0].agent} again", field="archive")
            histories[history[0].agent] = _checked(part, history)
    return list(histories.values())


def _checked(part: Part, history: History) -> History:
    """Raises InvalidInput, which names the version and the limit."""
    numbers = [each.version for each in history]
    if {each.agent for each in history} != {history[0].agent} or numbers != sorted(set(numbers), reverse=True):
        raise InvalidInput(f"archive: {part.name} is not the history of one agent, newest first", field="archive")
    for place, each in enumerate(history, 1):
        if each.schema_version > SCHEMA_VERSION:
            raise InvalidInput(f"archive: {part.name}, line {place}: of a newer release", field="archive")
        try:
            check_identity(each)
        except InvalidInput as error:
            raise InvalidInput(f"archive: {part.name}, line {place}: {error}", **error.fields) from error
    return history


def _parts(reader: ArchiveReader, kind: Kind) -> list[Part]:
    return [part for part in reader.manifest.parts if part.kind == kind]


def _documents(reader: ArchiveReader, part: Part, shape: type[Shape]) -> list[Shape]:
    """Raises InvalidInput, which names file and line."""
    found = []
    for place, line in enumerate(reader.documents(part), 1):
        try:
            found.append(shape.model_validate_json(line))
        except ValueError as error:
            raise InvalidInput(f"archive: {part.name}, line {place}: {fault(error)}", field="archive") from error
    return found
