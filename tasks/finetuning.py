"""Examples of the stores' calls as a zip file: train.jsonl, validation.jsonl, manifest.json."""

import asyncio
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from core.episodes import Episode, EpisodeFilter
from core.finetuning import FinetuneManifest, FinetuneRequest
from core.identity import render_identity
from core.models import Interaction, InteractionSearch
from core.ports import Clock
from core.redaction import Redactor
from core.types import AgentName
from tasks.archives import Outflow, entry
from tasks.examples import Example, Selection
from tasks.exporting import MovedStores

PAGE = 200
REMEMBERED_TASKS = 1_000
SPOOLED_BYTES = 8 << 20
PIECE = 1 << 20
TRAIN, VALIDATION, MANIFEST = "train.jsonl", "validation.jsonl", "manifest.json"


class _Files:
    """The zip file while it is written: one file of it after the other, so that what is for validation waits aside."""

    def __init__(self, created_at: float, aside: IO[bytes]) -> None:
        self._created_at = created_at
        self._out = Outflow()
        self._zip = zipfile.ZipFile(self._out, "w")
        self._aside = aside
        self._train = self._zip.open(entry(TRAIN, created_at), "w", force_zip64=True)
        self.train = self.validation = self.tokens = 0

    def add(self, examples: Sequence[Example]) -> bytes:
        """What is ready to be sent then."""
        for example in examples:
            (self._aside if example.validation else self._train).write(f"{example.line}\n".encode())
            self.train += not example.validation
            self.validation += example.validation
            self.tokens += example.tokens
        return self._out.take()

    def set_aside(self) -> Iterator[bytes]:
        """The second file, in pieces."""
        self._train.close()
        self._aside.seek(0)
        with self._zip.open(entry(VALIDATION, self._created_at), "w", force_zip64=True) as file:
            while piece := self._aside.read(PIECE):
                file.write(piece)
                yield self._out.take()

    def finish(self, manifest: str) -> bytes:
        self._zip.writestr(entry(MANIFEST, self._created_at), manifest)
        self._zip.close()
        return self._out.take()


class FinetuneExport:
    """`scratch` is a folder for what is for validation, until its turn comes; nothing stays there."""

    def __init__(self, stores: MovedStores, redactor: Redactor, clock: Clock, scratch: Path) -> None:
        self._stores = stores
        self._redactor = redactor
        self._clock = clock
        self._scratch = scratch

    async def examples(self, wanted: FinetuneRequest) -> AsyncIterator[bytes]:
        """The file in pieces. Calls are read newest first, a page at a time."""
        created_at = self._clock.now()
        selection = Selection(wanted, self._redactor, {} if wanted.identity else await self._identities())
        episodes = _Episodes(self._stores)
        with tempfile.SpooledTemporaryFile(SPOOLED_BYTES, dir=str(self._scratch)) as aside:
            files = _Files(created_at, aside)
            async for page in self._pages(wanted):
                known = [(call, await episodes.of(call)) for call in page]
                yield await asyncio.to_thread(lambda given: files.add(selection.take(given)), known)
            pieces = files.set_aside()
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece
            manifest = FinetuneManifest(
                format=wanted.format,
                request=wanted,
                created_at=created_at,
                read=selection.read,
                left_out={str(reason): number for reason, number in selection.left_out.items()},
                train=files.train,
                validation=files.validation,
                tokens_estimated=files.tokens,
            )
            yield await asyncio.to_thread(files.finish, manifest.model_dump_json(indent=2))

    async def _pages(self, wanted: FinetuneRequest) -> AsyncIterator[Sequence[Interaction]]:
        """Of successful calls, newest first."""
        search = InteractionSearch(agent=wanted.agent, success=True, since=wanted.since, limit=PAGE)
        while True:
            page = await self._stores.calls.page(search)
            yield page.items
            if page.next is None:
                return
            search = search.model_copy(update={"before": page.next})

    async def _identities(self) -> dict[tuple[AgentName, int], str]:
        """The text of every kept version, as prompts hold it."""
        return {
            (agent, each.version): render_identity(each)
            for agent in AgentName
            for each in await self._stores.identities.versions(agent)
        }


class _Episodes:
    """Episodes by task; those of the last tasks are remembered, since calls of a task stand close together."""

    def __init__(self, stores: MovedStores) -> None:
        self._stores = stores
        self._known: OrderedDict[str, Mapping[AgentName, Episode]] = OrderedDict()

    async def of(self, call: Interaction) -> Episode | None:
        """Of the agent of this call in its task."""
        found = self._known.get(call.task_id)
        if found is None:
            episodes = await self._stores.episodes.list(EpisodeFilter(task_id=call.task_id))
            found = self._known[call.task_id] = {each.agent: each for each in episodes}
            if len(self._known) > REMEMBERED_TASKS:
                self._known.popitem(last=False)
        self._known.move_to_end(call.task_id)
        return found.get(call.agent)
