"""The ledger under random schedules: parallel calls of several tasks and callers, crashes, retries, cancelled waits, late and
repeated settlements, raised caps, changes of day."""

import asyncio
import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.budget import MICRO, DayCaps, Scope, day_account, scope_of
from core.calendar import Calendar
from core.errors import BudgetExceeded, Conflict, NotFound
from memory.database import Database
from memory.ledger import SqliteLedger
from tests.unit.memory.clock import HandClock

TASK, CALLER, DAY = 10, 15, 22
"""Caps in millionths of a dollar, so that reservations collide often and to the last one."""
CAPS = DayCaps(day_usd=DAY / MICRO, caller_usd=CALLER / MICRO)
OWNERS = {"a1": "ada", "a2": "ada", "b1": "bob", "c1-replies": "cyd"}
KINDS = ("call", "call", "hold", "hold", "settle", "settle", "again", "cancel", "retry", "look", "raise", "tick")
DAY_S = 86_400


@dataclass
class Shared:
    """The one file of all schedules, and how many there were."""

    path: Path
    loop: asyncio.AbstractEventLoop
    numbers: Iterator[int] = field(default_factory=itertools.count)
    bursts: int = 0
    done: Counter[str] = field(default_factory=Counter)


@dataclass
class Call:
    """What the schedule knows of one reservation: `cost` is what it must cost in the end, None while it is open."""

    task: str
    amount: int
    day: str
    cost: int | None = None
    granted: bool = False


class LedgerMachine(RuleBasedStateMachine):
    """Bursts of parallel operations, and between them what happens to a whole process."""

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self.shared = shared
        number = next(shared.numbers)
        self.prefix = f"s{number}"
        self.clock = HandClock((20_000 + number * 1_000) * DAY_S + DAY_S / 2)
        self.calls: dict[str, Call] = {}
        self.owners = {f"{self.prefix}{task}": owner for task, owner in OWNERS.items()}
        self.caps: dict[str, int] = {}
        self.days: set[str] = set()
        self.run(self.open())

    def run(self, work: Coroutine[None, None, None]) -> None:
        self.shared.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.database.close())

    async def open(self) -> None:
        self.database = await Database.open(self.shared.path)
        self.ledger = SqliteLedger(self.database, self.clock, CAPS, Calendar())
        for task, owner in self.owners.items():
            await self.ledger.open(task, TASK / MICRO, owner)

    @rule(operations=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=10))
    def burst(self, operations: list[int]) -> None:
        """Each integer is an operation: its kind, its task, its amount, and when it goes on."""
        self.shared.bursts += 1
        self.days.add(self.today)
        self.run(self.together(operations))

    @rule()
    def crash(self) -> None:
        """The process dies with its open reservations; the next one charges them."""
        self.run(self.restart())

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.clock.time += hours * 3600

    @invariant()
    def accounts_are_right(self) -> None:
        self.run(self.check(final=True))

    @property
    def today(self) -> str:
        return Calendar().day(self.clock.now())

    async def together(self, operations: list[int]) -> None:
        await asyncio.gather(*(self.operation(number) for number in operations))

    async def operation(self, number: int) -> None:
        number, kind = divmod(number, len(KINDS))
        number, task = divmod(number, len(OWNERS))
        number, turns = divmod(number, 5)
        number, amount = divmod(number, 8)
        for _ in range(turns):
            await asyncio.sleep(0)
        self.shared.done[KINDS[kind]] += 1
        work: dict[str, Callable[[str, int, int], Coroutine[None, None, None]]] = {
            "call": self.call, "hold": self.hold, "settle": self.settle, "again": self.settle_again,
            "cancel": self.cancel, "retry": self.retry, "look": self.look, "raise": self.raise_cap, "tick": self.tick,
        }  # fmt: skip
        await work[KINDS[kind]](tuple(self.owners)[task], amount, number)

    async def reserve(self, task: str, amount: int) -> str | None:
        name, day = f"r{len(self.calls)}", self.today
        self.calls[name] = call = Call(task, amount, day)
        try:
            touched = await self.ledger.reserve(task, name, amount / MICRO)
        except BudgetExceeded:
            call.cost = 0
            return None
        call.granted = True
        assert touched == (task, day_account(day, self.owners[task]), day_account(day))
        return name

    async def hold(self, task: str, amount: int, number: int) -> None:
        await self.reserve(task, amount)

    async def call(self, task: str, amount: int, number: int) -> None:
        name = await self.reserve(task, amount)
        if name is not None:
            await asyncio.sleep(0)
            await self.finish(name, number)

    async def finish(self, name: str, number: int) -> None:
        call = self.calls[name]
        if call.cost is None:
            call.cost = call.amount * (number % 101) // 100
            await self.ledger.settle(call.task, name, call.cost / MICRO)

    async def settle(self, task: str, amount: int, number: int) -> None:
        held = [name for name, call in self.calls.items() if call.granted and call.cost is None]
        if held:
            await self.finish(held[amount % len(held)], number)

    async def settle_again(self, task: str, amount: int, number: int) -> None:
        """A second settlement, or one that comes after a crash."""
        ended = [name for name, call in self.calls.items() if call.granted and call.cost is not None]
        if ended:
            name = ended[amount % len(ended)]
            await self.ledger.settle(self.calls[name].task, name, (number % 20) / MICRO)

    async def cancel(self, task: str, amount: int, number: int) -> None:
        """A wait that is given up at any moment: it may have been granted, so it is given back."""
        name = f"r{len(self.calls)}"
        self.calls[name] = call = Call(task, amount, self.today)

        async def wait() -> None:
            call.day = self.today
            await self.ledger.reserve(task, name, amount / MICRO)

        waiting = asyncio.ensure_future(wait())
        for _ in range(number % 4):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        call.cost = 0
        with suppress(NotFound):
            await self.ledger.settle(task, name, 0)

    async def retry(self, task: str, amount: int, number: int) -> None:
        """The same reservation once more; it counts once, and a settled one cannot be used again."""
        names = [name for name, call in self.calls.items() if call.granted]
        if names:
            name = names[amount % len(names)]
            call = self.calls[name]
            with suppress(Conflict):
                await self.ledger.reserve(call.task, name, call.amount / MICRO)

    async def raise_cap(self, task: str, amount: int, number: int) -> None:
        names = (task, day_account(self.today, self.owners[task]), day_account(self.today))
        account = names[number % 3]
        cap = (
            max(self.cap(account), {Scope.TASK: TASK, Scope.CALLER: CALLER, Scope.DAY: DAY}[scope_of(account)]) + amount
        )
        with suppress(NotFound):  # nothing has happened on that day yet
            await self.ledger.set_cap(account, cap / MICRO)
            self.caps[account] = max(self.cap(account), cap)

    def cap(self, account: str) -> int:
        usual = {Scope.TASK: TASK, Scope.CALLER: CALLER, Scope.DAY: DAY}[scope_of(account)]
        return self.caps.get(account, usual)

    async def look(self, task: str, amount: int, number: int) -> None:
        await self.check(final=False)

    async def tick(self, task: str, amount: int, number: int) -> None:
        """Midnight may fall between a call's reservation and its settlement."""
        self.clock.time += 6 * 3600

    async def restart(self) -> None:
        self.shared.done["crash"] += 1
        for call in self.calls.values():
            call.cost = call.amount if call.cost is None else call.cost
        await self.database.close()
        await self.open()
        await self.ledger.release_all()

    async def check(self, *, final: bool) -> None:
        """No cap is passed and sums agree, at any moment; with `final` nothing is under way and every call is as known."""
        accounts, rows = await self.database.read(self.read)
        expected: dict[str, list[int]] = {account: [0, 0] for account in accounts}
        for task, _, amount, cost, day in rows:
            for account in (task, day_account(day), day_account(day, self.owners[task])):
                expected[account][cost is None] += amount if cost is None else cost
        assert {account: [spent, reserved] for account, (spent, reserved, _) in accounts.items()} == expected
        for account, (spent, reserved, cap) in accounts.items():
            usual = {Scope.TASK: 0, Scope.CALLER: CALLER, Scope.DAY: DAY}[scope_of(account)]
            assert spent + reserved <= max(usual, cap)
        if final:
            stored = {name: (task, amount, cost, day) for task, name, amount, cost, day in rows}
            known = {name: call for name, call in self.calls.items() if name in stored}
            assert {name: (call.task, call.amount, call.cost, call.day) for name, call in known.items()} == stored
            lost = {name for name, call in self.calls.items() if name not in stored and call.cost != 0}
            assert not lost

    def read(self, connection):  # type: ignore[no-untyped-def]  # rows of sqlite3
        """Accounts of this schedule by name (spent, reserved, cap), and its reservations."""
        connection.execute("BEGIN")  # one moment for all of it
        try:
            return self.at_one_moment(connection)
        finally:
            connection.execute("COMMIT")

    def at_one_moment(self, connection):  # type: ignore[no-untyped-def]  # rows of sqlite3
        tasks = tuple(self.owners)
        marks = ",".join("?" * len(tasks))
        rows = connection.execute(
            f"SELECT account, reservation_id, amount, cost, day FROM reservations WHERE account IN ({marks})", tasks
        ).fetchall()
        accounts = {}
        for row in connection.execute(f"SELECT * FROM accounts WHERE account IN ({marks})", tasks):
            accounts[row["account"]] = (row["spent"], row["reserved"], row["cap"])
        for day in self.days | {row["day"] for row in rows}:
            bounds = (f"day:{day}", f"day:{day};")
            for row in connection.execute("SELECT * FROM accounts WHERE account >= ? AND account < ?", bounds):
                accounts[row["account"]] = (row["spent"], row["reserved"], row["cap"])
        return accounts, [tuple(row) for row in rows]


@contextmanager
def a_file() -> Iterator[Shared]:
    loop = asyncio.new_event_loop()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Shared(Path(folder) / "autonomy.db", loop)
    finally:
        loop.close()


@pytest.mark.timeout(900)
def test_no_schedule_passes_a_cap_loses_a_reservation_or_counts_one_twice() -> None:
    with a_file() as shared:
        run_state_machine_as_test(
            lambda: LedgerMachine(shared),
            settings=settings(
                max_examples=300, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    assert shared.bursts > 1_000, shared.done
    assert min(shared.done.values()) > 100, shared.done
