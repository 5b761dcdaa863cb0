"""Answers from cassettes: `replay/FOLDER`, with `?speed=X` in the pace of the recording or X times as fast.

With `?answers=by_step` the recorded answers are given to other questions of the same steps: prompts that were changed
are asked anew without a model, and recorded with the answers there are.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from core.computing import compute
from core.errors import Diverged, InvalidInput
from core.models import Interaction, InteractionFilter, ModelRequest, ModelResponse
from core.ports import InteractionLog, ModelClient, OnDelta
from core.redaction import Redactor
from core.types import AgentName
from llm.cassettes.calls import Question, Wording
from llm.cassettes.divergence import explain
from llm.cassettes.files import Entry, read_calls, read_header
from llm.cassettes.pace import play
from llm.cassettes.unasked import describe_unasked

PREFIX = "replay/"


@dataclass(frozen=True)
class Tape:
    """What `replay/FOLDER?speed=X&answers=by_step` names: `speed` is None for no waiting."""

    folder: Path
    speed: float | None = None
    by_step: bool = False


class Cassette:
    """The calls of a folder. Equal questions have their answers in the order in which they were given."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._taken: set[int] = set()
        self._alike: dict[Hashable, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            self._alike[entry.hash].append(number)
            self._alike[_step(entry.call.question)].append(number)
            self._alike[_step(entry.call.question)[:2]].append(number)

    @classmethod
    def read(cls, folder: Path) -> "Cassette":
        """Raises InvalidInput, which names file, line and reason."""
        header = read_header(folder)
        entries: list[Entry] = []
        for number in range(1, len(header.tasks) + 1):
            for path in sorted((folder / f"task-{number}").glob("*.calls")):
                try:
                    data = path.read_bytes()
                except OSError as error:
                    raise InvalidInput(f"{path} cannot be read: {error.strerror}", field="cassette") from error
                entries += read_calls(data, f"{path.parent.name}/{path.name}").entries
        return cls(entries)

    def take(self, question: Question, *, by_step: bool = False) -> int | None:
        """The number of the next entry that answers this question.

        `by_step`: whatever this agent asks in this step, of this round if there is one, else of another.
        """
        keys: list[Hashable] = [_step(question), _step(question)[:2]] if by_step else [question.hash]
        alike = [number for key in keys for number in self._alike.get(key, ())]
        number = next((number for number in alike if number not in self._taken), None)
        if number is not None:
            self._taken.add(number)
        return number

    def give_back(self, number: int) -> None:
        """It was taken, and not used."""
        self._taken.discard(number)


def _step(question: Question) -> tuple[AgentName, str, int]:
    return question.agent, question.prompt_name, question.iteration


class Cassettes:
    """Every cassette that is replayed, read once. `models` says which agents a cassette answers for."""

    def __init__(self, redactor: Redactor | None = None, models: Mapping[AgentName, str] | None = None) -> None:
        self.redactor = redactor or Redactor()
        self._models = models or {}
        self._read: dict[Path, Cassette] = {}
        self._reading = asyncio.Lock()

    async def open(self, model: str) -> Cassette:
        """The cassette of `replay/...`. Raises InvalidInput."""
        folder = read_name(model).folder
        async with self._reading:
            if folder not in self._read:
                self._read[folder] = await asyncio.to_thread(Cassette.read, folder)
            return self._read[folder]

    async def recorded_model(self, model: str, agent: AgentName) -> str:
        """The model that was asked when a cassette was recorded, of other models their own name. Raises InvalidInput."""
        if not model.startswith(PREFIX):
            return model
        entries = (await self.open(model)).entries
        return next((entry.call.model for entry in entries if entry.call.question.agent is agent), model)

    async def open_all(self) -> None:
        """Read what the agents' models name, so that a cassette that cannot be replayed is refused at the start."""
        for model in self._replayed():
            await self.open(model)

    async def unasked(self, task_id: str, log: InteractionLog) -> str:
        """What a task left of the recorded task that it is most like, in a sentence; empty when that is nothing."""
        told = []
        for model in sorted(self._replayed()):
            calls = [call async for call in _calls(log, task_id, model)]
            mine = {agent for agent, name in self._models.items() if name == model}
            entries = [entry for entry in (await self.open(model)).entries if entry.call.question.agent in mine]
            if text := await compute(describe_unasked, entries, calls, self.redactor):
                told.append(f"{model}: {text}")
        return "; ".join(told)

    def _replayed(self) -> set[str]:
        return {model for model in self._models.values() if model.startswith(PREFIX)}


class CassettePlayer:
    """ModelClient for `replay/...` around one for all other models.

    Outside of fallback, retries and money, where the recorder stands too: what was recorded has been through them.
    """

    def __init__(self, inner: ModelClient, cassettes: Cassettes) -> None:
        self._inner = inner
        self._cassettes = cassettes

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """The recorded answer. Raises the recorded ModelError, Diverged, InvalidInput for what is no cassette."""
        if not request.model.startswith(PREFIX):
            return await self._inner.complete(request, on_delta)
        cassette, tape = await self._cassettes.open(request.model), read_name(request.model)
        wording = Wording(self._cassettes.redactor, request.task_id)
        question = await compute(wording.question, request)
        number = cassette.take(question, by_step=tape.by_step)
        if number is None:
            raise await _diverged(request, question, cassette)
        try:
            return await _answer(cassette.entries[number], request.model, wording, tape.speed, on_delta)
        except asyncio.CancelledError:
            cassette.give_back(number)
            raise

    async def close(self) -> None:
        await self._inner.close()


def read_name(model: str) -> Tape:
    """`replay/tapes/a` is the folder `tapes/a`, `replay//srv/a` is `/srv/a`. Raises InvalidInput."""
    name, _, query = model.removeprefix(PREFIX).partition("?")
    if not name:
        raise InvalidInput("replay/ needs the folder of a cassette: replay/FOLDER", field="model")
    given = {option: values[-1] for option, values in parse_qs(query, keep_blank_values=True).items()}
    answers = given.get("answers", "by_question")
    if answers not in ("by_question", "by_step"):
        raise InvalidInput(f"{model}: answers must be by_question or by_step, got {answers!r}", field="model")
    return Tape(Path(name).absolute(), _speed(model, given.get("speed")), answers == "by_step")


def _speed(model: str, given: str | None) -> float | None:
    if given is None:
        return None
    try:
        speed = float(given)
    except ValueError:
        speed = math.nan
    if not (math.isfinite(speed) and speed > 0):
        raise InvalidInput(f"{model}: speed must be a number above 0, got {given!r}", field="model")
    return speed


async def _answer(
    entry: Entry, model: str, wording: Wording, speed: float | None, on_delta: OnDelta | None
) -> ModelResponse:
    answer, failure = entry.call.answer, entry.call.failure
    if answer is None:
        await play("", entry.call.timing, speed, None)
        assert failure is not None, "an entry has an answer or a failure"
        raise wording.error(failure)
    text = wording.restored(answer.text)
    await play(text, entry.call.timing, speed, on_delta)
    return ModelResponse(text=text, model=model, finish_reason=answer.finish_reason, usage=answer.usage)


async def _diverged(request: ModelRequest, question: Question, cassette: Cassette) -> Diverged:
    text = await compute(explain, request.model, question, cassette.entries)
    return Diverged(
        text,
        agent=request.agent.value,
        prompt_name=request.prompt_name,
        iteration=request.iteration,
        model=request.model,
    )


async def _calls(log: InteractionLog, task_id: str, model: str) -> AsyncIterator[Interaction]:
    """Every logged call of a task to a model."""
    query = InteractionFilter(task_id=task_id, model=model, limit=500)
    while page := await log.list(query):
        for call in page:
            yield call
        query = query.model_copy(update={"before": page[-1].interaction_id})
