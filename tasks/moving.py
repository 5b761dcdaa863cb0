"""What agents are and did, out of these stores and into them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO

from core.access import Actor
from core.finetuning import FinetuneRequest
from core.moving import Existing, ImportReport
from core.ports import Clock
from core.redaction import Redactor
from tasks.exporting import Exporter, MovedStores
from tasks.finetuning import FinetuneExport
from tasks.importing import Importer


class MovingService:
    """The one implementation of core.ports.Moving. `scratch` is a folder for files that do not outlive a call."""

    def __init__(
        self, stores: MovedStores, redactor: Redactor, clock: Clock, check_room: Callable[[], None], scratch: Path
    ) -> None:
        self._exporter = Exporter(stores, clock)
        self._importer = Importer(stores, check_room)
        self._finetune = FinetuneExport(stores, redactor, clock, scratch)

    def archive(self) -> AsyncIterator[bytes]:
        """As stored: nothing is taken out, so it is as confidential as the stores are."""
        return self._exporter.archive()

    async def take(self, file: IO[bytes], existing: Existing, actor: Actor, *, dry_run: bool) -> ImportReport:
        """Raises InvalidInput, Refused before anything is written; Conflict, NoRoom."""
        return await self._importer.run(file, existing, actor, dry_run=dry_run)

    def examples(self, wanted: FinetuneRequest) -> AsyncIterator[bytes]:
        """Without the secrets of the settings, and what looks like one."""
        return self._finetune.examples(wanted)
