"""Every model call as an interaction and as events; a finished call is taken from the log instead of being paid twice."""

import asyncio
import hashlib
import time
import uuid

import orjson

from core.errors import AutonomyError, BudgetExceeded
from core.events import EventFilter, LlmDelta, LlmEnd, LlmStart
from core.models import Interaction, ModelRequest, ModelResponse
from core.ports import Clock, EventLog, InteractionLog, ModelClient, OnDelta
from core.types import AgentName
from llm.finish import finish
from llm.spending import adding_up

DELTA_INTERVAL_S = 0.04


class RecordedClient:
    """ModelClient around another: journal first, then the call, then its record, then its end as an event.

    `prompt_hash` of a recorded interaction is `request_hash(request)`: the whole request, so that equal hashes mean
    the same question of the same task, agent, model and iteration.
    """

    def __init__(self, inner: ModelClient, log: InteractionLog, events: EventLog, clock: Clock) -> None:
        self._inner = inner
        self._log = log
        self._events = events
        self._clock = clock

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        """The finished answer of an identical call of this task, or a new one. Raises what the inner client raises."""
        key = request_hash(request)
        finished = await self._log.find(request.task_id, key)
        if finished is not None:
            await self._tell_end_once(finished)
            return _response(finished)
        return await self._call(request, key, on_delta)

    async def close(self) -> None:
        await self._inner.close()

    async def _call(self, request: ModelRequest, key: str, on_delta: OnDelta | None) -> ModelResponse:
        call_id = uuid.uuid4().hex
        start = LlmStart(agent=request.agent, model=request.model, prompt_name=request.prompt_name, call_id=call_id)
        await self._events.append(request.task_id, start)
        deltas = _Deltas(self._events, request.task_id, request.agent, call_id, on_delta)
        started = time.monotonic()
        asked = _asked(request, call_id, key, self._clock.now())
        with adding_up() as costs:
            try:
                response = await self._inner.complete(request, deltas)
            except (AutonomyError, asyncio.CancelledError) as error:
                failed = _failed(asked, error, time.monotonic() - started, sum(costs))
                await finish(
                    self._record_end(failed, recorded=bool(failed.cost_usd) or not isinstance(error, BudgetExceeded))
                )
                raise
            finally:
                deltas.flush()
        cost_usd = sum(costs) if costs else response.cost_usd
        whole = response.model_copy(update={"cost_usd": cost_usd, "call_id": call_id})
        await finish(self._record_end(_answered(asked, whole, time.monotonic() - started), recorded=True))
        return whole

    async def _record_end(self, interaction: Interaction, *, recorded: bool) -> None:
        """Record first: a kill between the two writes is mended by `_tell_end_once`, never by a second call."""
        if recorded:
            await self._log.record(interaction)
        await self._events.append(interaction.task_id, _end(interaction))

    async def _tell_end_once(self, finished: Interaction) -> None:
        """Append the end of a journalled call if the process died before it could."""
        after: int | None = 0
        while after is not None:
            query = EventFilter(task_id=finished.task_id, types=("llm_end",), text=finished.interaction_id, after=after)
            page = await self._events.search(query)
            if page.items:
                return
            after = page.next
        await self._events.append(finished.task_id, _end(finished))


class _Deltas:
    """Collects pieces of an answer and shows them at most every `DELTA_INTERVAL_S`."""

    def __init__(
        self, events: EventLog, task_id: str, agent: AgentName, call_id: str, on_delta: OnDelta | None
    ) -> None:
        self._events = events
        self._task_id, self._agent, self._call_id = task_id, agent, call_id
        self._on_delta = on_delta
        self._pieces: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, text: str) -> None:
        self._pieces.append(text)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELTA_INTERVAL_S, self.flush)
        if self._on_delta is not None:
            self._on_delta(text)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        text, self._pieces = "".join(self._pieces), []
        if text:
            self._events.publish(self._task_id, LlmDelta(agent=self._agent, call_id=self._call_id, text=text))


def request_hash(request: ModelRequest) -> str:
    """SHA-256 over everything of a request that can change its answer, and over who asks in which iteration."""
    canonical = orjson.dumps(
        request.model_dump(mode="json", exclude={"account", "identity_version"}), option=orjson.OPT_SORT_KEYS
    )
    return hashlib.sha256(canonical).hexdigest()


def _asked(request: ModelRequest, call_id: str, key: str, now: float) -> Interaction:
    return Interaction(
        interaction_id=call_id,
        ts=now,
        task_id=request.task_id,
        agent=request.agent,
        iteration=request.iteration,
        model=request.model,
        prompt_name=request.prompt_name,
        prompt_hash=key,
        prompt_version=request.prompt_hash,
        identity_version=request.identity_version,
        messages=request.messages,
    )


def _answered(asked: Interaction, response: ModelResponse, seconds: float) -> Interaction:
    return asked.model_copy(
        update={
            "model": response.model,
            "response": response.text,
            "finish_reason": response.finish_reason,
            "usage": response.usage,
            "cost_usd": response.cost_usd,
            "seconds": seconds,
        }
    )


def _failed(asked: Interaction, error: BaseException, seconds: float, cost_usd: float) -> Interaction:
    """What was paid for attempts that came to nothing is paid."""
    text = "cancelled" if isinstance(error, asyncio.CancelledError) else str(error)
    return asked.model_copy(update={"success": False, "error": text, "seconds": seconds, "cost_usd": cost_usd})


def _response(finished: Interaction) -> ModelResponse:
    return ModelResponse(
        text=finished.response,
        model=finished.model,
        finish_reason=finished.finish_reason,
        usage=finished.usage,
        cost_usd=finished.cost_usd,
        call_id=finished.interaction_id,
    )


def _end(interaction: Interaction) -> LlmEnd:
    return LlmEnd(
        agent=interaction.agent,
        model=interaction.model,
        prompt_name=interaction.prompt_name,
        call_id=interaction.interaction_id,
        usage=interaction.usage,
        cost_usd=interaction.cost_usd,
        seconds=interaction.seconds,
        success=interaction.success,
        error=interaction.error,
    )
