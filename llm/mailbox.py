"""A model made of files: a request is a file in a folder, its answer is a file that anybody may put beside it.

A person with a chat window, another program, or a machine without a network can be the model.
"""

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field

from core.budget import estimate_tokens
from core.errors import Conflict, ModelError, NotFound, TooLarge
from core.models import Message, ModelRequest, ModelResponse
from core.ports import Clock, OnDelta
from core.types import AgentName, Usage, Value
from llm.whole_files import write_whole

PREFIX = "mailbox/"
MAX_ANSWER_BYTES = 10 << 20
_ID = re.compile(r"[a-z_]+-[0-9a-f]{20}")
_FORMATS = {
    "files": "Answer with whole files, in the file blocks that the request describes.",
    "json": "Answer with the JSON object that the request describes, in the form that it asks for.",
    "text": "Answer with plain text.",
}


class MailboxRequest(Value):
    """`<id>.request.json`. Times are Unix seconds."""

    id: str
    task_id: str
    agent: AgentName
    iteration: int
    prompt_name: str
    prompt_hash: str
    answer_format: str
    max_output_tokens: int
    created: float
    deadline: float
    messages: tuple[Message, ...] = Field(min_length=1)


@dataclass(frozen=True)
class _Found:
    """An answer file as it was at one look; two equal looks mean that its writer is done."""

    path: Path
    size: int
    modified_ns: int


class MailboxClient:
    """ModelClient for `mailbox/DIR`. The id of a request follows from its content, so a question that was under way
    when the process died is found again, with its answer if that came meanwhile."""

    def __init__(self, clock: Clock, *, deadline_s: float = 86_400.0, poll_s: float = 0.2) -> None:
        self._clock = clock
        self._deadline_s = deadline_s
        self._poll_s = poll_s

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Wait for the answer. Raises ModelError when none came before the deadline or the folder cannot be used."""
        folder = folder_of(request.model)
        posted = await asyncio.to_thread(_post, folder, request, self._clock.now(), self._deadline_s)
        text = await self._answer(folder, posted)
        if on_delta is not None:
            on_delta(text)
        characters = sum(len(message.content) for message in request.messages)
        usage = Usage(input_tokens=estimate_tokens(characters), output_tokens=estimate_tokens(len(text)))
        return ModelResponse(text=text, model=request.model, usage=usage)

    async def close(self) -> None: ...

    async def _answer(self, folder: Path, posted: MailboxRequest) -> str:
        seen: _Found | None = None
        # A monotonic end beside the clock's: a clock that is set back must not make the wait endless.
        ends = time.monotonic() + self._deadline_s
        while True:
            found = await asyncio.to_thread(_look, folder, posted.id)
            if found is not None and found == seen:
                return await asyncio.to_thread(_read, found)
            if found is None and (self._clock.now() >= posted.deadline or time.monotonic() >= ends):
                raise ModelError(f"nobody answered {posted.id} in {folder} before its deadline", request_id=posted.id)
            seen = found
            await asyncio.sleep(self._poll_s)


def folder_of(model: str) -> Path:
    """`mailbox/inbox` is the folder `inbox`, `mailbox//srv/inbox` is `/srv/inbox`. Raises ModelError for none."""
    name = model.removeprefix(PREFIX)
    if not name:
        raise ModelError("mailbox/ needs a folder: mailbox/DIR", model=model)
    return Path(name)


def list_pending(folder: Path) -> list[MailboxRequest]:
    """Requests without an answer, oldest first; expired ones are left out. Files that are no requests are skipped."""
    pending = []
    for path in sorted(folder.glob("*.request.json")):
        request = _load(path)
        if request is not None and _look(folder, request.id) is None and request.deadline > time.time():
            pending.append(request)
    return sorted(pending, key=lambda request: request.created)


def answer(folder: Path, request_id: str, text: str) -> Path:
    """Write the answer at once and whole. Raises NotFound, Conflict when there is one already, TooLarge."""
    if not _ID.fullmatch(request_id) or not (folder / f"{request_id}.request.json").exists():
        raise NotFound(f"there is no request {request_id} in {folder}", request_id=request_id)
    if len(text.encode()) > MAX_ANSWER_BYTES:
        raise TooLarge(f"an answer may have at most {MAX_ANSWER_BYTES} bytes", limit=MAX_ANSWER_BYTES)
    if _look(folder, request_id) is not None:
        raise Conflict(f"{request_id} has an answer already", request_id=request_id)
    path = folder / f"{request_id}.answer.md"
    write_whole(path, text)
    return path


def _post(folder: Path, request: ModelRequest, now: float, deadline_s: float) -> MailboxRequest:
    """Write the request, or find it again: a repeated question keeps its deadline until that has passed."""
    identity = f"{request.task_id}\0{request.agent}\0{request.iteration}\0{request.prompt_hash}\0" + "\0".join(
        message.content for message in request.messages
    )
    request_id = f"{request.agent}-{hashlib.sha256(identity.encode()).hexdigest()[:20]}"
    path = folder / f"{request_id}.request.json"
    earlier = _load(path)
    if earlier is not None and earlier.deadline > now:
        return earlier
    fields = request.model_dump(include=MailboxRequest.model_fields.keys() - {"id", "created", "deadline"})
    posted = MailboxRequest(id=request_id, created=now, deadline=now + deadline_s, **fields)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{request_id}.request.md", _readable(posted))
        write_whole(path, posted.model_dump_json(indent=1))
    except OSError as error:
        raise ModelError(f"the mailbox {folder} cannot be written: {error.strerror or error}") from error
    return posted


def _load(path: Path) -> MailboxRequest | None:
    try:
        return MailboxRequest.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _look(folder: Path, request_id: str) -> _Found | None:
    """The answer file that is there and not empty; `.md` before `.txt`."""
    for suffix in (".answer.md", ".answer.txt"):
        path = folder / f"{request_id}{suffix}"
        try:
            stat = path.stat()
        except OSError:
            continue
        if stat.st_size:
            return _Found(path, stat.st_size, stat.st_mtime_ns)
    return None


def _read(found: _Found) -> str:
    if found.size > MAX_ANSWER_BYTES:
        raise ModelError(f"{found.path.name} has {found.size} bytes; at most {MAX_ANSWER_BYTES} are read")
    try:
        return found.path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise ModelError(f"{found.path.name} cannot be read: {error.strerror or error}") from error


def _readable(posted: MailboxRequest) -> str:
    deadline = datetime.fromtimestamp(posted.deadline, UTC).isoformat(timespec="seconds")
    head = (
        f"# Request {posted.id}\n\n"
        f"Agent {posted.agent}, prompt {posted.prompt_name}, task {posted.task_id}, iteration {posted.iteration}. "
        f"Answer before {deadline}.\n\n{_FORMATS[posted.answer_format]} "
        f"Write the answer, and nothing else, into `{posted.id}.answer.md` in this folder.\n"
    )
    return head + "".join(f"\n---- {message.role} ----\n\n{message.content}\n" for message in posted.messages)
