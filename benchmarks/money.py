"""What the ledger adds to a model call: reserve and settle of twenty agents at once, beside bare rows in the same file."""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, median
from core.budget import DayCaps
from core.calendar import Calendar
from core.computing import short_turns
from memory.database import Database, T, Work
from memory.ledger import SqliteLedger
from wiring import SystemClock

AGENTS, CALLS, ROUNDS = 20, 100, 5
CALL_S = 0.05
"""A model call, as short as none is."""
Step = Callable[[int, str], Awaitable[object]]


@dataclass
class Measured:
    """Of every call: ms from the call of a step to its return, both steps together. Of every round: CPU per call in ms."""

    rounds: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def waits(self) -> list[float]:
        return [wait for waits in self.rounds for wait in waits]


class TimedDatabase(Database):
    """Notes how much CPU each piece of work takes in the writer's thread, in ms."""

    spent: list[float]

    async def write(self, work: Work[T], *, committed: Callable[[T], None] | None = None) -> T:
        def timed(connection: sqlite3.Connection) -> T:
            began = time.thread_time()
            try:
                return work(connection)
            finally:
                self.spent.append((time.thread_time() - began) * 1000)

        return await super().write(timed, committed=committed)


def p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


async def ledger_costs() -> Sequence[Figure]:
    """Rounds of both in turn, so that whatever else the machine does meets both."""
    with tempfile.TemporaryDirectory(prefix="autonomy-bench-") as folder:
        database = await TimedDatabase.open(Path(folder) / "autonomy.db")
        database.spent = []
        try:
            with short_turns():  # as in the service
                return await _compare(database)
        finally:
            await database.close()


async def _compare(database: TimedDatabase) -> Sequence[Figure]:
    caps = DayCaps(day_usd=1_000_000, caller_usd=1_000_000)
    ledger = SqliteLedger(database, SystemClock(), caps, Calendar())
    await database.write(
        lambda connection: connection.execute("CREATE TABLE bare (name TEXT PRIMARY KEY, cost INTEGER)")
    )
    for task in range(AGENTS // 4):
        await ledger.open(f"t{task}", 1_000_000, f"caller{task % 2}")

    async def reserve(agent: int, name: str) -> None:
        await ledger.reserve(f"t{agent // 4}", name, 0.25)

    async def settle(agent: int, name: str) -> None:
        await ledger.settle(f"t{agent // 4}", name, 0.01)

    async def insert(agent: int, name: str) -> None:
        await database.write(
            lambda connection: connection.execute("INSERT INTO bare VALUES (?, NULL)", (name,)).rowcount
        )

    async def update(agent: int, name: str) -> None:
        await database.write(
            lambda connection: connection.execute("UPDATE bare SET cost = 1 WHERE name = ?", (name,)).rowcount
        )

    counted, bare, nothing = Measured(), Measured(), Measured()
    works: list[float] = []
    for number in range(ROUNDS):
        await _round(nothing, f"n{number}", _pass, _pass)
        await _round(bare, f"b{number}", insert, update)
        database.spent = []
        await _round(counted, f"l{number}", reserve, settle)
        works += database.spent
    busy = [await _hammer(reserve, settle, f"h{number}") for number in range(3)]
    return _figures(counted, bare, nothing, works, median(busy))


async def _pass(agent: int, name: str) -> None: ...


async def _round(measured: Measured, prefix: str, before: Step, after: Step) -> None:
    waits: list[float] = []
    measured.rounds.append(waits)
    began = time.process_time()
    await asyncio.gather(*(_agent(waits, prefix, agent, before, after) for agent in range(AGENTS)))
    measured.cpu.append((time.process_time() - began) / (AGENTS * CALLS) * 1000)


async def _agent(waits: list[float], prefix: str, agent: int, before: Step, after: Step) -> None:
    chance = random.Random(agent)
    for call in range(CALLS):
        name = f"{prefix}-{agent}-{call}"
        began = time.perf_counter()
        await before(agent, name)
        waited = time.perf_counter() - began
        await asyncio.sleep(CALL_S * chance.uniform(0.5, 1.5))
        began = time.perf_counter()
        await after(agent, name)
        waits.append((waited + time.perf_counter() - began) * 1000)


async def _hammer(before: Step, after: Step, prefix: str) -> float:
    """Pairs a second when calls take no time at all."""

    async def agent(number: int) -> None:
        for call in range(CALLS):
            name = f"{prefix}-{number}-{call}"
            await before(number, name)
            await after(number, name)

    began = time.perf_counter()
    await asyncio.gather(*map(agent, range(AGENTS)))
    return AGENTS * CALLS / (time.perf_counter() - began)


def _figures(
    counted: Measured, bare: Measured, nothing: Measured, works: Sequence[float], pairs: float
) -> Sequence[Figure]:
    added = median([p99(ours) - p99(theirs) for ours, theirs in zip(counted.rounds, bare.rounds, strict=True)])
    agents = f"{AGENTS} agents of {AGENTS // 4} tasks at once, model calls of about {CALL_S * 1000:.0f} ms"
    how = (
        f"wall of both steps, {agents}, median of {ROUNDS} rounds of {AGENTS * CALLS:,} calls, in turn with an INSERT and an "
        f"UPDATE of one bare row through the same writer; median of all calls {median(counted.waits):.2f} ms, p99 "
        f"{p99(counted.waits):.1f} ms; bare {median(bare.waits):.2f} ms, p99 {p99(bare.waits):.1f} ms"
    )
    inside = (
        f"CPU of the writer's thread in a reservation or a settlement, p99 of {len(works):,}; median "
        f"{median(works):.3f} ms; {agents}"
    )
    cpu, bare_cpu, base = median(counted.cpu), median(bare.cpu), median(nothing.cpu)
    spent = f"of the process for each call: {cpu - base:.3f} ms, {bare_cpu - base:.3f} ms for the bare row; medians of {ROUNDS}"
    busy = f"{AGENTS} agents whose calls take no time, median of 3 rounds"
    whole = median([p99(waits) for waits in counted.rounds])
    plain = f"the same rounds without taking anything off; bare {median([p99(waits) for waits in bare.rounds]):.2f} ms"
    return (
        Figure("reserve and settle, p99", whole, "ms", 1.0, plain),
        Figure("reserve and settle beyond two bare writes, p99", added, "ms", 1.0, how),
        Figure("the ledger's work in the store, p99", p99(works), "ms", 0.5, inside),
        Figure("CPU of reserve and settle beyond two bare writes", cpu - bare_cpu, "ms", 0.5, spent),
        Figure("reserve and settle, one after the other", pairs, "pairs/s", None, busy),
    )


if __name__ == "__main__":
    from benchmarks.figures import table

    print(table(asyncio.run(ledger_costs())))
