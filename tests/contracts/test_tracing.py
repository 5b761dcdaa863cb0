"""What every Tracing promises to those who work under it: it lets through what they do, and takes nothing amiss."""

import asyncio

import pytest

from core.errors import ModelError
from core.findings import CheckResult, CheckStatus
from core.ports import Tracing
from core.types import AgentName
from llm.providers import provider_of
from observability.tracing import OtelTracing
from observability.untraced import Untraced
from tests.unit.observability.recording import Recording


def traced() -> Tracing:
    async def close() -> None:
        """Nothing is open."""

    return OtelTracing(Recording().spans, provider_of, close)


def ended() -> Tracing:
    """Spans that are made after the end, when nobody takes them any more."""

    async def close() -> None:
        """Closed already."""

    recording = Recording()
    recording.provider.shutdown()
    return OtelTracing(recording.spans, provider_of, close)


@pytest.fixture(params=[Untraced, traced, ended])
def tracing(request: pytest.FixtureRequest) -> Tracing:
    made: Tracing = request.param()
    return made


async def test_turns_and_tools_go_on_inside_of_each_other_and_side_by_side(tracing: Tracing) -> None:
    done = []

    async def turn(agent: AgentName) -> None:
        with tracing.turn("t1", agent, "build", 0), tracing.tool("t1", agent, "own_files") as tell:
            await asyncio.sleep(0)
            tell([])
            tell([CheckResult(name="ruff", status=CheckStatus.NOT_EXECUTED)])
            done.append(agent)

    async with asyncio.TaskGroup() as group:
        for agent in AgentName:
            group.create_task(turn(agent))
    assert sorted(done) == sorted(AgentName)


@pytest.mark.parametrize("error", [ModelError("no"), ValueError("a bug"), asyncio.CancelledError()])
def test_what_is_raised_comes_out_as_it_was(tracing: Tracing, error: BaseException) -> None:
    turn, tool = tracing.turn("t1", AgentName.QA, "checks", 0), tracing.tool("t1", AgentName.QA, "pytest")
    with pytest.raises(type(error)) as caught, turn, tool:
        raise error
    assert caught.value is error
