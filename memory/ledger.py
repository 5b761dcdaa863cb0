"""Accounts in whole millionths of a dollar. A reservation is one step of one transaction over all its accounts, so that no
two calls can share a cent of any of them."""

import sqlite3
from collections.abc import Callable, Sequence

from core.budget import (
    MICRO,
    DayCaps,
    DaySpend,
    Scope,
    Spend,
    day_account,
    kept_for_replies,
    micro_charge,
    micro_usd,
    scope_of,
)
from core.calendar import Calendar
from core.errors import BudgetExceeded, Conflict, NotFound
from core.ports import Clock
from core.types import JsonObject
from memory.database import Database
from memory.refusals import overrun, reached, unknown_price

MOST_CALLERS = 50
_TOUCHED = "(:payer, :day, :day || ':' || (SELECT caller FROM accounts WHERE account = :payer))"
_ACCOUNTS = f"SELECT * FROM accounts WHERE account IN {_TOUCHED} ORDER BY account <> :payer, account DESC"  # noqa: S608  # fixed words
"""The task's, the caller's day, the day."""
_ADD_DAYS = """
INSERT INTO accounts(account, caller, cap)
SELECT :day, '', 0 UNION ALL SELECT :day || ':' || caller, caller, 0 FROM accounts WHERE account = :payer
ON CONFLICT DO NOTHING"""
_NEW = "INSERT INTO reservations(account, reservation_id, amount, day) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_HOLD = f"UPDATE accounts SET reserved = reserved + :amount WHERE account IN {_TOUCHED}"  # noqa: S608  # fixed words
_CHARGE = f"""
UPDATE accounts SET reserved = reserved - :amount, spent = spent + :cost,
    overrun = overrun + CASE account WHEN :payer THEN max(0, :cost - :amount) ELSE 0 END
WHERE account IN {_TOUCHED}"""  # noqa: S608  # fixed words
_DAY = """
SELECT * FROM accounts WHERE account = ? OR (account > ? AND account < ?)
ORDER BY caller <> '', spent + reserved DESC, account LIMIT ?"""


class SqliteLedger:
    """Ledger over the tables `accounts`, `reservations` and `guesses`.

    The promise: a reservation is granted only while `spent + reserved + amount <= cap` holds in the task's account, in
    that of its caller's day and in that of the day. So calls that keep within their reservations never take an account
    over its cap. A settlement records what was really charged, even where a provider charged more than was reserved;
    then the task's account is closed until a person has spoken.

    A small part of each day is left to reading people's replies.

    A reservation counts for the day on which it was made, whenever it is settled. A day's cap is that of `caps`, or what
    it was raised to, whichever is higher.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        caps: DayCaps,
        calendar: Calendar,
        *,
        caller_cap: Callable[[str], float | None] = lambda _: None,
    ) -> None:
        """`caller_cap` gives the daily budget of a caller who has one of his own, in USD; called in any thread."""
        self._database = database
        self._clock = clock
        self._calendar = calendar
        usual = {Scope.DAY: caps.day_usd, Scope.CALLER: caps.caller_usd}
        self._caller_cap = caller_cap
        self._usual = {scope: micro_usd(cap) for scope, cap in usual.items() if cap is not None}

    async def open(self, account: str, cap_usd: float, caller: str = "local") -> None:
        """Create the account of a task; does nothing if it is there."""
        values = (account, micro_usd(cap_usd), caller)
        await self._database.write(
            lambda connection: (
                connection.execute(
                    "INSERT INTO accounts(account, cap, caller) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values
                ).rowcount
            )
        )

    async def set_cap(self, account: str, cap_usd: float) -> None:
        """Raises NotFound. A task's cap below what is spent stops further reservations and takes nothing back."""
        values = {"account": account, "cap": micro_usd(cap_usd), "is_task": scope_of(account) is Scope.TASK}

        def change(connection: sqlite3.Connection) -> None:
            if not connection.execute(
                "UPDATE accounts SET cap = iif(:is_task, :cap, max(cap, :cap)), overrun = 0, said = said + 1 "
                "WHERE account = :account",
                values,
            ).rowcount:
                raise _unknown_account(account)

        await self._database.write(change)

    async def reserve(
        self, account: str, reservation_id: str, amount_usd: float, *, guess: str | None = None
    ) -> tuple[str, ...]:
        """Set `amount_usd` aside; an open reservation of this id is left as it is. A free call always fits.

        Raises BudgetExceeded when it does not fit, Conflict when the id was settled before, NotFound.
        """
        day = self._calendar.day(self._clock.now())
        names = {"payer": account, "day": day_account(day)}
        values = (account, reservation_id, micro_usd(amount_usd), day)

        def hold(connection: sqlite3.Connection) -> tuple[str, ...] | BudgetExceeded:
            if not connection.execute(_NEW, values).rowcount:
                return _known(connection, account, reservation_id)
            rows = _touched(connection, names)
            refusal = self._refusal(connection, rows, values[2], guess) if values[2] else None
            if refusal is not None:  # returned and not raised: those who share the transaction need not start again
                connection.execute("DELETE FROM reservations WHERE account = ? AND reservation_id = ?", values[:2])
                return refusal
            connection.execute(_HOLD, {**names, "amount": values[2]})
            return tuple(row["account"] for row in rows)

        held = await self._database.write(hold)
        if isinstance(held, BudgetExceeded):
            raise held
        return held

    async def settle(self, account: str, reservation_id: str, cost_usd: float) -> float:
        """Turn a reservation into what was really spent (0 releases it); a second settlement does nothing.

        Returns the USD above what was set aside. Raises NotFound for a reservation that was never made.
        """
        cost = micro_charge(cost_usd)
        over = await self._database.write(lambda connection: _settle(connection, account, reservation_id, cost))
        return over / MICRO

    async def spend(self, account: str) -> Spend:
        """Raises NotFound."""
        return self._spend(await self._database.read(lambda connection: _row(connection, account)))

    async def today(self) -> Sequence[DaySpend]:
        """The day's account, then those of at most 50 callers, who have spent most first."""
        day = self._calendar.day(self._clock.now())
        name = day_account(day)
        rows = await self._database.read(
            lambda connection: connection.execute(_DAY, (name, f"{name}:", f"{name};", MOST_CALLERS + 1)).fetchall()
        )
        ends_at = self._calendar.ends_at(day)
        found = [
            DaySpend(**self._spend(row).model_dump(), day=day, ends_at=ends_at, caller=row["caller"] or None)
            for row in rows
        ]
        usual = self._usual.get(Scope.DAY)
        return found or [DaySpend(cap_usd=None if usual is None else usual / MICRO, day=day, ends_at=ends_at)]

    async def closed(self) -> int:
        """How many accounts an overrun has closed."""

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM accounts WHERE overrun > 0").fetchone()[0])

        return await self._database.read(count)

    async def release_all(self) -> None:
        """Charge every open reservation in full: its call may have been billed before the process ended."""

        def charge(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE reservations SET cost = amount WHERE cost IS NULL")
            connection.execute("UPDATE accounts SET spent = spent + reserved, reserved = 0 WHERE reserved > 0")

        await self._database.write(charge)

    def _cap(self, row: sqlite3.Row) -> int | None:
        """None where there is none."""
        scope, cap = scope_of(row["account"]), int(row["cap"])
        if scope is Scope.TASK:
            return cap
        usual = self._usual.get(scope)
        if scope is Scope.CALLER and (own := self._caller_cap(row["caller"])) is not None:
            usual = micro_usd(own)
        return None if usual is None else max(usual, cap)

    def _spend(self, row: sqlite3.Row) -> Spend:
        cap = self._cap(row)
        return Spend(
            cap_usd=None if cap is None else cap / MICRO,
            spent_usd=row["spent"] / MICRO,
            reserved_usd=row["reserved"] / MICRO,
            overrun_usd=row["overrun"] / MICRO,
        )

    def _refusal(
        self, connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], amount: int, guess: str | None
    ) -> BudgetExceeded | None:
        """Why nothing may be set aside, if so; of several reasons the one that is nearest to the task."""
        task = rows[0]
        if task["overrun"]:
            return overrun(task["account"], self._spend(task), amount / MICRO)
        if guess is not None and not _spoken(connection, task, guess):
            return unknown_price(task["account"], self._spend(task), amount / MICRO, guess)
        for row in rows:
            cap = self._cap(row)
            if cap is None:
                continue
            kept = kept_for_replies(row["account"], cap, task["account"])
            if row["spent"] + row["reserved"] + amount > cap - kept:
                return reached(
                    row["account"], self._spend(row), amount / MICRO, kept / MICRO, self._opens(row["account"])
                )
        return None

    def _opens(self, account: str) -> JsonObject:
        """When a day's account opens again: as Unix time and for people."""
        if scope_of(account) is Scope.TASK:
            return {}
        ends_at = self._calendar.ends_at(account.split(":")[1])
        return {"ends_at": ends_at, "opens": self._calendar.describe(ends_at)}


def _touched(connection: sqlite3.Connection, names: dict[str, str]) -> list[sqlite3.Row]:
    """The accounts that a call of the payer counts in on a day: the task's, its caller's, the day's. Raises NotFound."""
    rows = connection.execute(_ACCOUNTS, names).fetchall()
    if len(rows) < 3:
        connection.execute(_ADD_DAYS, names)
        rows = connection.execute(_ACCOUNTS, names).fetchall()
    if len(rows) < 3:
        raise _unknown_account(names["payer"])
    return rows


def _known(connection: sqlite3.Connection, account: str, reservation_id: str) -> tuple[str, ...]:
    """The accounts of a reservation that is open already."""
    found = connection.execute(
        "SELECT cost, day FROM reservations WHERE account = ? AND reservation_id = ?", (account, reservation_id)
    ).fetchone()
    if found["cost"] is not None:
        raise Conflict(f"reservation {reservation_id} was settled before", reservation_id=reservation_id)
    names = {"payer": account, "day": day_account(found["day"])}
    return tuple(row["account"] for row in _touched(connection, names))


def _spoken(connection: sqlite3.Connection, task: sqlite3.Row, model: str) -> bool:
    """Whether a person has spoken about the account since this model was first asked for."""
    values = (task["account"], model, task["said"])
    connection.execute("INSERT INTO guesses VALUES (?, ?, ?) ON CONFLICT DO NOTHING", values)
    asked = connection.execute("SELECT said FROM guesses WHERE account = ? AND model = ?", values[:2]).fetchone()
    return bool(task["said"] > asked["said"])


def _settle(connection: sqlite3.Connection, account: str, reservation_id: str, cost: int) -> int:
    key = (account, reservation_id)
    row = connection.execute(
        "UPDATE reservations SET cost = ? WHERE account = ? AND reservation_id = ? AND cost IS NULL "
        "RETURNING amount, day",
        (cost, *key),
    ).fetchone()
    if row is None:
        known = "SELECT 1 FROM reservations WHERE account = ? AND reservation_id = ?"
        if connection.execute(known, key).fetchone() is None:
            raise NotFound(f"account {account} has no reservation {reservation_id}", reservation_id=reservation_id)
        return 0
    amount = int(row["amount"])
    names = {"payer": account, "day": day_account(row["day"])}
    connection.execute(_CHARGE, {**names, "amount": amount, "cost": cost})
    return max(0, cost - amount)


def _row(connection: sqlite3.Connection, account: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM accounts WHERE account = ?", (account,)).fetchone()
    if row is None:
        raise _unknown_account(account)
    return row


def _unknown_account(account: str) -> NotFound:
    return NotFound(f"there is no account {account}", account=account)
