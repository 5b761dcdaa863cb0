"""What the whole gateway adds to a model call, beside LiteLLM alone: recorded, fallback, retrying, metered, LiteLLM's client."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Figure, median
from benchmarks.wire import MODEL, BareLiteLLM, Provider, Service, cpu_s, running_provider, running_service
from config import PROJECT
from core.models import Message, ModelRequest
from core.types import AgentName

ROUNDS, CALLS = 31, 10
FEW, MANY = 8, 408
"""Pieces of an answer."""
MANY_CALLS = 2
WARM_UP = 10


@dataclass
class Spent:
    """CPU in ms per call, of each round."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median([one / other for one, other in zip(self.ours, self.bare, strict=True)])


def gateway_costs() -> Sequence[Figure]:
    return asyncio.run(_measure())


async def _measure() -> Sequence[Figure]:
    with running_provider() as provider:
        async with running_service(provider.url) as service:
            pair = _Pair(provider, service)
            await pair.warm_up()
            few = await pair.rounds(FEW, CALLS)
            many = await pair.rounds(MANY, MANY_CALLS)
    return _figures(few, many)


class _Pair:
    """The same question to both, one after the other."""

    def __init__(self, provider: Provider, service: Service) -> None:
        self._provider, self._service = provider, service
        self._bare = BareLiteLLM(provider.url)
        self._asked = 0
        house = (PROJECT / "prompts" / "shared" / "house.md").read_text()
        self._messages = (
            Message(role="system", content=house),
            Message(role="user", content="Step: build\nWrite your files: a REST API for books with title and author."),
        )

    async def warm_up(self) -> None:
        self._provider.answer("x", times=2 * WARM_UP)
        await self._service.stores.ledger.open("t", 1_000_000)
        await self._ours(WARM_UP)
        await self._alone(WARM_UP)

    async def rounds(self, pieces: int, calls: int) -> Spent:
        spent, text = Spent(), "".join(f"word{number:04} " for number in range(pieces))
        for number in range(ROUNDS):
            self._provider.answer(text, times=2 * calls, pieces=pieces)
            works = [(spent.ours, self._ours), (spent.bare, self._alone)]
            for kept, work in works if number % 2 else reversed(works):
                kept.append(await cpu_s(work(calls)) / calls * 1000)
        return spent

    async def _ours(self, calls: int) -> None:
        heard: list[str] = []
        for _ in range(calls):
            self._asked += 1  # a question that was answered before would be answered from the journal
            await self._service.model.complete(self._request(self._asked), heard.append)

    async def _alone(self, calls: int) -> None:
        messages = [{"role": message.role, "content": message.content} for message in self._messages]
        with self._bare.as_shipped():
            for _ in range(calls):
                await self._bare.ask(messages)

    def _request(self, number: int) -> ModelRequest:
        return ModelRequest(
            task_id="t", agent=AgentName.BACKEND, model=MODEL, messages=self._messages, answer_format="files",
            prompt_name="backend_agent/build", prompt_hash="0123456789abcdef", iteration=number, max_output_tokens=4_000,
        )  # fmt: skip


def _figures(few: Spent, many: Spent) -> Sequence[Figure]:
    length = MANY - FEW
    ours = [(long - short) / length * 1000 for long, short in zip(many.ours, few.ours, strict=True)]
    bare = [(long - short) / length * 1000 for long, short in zip(many.bare, few.bare, strict=True)]
    how = (
        f"CPU of the process, median of {ROUNDS} pairs of {CALLS} calls in turn, answers of {FEW} pieces: "
        f"{median(few.ours):.2f} ms over {median(few.bare):.2f} ms; with {MANY} pieces {many.ratio:.2f} times"
    )
    per_chunk = (
        f"of answers of {MANY} pieces beyond those of {FEW}: {median(ours):.0f} us over {median(bare):.0f} us, "
        f"medians of {ROUNDS}"
    )
    ratio = median([one / other for one, other in zip(ours, bare, strict=True)])
    return (
        Figure("gateway call over bare LiteLLM", few.ratio, "times", 1.2, how),
        Figure("streamed chunk through the gateway over bare LiteLLM", ratio, "times", 1.1, per_chunk),
    )


if __name__ == "__main__":
    from benchmarks.figures import table

    print(table(gateway_costs()))
