"""What agents are and did, as an archive to take elsewhere, from an archive, and as examples to learn from."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from api.access import Acting, Services, needs
from api.problems import problem_responses
from core.access import Role
from core.errors import TooLarge
from core.finetuning import FinetuneRequest, Format, Outcome
from core.moving import MAX_ARCHIVE_BYTES, Existing, ImportReport
from core.ports import Room
from core.types import AgentName

router = APIRouter(tags=["agents"], dependencies=[Depends(needs(Role.ADMIN))])
ZIP = "application/zip"
ROOM_EVERY_BYTES = 16 << 20
"""So often it is looked whether there is room for more of what is sent."""
_BINARY: dict[str, Any] = {ZIP: {"schema": {"type": "string", "format": "binary"}}}
_ARCHIVE: dict[int | str, dict[str, Any]] = {200: {"content": _BINARY, "description": "a zip file"}}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY[ZIP]}}}


@router.get("/export", response_class=Response, responses={**_ARCHIVE, **problem_responses(401, 403)})
async def export_archive(given: Services) -> Response:
    """Identities with their versions, memory diffs, episodes and calls as one archive, as they are stored."""
    return await _sent(given.moving.archive(), "autonomy-archive.zip")


@router.get("/export/finetune", response_class=Response, responses={**_ARCHIVE, **problem_responses(401, 403, 422)})
async def export_examples(
    given: Services,
    format: Format,  # noqa: A002  # the parameter's name
    agent: AgentName | None = None,
    outcome: Outcome = "clean",
    since: Annotated[float | None, Query(ge=0, description="Unix time")] = None,
    split: Annotated[float, Query(ge=0, le=0.5, description="share of tasks that are for validation")] = 0.1,
    seed: Annotated[int, Query(ge=0, le=2**32)] = 0,
    max_chars: Annotated[int, Query(ge=100, le=4_000_000, description="of one example")] = 100_000,
    identity: Annotated[bool, Query(description="whether the agent's identity stays in the prompt")] = True,
) -> Response:
    """Calls to learn from: train.jsonl, validation.jsonl and manifest.json in a zip file; duplicates and secrets taken out."""
    wanted = FinetuneRequest(
        format=format,
        agent=agent,
        outcome=outcome,
        since=since,
        split=split,
        seed=seed,
        max_chars=max_chars,
        identity=identity,
    )
    return await _sent(given.moving.examples(wanted), f"autonomy-{format}.zip")


@router.post("/import", openapi_extra=_BODY, responses=problem_responses(401, 403, 409, 413, 422, 507))
async def import_archive(
    request: Request,
    given: Services,
    actor: Acting,
    existing: Annotated[Existing, Query(description="of identities that have a history of their own")] = "keep",
    dry_run: bool = False,
) -> ImportReport:
    """Take an archive in. The same again changes nothing. What is wrong with it is said before anything is written."""
    with tempfile.TemporaryFile(dir=given.scratch) as file:
        await _receive(request, file, given.room)
        return await given.moving.take(file, existing, actor, dry_run=dry_run)


async def _sent(pieces: AsyncIterator[bytes], name: str) -> Response:
    first = await anext(pieces)  # what cannot be read is told before the answer begins

    async def body() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    # A zip file is packed already: what says so is not packed once more on its way.
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Encoding": "identity"}
    return StreamingResponse(body(), media_type=ZIP, headers=headers)


async def _receive(request: Request, file: IO[bytes], room: Room) -> None:
    """The body into `file`. Raises TooLarge, NoRoom."""
    size = looked = 0
    async for piece in request.stream():
        if size >= looked:
            room.check()
            looked = size + ROOM_EVERY_BYTES
        size += len(piece)
        if size > MAX_ARCHIVE_BYTES:
            raise TooLarge(f"an archive may have {MAX_ARCHIVE_BYTES:,} bytes", limit=MAX_ARCHIVE_BYTES)
        await asyncio.to_thread(file.write, piece)
    file.seek(0)
