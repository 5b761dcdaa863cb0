"""Random interleavings of writers and readers over a ring so small that readers fall out of it all the time."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.events import LlmDelta, Notice
from core.frames import Frame
from core.types import AgentName
from tests.unit.memory.stores import Stores, sqlite_stores

TASKS = ("t1", "t2")


@dataclass(frozen=True)
class Append:
    task_id: str
    count: int


@dataclass(frozen=True)
class Publish:
    task_id: str


@dataclass(frozen=True)
class Subscribe:
    """From now, or behind a share of what has been written (percent); `slowness` turns of the loop after each batch."""

    task_id: str | None
    share: int | None
    slowness: int


@dataclass(frozen=True)
class Cancel:
    """The reader with this number, of those there are."""

    number: int


@dataclass(frozen=True)
class Turn:
    times: int


STEPS = st.lists(
    st.one_of(
        st.builds(Append, st.sampled_from(TASKS), st.integers(1, 6)),
        st.builds(Publish, st.sampled_from(TASKS)),
        st.builds(
            Subscribe,
            st.sampled_from((None, *TASKS)),
            st.none() | st.integers(0, 100),
            st.integers(0, 8),
        ),
        st.builds(Cancel, st.integers(0, 9)),
        st.builds(Turn, st.integers(1, 20)),
    ),
    min_size=3,
    max_size=40,
)


@dataclass
class Reader:
    """What one subscriber must see and saw: stored events by position, live ones by the number in their text."""

    task_id: str | None
    after: int
    first_delta: int
    positions: list[int] = field(default_factory=list)
    deltas: list[int] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    async def follow(self, batches: AsyncIterator[Sequence[Frame]], slowness: int) -> None:
        async for batch in batches:
            for frame in batch:
                event = frame.stored.event
                assert self.task_id in (None, frame.task_id)
                if isinstance(event, LlmDelta):
                    self.deltas.append(int(event.text))
                else:
                    assert frame.position == frame.stored.position
                    self.positions.append(frame.position)
            for _ in range(slowness):
                await asyncio.sleep(0)


@dataclass
class Run:
    stores: Stores
    written: list[tuple[int, str]] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    async def step(self, step: Append | Publish | Subscribe | Cancel | Turn) -> None:
        match step:
            case Append():
                await self._append(step.task_id, step.count)
            case Publish():
                self.stores.events.publish(
                    step.task_id, LlmDelta(agent=AgentName.QA, call_id="c", text=str(len(self.published)))
                )
                self.published.append(step.task_id)
            case Subscribe():
                self._subscribe(step)
            case Cancel() if self.readers:
                task = self.readers[step.number % len(self.readers)].task
                assert task is not None
                task.cancel()
            case Turn():
                for _ in range(step.times):
                    await asyncio.sleep(0)

    async def _append(self, task_id: str, count: int) -> None:
        stored = await self.stores.events.append(task_id, *(Notice(text="x") for _ in range(count)))
        self.written += [(event.position, task_id) for event in stored]

    def _subscribe(self, step: Subscribe) -> None:
        newest = self.written[-1][0] if self.written else 0
        after = None if step.share is None else newest * step.share // 100
        reader = Reader(step.task_id, newest if after is None else after, len(self.published))
        batches = self.stores.events.follow(task_id=step.task_id, after=after)
        reader.task = asyncio.create_task(reader.follow(batches, step.slowness))
        self.readers.append(reader)

    def check(self, reader: Reader, *, cut_off: bool) -> None:
        """Who was cut off saw the beginning. Of live ones some may be missing, but none is repeated or out of order."""
        expected = [at for at, task_id in self.written if at > reader.after and reader.task_id in (None, task_id)]
        assert reader.positions == (expected[: len(reader.positions)] if cut_off else expected)
        assert reader.deltas == sorted(set(reader.deltas))
        assert all(number >= reader.first_delta for number in reader.deltas)
        assert all(reader.task_id in (None, self.published[number]) for number in reader.deltas)


async def play(folder: Path, steps: list[Append | Publish | Subscribe | Cancel | Turn], ring: tuple[int, int]) -> None:
    async with sqlite_stores(folder, ring_capacity=ring[0], ring_bytes=ring[1]) as stores:
        run = Run(stores)
        for step in steps:
            await run.step(step)
        stores.events.close()
        tasks = [reader.task for reader in run.readers if reader.task is not None]
        async with asyncio.timeout(120):
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for reader, end in zip(run.readers, ends, strict=True):
            run.check(reader, cut_off=isinstance(end, asyncio.CancelledError))
        assert stores.events.waiting == 0


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, ring=st.tuples(st.integers(1, 5), st.integers(150, 900)))
def test_every_reader_sees_each_stored_event_once_and_in_order(
    steps: list[Append | Publish | Subscribe | Cancel | Turn], ring: tuple[int, int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), steps, ring))
