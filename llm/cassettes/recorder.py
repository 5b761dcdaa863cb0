"""Writes a cassette: every call that ends in an answer or a failure, once."""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Self

from core.computing import compute
from core.errors import InvalidInput, ModelError, Refused
from core.models import ModelRequest, ModelResponse
from core.ports import ModelClient, OnDelta
from core.types import AgentName
from llm.cassettes.calls import Answer, Call, Failure, Timing, Wording
from llm.cassettes.files import HEADER, Header, call_bytes, calls_path, header_text, read_calls, read_header
from llm.cassettes.pace import Pace
from llm.cassettes.player import Cassettes
from llm.finish import finish
from llm.parameters import Parameters
from llm.whole_files import write_whole


class Recording:
    """A folder that calls are appended to, by one process at a time. One that is there already is gone on with."""

    def __init__(self, folder: Path, header: Header, lock: int) -> None:
        self._folder = folder
        self._header = header
        self._lock: int | None = lock

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises InvalidInput when the folder cannot be written or holds something else, Refused when it is in use."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise InvalidInput(f"RECORD: {folder} cannot be used: {error.strerror}", field="record") from error
        try:
            return cls(folder, _take(folder, lock), lock)
        except BaseException:
            os.close(lock)
            raise

    def answered(self, task_id: str) -> set[str]:
        """Hashes of the task's calls that have an answer here; what a kill cut off is taken away. Raises InvalidInput."""
        hashes: set[str] = set()
        if task_id not in self._header.tasks:
            return hashes
        for path in self._path(task_id, AgentName.PLANNER).parent.glob("*.calls"):
            found = read_calls(path.read_bytes(), f"{path.parent.name}/{path.name}")
            os.truncate(path, found.whole_bytes)
            hashes |= {entry.hash for entry in found.entries if entry.call.answer is not None}
        return hashes

    def append(self, task_id: str, agent: AgentName, entry: bytes) -> None:
        """Whole or not at all, unless the process is killed meanwhile. Raises OSError."""
        if task_id not in self._header.tasks:
            self._header = self._header.model_copy(update={"tasks": (*self._header.tasks, task_id)})
            write_whole(self._folder / HEADER, header_text(self._header))
        path = self._path(task_id, agent)
        path.parent.mkdir(exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            before = os.fstat(file).st_size
            try:
                left = memoryview(entry)
                while left:
                    left = left[os.write(file, left) :]
            except OSError:
                os.ftruncate(file, before)
                raise
        finally:
            os.close(file)

    def close(self) -> None:
        """Let others use the folder; a second time does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _path(self, task_id: str, agent: AgentName) -> Path:
        return calls_path(self._folder, self._header.tasks.index(task_id) + 1, agent)


class CassetteRecorder:
    """ModelClient around all others, the journal too.

    A journalled answer is written only if it is not there yet: it is the answer that the task went on with, and a kill
    between journal and cassette would have lost it. So every answer of a task is there once, and no retry is. What is
    replayed meanwhile keeps the name of the model that once answered.
    """

    def __init__(self, inner: ModelClient, recording: Recording, cassettes: Cassettes, parameters: Parameters) -> None:
        self._inner = inner
        self._recording = recording
        self._cassettes = cassettes
        self._parameters = parameters
        self._answered: dict[str, set[str]] = {}
        self._writing = asyncio.Lock()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """Raises what the inner client raises, and OSError when the answer could not be written."""
        wording = Wording(self._cassettes.redactor, request.task_id)
        pace = Pace(on_delta)
        try:
            response = await self._inner.complete(request, pace)
        except ModelError as error:
            await finish(self._write(request, wording, pace.timing(""), failure=wording.failure(error)))
            raise
        answer = _answer(response, wording)
        await finish(self._write(request, wording, pace.timing(response.text), answer=answer))
        return response

    async def close(self) -> None:
        await self._inner.close()
        self._recording.close()

    async def _write(
        self,
        request: ModelRequest,
        wording: Wording,
        timing: Timing,
        *,
        answer: Answer | None = None,
        failure: Failure | None = None,
    ) -> None:
        asked = wording.text(await self._cassettes.recorded_model(request.model, request.agent))
        if answer is not None and answer.model == wording.text(request.model):
            answer = answer.model_copy(update={"model": asked})
        call = Call(
            question=await compute(wording.question, request),
            model=asked,
            parameters=wording.json(self._parameters.of(request.model, request.agent, request.params)),
            answer=answer,
            failure=failure,
            timing=timing,
        )
        entry = await compute(call_bytes, call)
        async with self._writing:
            if request.task_id not in self._answered:
                self._answered[request.task_id] = await asyncio.to_thread(self._recording.answered, request.task_id)
            answered = self._answered[request.task_id]
            if call.question.hash in answered:
                return
            await asyncio.to_thread(self._recording.append, request.task_id, request.agent, entry)
            if answer is not None:
                answered.add(call.question.hash)


def _answer(response: ModelResponse, wording: Wording) -> Answer:
    return Answer(
        text=wording.text(response.text),
        model=wording.text(response.model),
        finish_reason=response.finish_reason,
        usage=response.usage,
        cost_usd=response.cost_usd,
    )


def _take(folder: Path, lock: int) -> Header:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Refused(f"RECORD: another process records into {folder}") from error
    if (folder / HEADER).exists():
        return read_header(folder)
    if any(not path.name.startswith(".") for path in folder.iterdir()):
        raise InvalidInput(f"RECORD: {folder} holds other files, and is no cassette", field="record")
    header = Header()
    try:
        write_whole(folder / HEADER, header_text(header))
    except OSError as error:
        raise InvalidInput(f"RECORD: {folder} cannot be written: {error.strerror}", field="record") from error
    return header
