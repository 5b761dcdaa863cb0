"""Accounts of tasks in whole millionths of a dollar. A reservation is one statement, so no two calls can share a cent."""

import sqlite3

from core.budget import MICRO, Spend, micro_usd
from core.errors import BudgetExceeded, Conflict, NotFound
from memory.database import Database


class SqliteLedger:
    """Ledger over the tables `accounts` and `reservations`.

    The promise: a reservation is granted only while `spent + reserved + amount <= cap`, so calls that keep within
    their reservations never take an account over its cap. A settlement records what was really charged, even where a
    provider charged more than was reserved; then nothing further is granted until the cap is raised.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, task_id: str, cap_usd: float) -> None:
        """Create the account; does nothing if it is there."""
        cap = micro_usd(cap_usd)
        await self._database.write(
            lambda connection: (
                connection.execute(
                    "INSERT INTO accounts(task_id, cap) VALUES (?, ?) ON CONFLICT DO NOTHING", (task_id, cap)
                ).rowcount
            )
        )

    async def set_cap(self, task_id: str, cap_usd: float) -> None:
        """Raises NotFound. A cap below what is spent stops further reservations and takes nothing back."""
        cap = micro_usd(cap_usd)

        def change(connection: sqlite3.Connection) -> None:
            if not connection.execute("UPDATE accounts SET cap = ? WHERE task_id = ?", (cap, task_id)).rowcount:
                raise _unknown_account(task_id)

        await self._database.write(change)

    async def reserve(self, task_id: str, reservation_id: str, amount_usd: float) -> None:
        """Set `amount_usd` aside; an open reservation of this id is left as it is. A free call always fits.

        Raises BudgetExceeded when it does not fit, Conflict when the id was settled before, NotFound.
        """
        amount = micro_usd(amount_usd)
        await self._database.write(lambda connection: _reserve(connection, task_id, reservation_id, amount))

    async def settle(self, task_id: str, reservation_id: str, cost_usd: float) -> None:
        """Turn a reservation into what was really spent (0 releases it); a second settlement does nothing.

        Raises NotFound for a reservation that was never made.
        """
        cost = micro_usd(cost_usd)
        await self._database.write(lambda connection: _settle(connection, task_id, reservation_id, cost))

    async def spend(self, task_id: str) -> Spend:
        """Raises NotFound."""
        return await self._database.read(lambda connection: _spend(connection, task_id))

    async def release_all(self) -> None:
        """Charge every open reservation in full: its call may have been billed before the process ended."""

        def charge(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE reservations SET cost = amount WHERE cost IS NULL")
            connection.execute("UPDATE accounts SET spent = spent + reserved, reserved = 0 WHERE reserved > 0")

        await self._database.write(charge)


def _reserve(connection: sqlite3.Connection, task_id: str, reservation_id: str, amount: int) -> None:
    known = connection.execute(
        "SELECT cost FROM reservations WHERE task_id = ? AND reservation_id = ?", (task_id, reservation_id)
    ).fetchone()
    if known is not None:
        if known["cost"] is not None:
            raise Conflict(f"reservation {reservation_id} was settled before", reservation_id=reservation_id)
        return
    granted = connection.execute(
        "UPDATE accounts SET reserved = reserved + :amount "
        "WHERE task_id = :task AND (:amount = 0 OR spent + reserved + :amount <= cap)",
        {"amount": amount, "task": task_id},
    ).rowcount
    if not granted:
        raise _does_not_fit(_spend(connection, task_id), amount / MICRO)
    connection.execute(
        "INSERT INTO reservations(task_id, reservation_id, amount) VALUES (?, ?, ?)", (task_id, reservation_id, amount)
    )


def _settle(connection: sqlite3.Connection, task_id: str, reservation_id: str, cost: int) -> None:
    row = connection.execute(
        "SELECT amount, cost FROM reservations WHERE task_id = ? AND reservation_id = ?", (task_id, reservation_id)
    ).fetchone()
    if row is None:
        raise NotFound(f"task {task_id} has no reservation {reservation_id}", reservation_id=reservation_id)
    if row["cost"] is not None:
        return
    connection.execute(
        "UPDATE reservations SET cost = ? WHERE task_id = ? AND reservation_id = ?", (cost, task_id, reservation_id)
    )
    connection.execute(
        "UPDATE accounts SET reserved = reserved - ?, spent = spent + ? WHERE task_id = ?",
        (row["amount"], cost, task_id),
    )


def _spend(connection: sqlite3.Connection, task_id: str) -> Spend:
    row = connection.execute("SELECT * FROM accounts WHERE task_id = ?", (task_id,)).fetchone()
    if row is None:
        raise _unknown_account(task_id)
    return Spend(cap_usd=row["cap"] / MICRO, spent_usd=row["spent"] / MICRO, reserved_usd=row["reserved"] / MICRO)


def _does_not_fit(spend: Spend, needed_usd: float) -> BudgetExceeded:
    return BudgetExceeded(
        f"the next call may cost up to ${needed_usd:.4f}, but ${max(0.0, spend.free_usd):.4f} of ${spend.cap_usd:.2f} "
        f"is left (${spend.spent_usd:.4f} spent, ${spend.reserved_usd:.4f} set aside for calls under way)",
        cap_usd=spend.cap_usd,
        spent_usd=spend.spent_usd,
        reserved_usd=spend.reserved_usd,
        needed_usd=needed_usd,
    )


def _unknown_account(task_id: str) -> NotFound:
    return NotFound(f"task {task_id} has no account", task_id=task_id)
