"""Learning in the whole service: three tasks with the same mistake, and what the agent that made it has then."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from config import Settings
from core.access import Actor
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.models import ModelRequest, ModelResponse
from core.ports import OnDelta
from core.types import AgentName, TaskStatus
from tests.stopwatch import stopwatch
from tests.workflows.house import Call, House, InterferingModel, open_house
from wiring import open_application
from wiring.learning import CHANNEL

BACKEND = AgentName.BACKEND
SENTENCES = (
    "A REST API for a book list with title and author, no frontend",
    "A REST API for a list of plants with name and height, no frontend",
    "A REST API for a list of songs with name and length in seconds, no frontend",
)
RULE = "Take every secret from the settings and refuse to start without one"
ANSWER = {"rules": [{"text": RULE, "because": ["f1"], "why": "it came back in each task"}], "obsolete": []}
FAULTY = "offline/scaffold?fault=unbounded_list"


def looking_back(call: Call) -> str | None:
    return f"```json\n{json.dumps(ANSWER)}\n```" if call.step == "reflect" else None


async def finish(house: House, sentence: str) -> None:
    """A task from its submission to its end, with an approval."""
    task = await house.submit(sentence, use_sandbox=False)
    asked = await house.settled(task.task_id)
    assert asked.status is TaskStatus.WAITING, asked.error
    await house.decide(await house.question(task.task_id), "approve")
    async with asyncio.timeout(120):
        while not (await house.application.commands.get(task.task_id)).status.final:  # noqa: ASYNC110  # it happens in the service
            await asyncio.sleep(0.02)


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await found():  # noqa: ASYNC110  # it happens in the service
            await asyncio.sleep(0.05)


async def reflections(house: House) -> list[MemoryDiff]:
    return list(await house.application.api.memory_diffs.list(MemoryDiffFilter(agent=BACKEND)))


async def test_three_tasks_with_one_mistake_bring_a_rule_on_trial_and_switched_off_only_counters_move(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, looking_back, model_backend=FAULTY) as house:
        for sentence in SENTENCES:
            await finish(house, sentence)

        async def told() -> bool:
            """Tasks may be learned from at once: each is counted before its own delivery has ended."""
            waiting = await house.application.learning._effects.waiting()
            return bool(await reflections(house)) and not waiting[CHANNEL]

        await until(told)
        (diff,) = await reflections(house)
        identity = await house.application.api.identities.load(BACKEND)
        assert ([trial.text for trial in identity.trials], diff.trials, diff.rejected) == ([RULE], (RULE,), ())
        assert len(identity.trials[0].origin.tasks) == 3
        assert {(each.use_count, each.success_count) for each in identity.rule_stats.values()} == {(3, 0)}
        asked = next(call.request for call in house.model.calls if call.step == "reflect" and call.agent is BACKEND)
        assert '"tasks":3' in asked.messages[-1].content
        assert RULE not in asked.messages[-1].content
        others = [call.agent for call in house.model.calls if call.step == "reflect"]
        assert others == [BACKEND]
    async with open_house(tmp_path, looking_back, reflection_enabled=False, reflection_interval=1) as house:
        await finish(house, SENTENCES[0])

        async def counted() -> bool:
            stats = (await house.application.api.identities.load(BACKEND)).rule_stats.values()
            return {(each.use_count, each.success_count) for each in stats} == {(4, 1)}

        await until(counted)
        assert [each.diff_id for each in await reflections(house)] == [diff.diff_id]


@dataclass
class Stalling(InterferingModel):
    """Whoever looks back waits for ever."""

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelResponse:
        if request.prompt_name.endswith("/reflect"):
            self.calls.append(Call(request.agent, "reflect", 1, request))
            await asyncio.Event().wait()
        return await super().complete(request, on_delta)


async def test_a_reflection_that_hangs_delays_no_task_and_no_end_and_is_ended_by_the_next_start(tmp_path: Path) -> None:
    model = Stalling()
    settings = Settings(
        _env_file=None, data_dir=tmp_path, live_demo=False, model_backend=FAULTY, reflection_interval=1,
        shutdown_grace_seconds=0.3,
    )  # fmt: skip
    async with AsyncExitStack() as service:
        application = await service.enter_async_context(open_application(settings, offline=model))
        house = House(application, model, tmp_path)
        await finish(house, SENTENCES[0])

        async def asked() -> bool:
            return "reflect" in model.steps(BACKEND)

        await until(asked)
        await finish(house, SENTENCES[1])
        assert await reflections(house) == []
        with stopwatch() as spent:
            await service.aclose()
            assert spent() < 5.0
    async with open_house(tmp_path, looking_back, reflection_interval=1) as house:

        async def both() -> bool:
            return len(await reflections(house)) == 2

        await until(both)
        identity = await house.application.api.identities.load(BACKEND)
        assert [trial.text for trial in identity.trials] == [RULE]
        assert {(each.use_count, each.success_count) for each in identity.rule_stats.values()} == {(2, 0)}


async def test_a_cancelled_task_teaches_nothing_and_is_not_waited_for(tmp_path: Path) -> None:
    async with open_house(tmp_path, looking_back, model_backend=FAULTY, reflection_interval=1) as house:
        learning = house.application.learning
        task = await house.submit(SENTENCES[0], use_sandbox=False)
        await house.settled(task.task_id)
        assert not await learning.is_settled(task.task_id)
        await house.application.commands.cancel(task.task_id, Actor(via="test"))

        async def settled() -> bool:
            return await learning.is_settled(task.task_id)

        await until(settled)
        assert (await house.application.commands.get(task.task_id)).status is TaskStatus.CANCELLED
        assert await reflections(house) == []
