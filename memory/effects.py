"""The effects table: what is done outside of the service, written down before it is begun and when it is done."""

import sqlite3
from collections.abc import Sequence

import orjson

from core.effects import Effect, EffectKey, EffectStatus
from core.errors import Conflict, NotFound
from core.events import Event, StoredEvent
from core.ports import Clock
from core.types import JsonObject
from memory.database import Database
from memory.events import SqliteEventLog
from memory.tasks import update_task

LONGEST_DELAY_S = 24 * 3600.0
"""A delivery that is due later than this from now was put off under a clock that has gone back since: it is due now."""
_FIND = "SELECT * FROM effects WHERE task_id = ? AND node = ? AND iteration = ? AND kind = ?"
_CHANGE = """
UPDATE effects SET status = ?, result = ?, attempts = ?, error = ?, ended_at = ?, due_at = ?
WHERE task_id = ? AND node = ? AND iteration = ? AND kind = ?"""


class SqliteEffectStore:
    """EffectStore over the tables `effects` and `channels`, in the file that holds tasks and events."""

    def __init__(self, database: Database, events: SqliteEventLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._clock = clock

    async def begin(self, key: EffectKey, intent: JsonObject) -> Effect:
        """Write the intent down, or count one more attempt of what was begun; what is done is returned as it is.

        Raises Conflict when the key was begun with another intent.
        """
        now = self._clock.now()
        return await self._database.write(lambda connection: _begin(connection, key, intent, now))

    async def finish(
        self, key: EffectKey, result: JsonObject, events: Sequence[Event] = (), **changes: object
    ) -> Effect:
        """Mark it done, append `events` and change the task's row, all or nothing; the second time does nothing.

        Raises NotFound for an effect that was not begun, and what `TaskStore.update` raises.
        """
        now = self._clock.now()

        def finish(connection: sqlite3.Connection) -> tuple[Effect, tuple[StoredEvent, ...]]:
            effect = _load(connection, key)
            if effect.status is EffectStatus.DONE:
                return effect, ()
            done = _change(connection, effect, status=EffectStatus.DONE, result=result, error="", ended_at=now)
            stored: tuple[StoredEvent, ...] = ()
            if events or changes:
                stored = update_task(connection, key.task_id, tuple(events), changes, now)
            return done, stored

        effect, _ = await self._database.write(finish, committed=lambda outcome: self._events.announce(outcome[1]))
        return effect

    async def list(self, task_id: str) -> Sequence[Effect]:
        def read(connection: sqlite3.Connection) -> tuple[Effect, ...]:
            rows = connection.execute("SELECT * FROM effects WHERE task_id = ? ORDER BY number", (task_id,))
            return tuple(_effect(row) for row in rows)

        return await self._database.read(read)

    async def position(self, channel: str) -> int:
        """How far the log has been read for `channel`; a new channel is told from now on, not of the past."""

        def read(connection: sqlite3.Connection) -> int:
            connection.execute(
                "INSERT INTO channels SELECT ?, (SELECT coalesce(max(position), 0) FROM events) WHERE true "
                "ON CONFLICT DO NOTHING",
                (channel,),
            )
            row = connection.execute("SELECT position FROM channels WHERE channel = ?", (channel,)).fetchone()
            return int(row["position"])

        return await self._database.write(read)

    async def feed(self, channel: str, position: int, deliveries: Sequence[tuple[EffectKey, JsonObject]]) -> None:
        now = self._clock.now()

        def add(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO effects(task_id, node, iteration, kind, channel, status, intent, begun_at, due_at) "
                "VALUES (?, ?, ?, ?, ?, 'intended', ?, ?, ?) ON CONFLICT DO NOTHING",
                [(*_values(key), channel, _json(intent), now, now) for key, intent in deliveries],
            )
            connection.execute("UPDATE channels SET position = ? WHERE channel = ?", (position, channel))

        await self._database.write(add)

    async def due(self, channel: str, limit: int) -> Sequence[Effect]:
        """Per task the oldest delivery that waits, if its time has come: a later one never overtakes it."""
        now = self._clock.now()

        def read(connection: sqlite3.Connection) -> tuple[Effect, ...]:
            rows = connection.execute(
                "SELECT * FROM (SELECT *, min(number) FROM effects WHERE channel = ? AND status = 'intended' "
                "GROUP BY task_id) WHERE due_at <= ? OR due_at > ? ORDER BY number LIMIT ?",
                (channel, now, now + LONGEST_DELAY_S, limit),
            )
            return tuple(_effect(row) for row in rows)

        return await self._database.read(read)

    async def waiting(self) -> dict[str, int]:
        """How many deliveries of each channel are not made yet."""

        def count(connection: sqlite3.Connection) -> dict[str, int]:
            rows = connection.execute(
                "SELECT channels.channel, count(effects.number) FROM channels LEFT JOIN effects "
                "ON effects.channel = channels.channel AND effects.status = 'intended' GROUP BY channels.channel"
            )
            return {str(channel): int(number) for channel, number in rows}

        return await self._database.read(count)

    async def postpone(self, key: EffectKey, error: str, due_at: float | None) -> Effect:
        now = self._clock.now()

        def change(connection: sqlite3.Connection) -> Effect:
            effect = _load(connection, key)
            if due_at is None:
                return _change(connection, effect, status=EffectStatus.GIVEN_UP, error=error, ended_at=now)
            return _change(connection, effect, error=error, due_at=due_at)

        return await self._database.write(change)


def _begin(connection: sqlite3.Connection, key: EffectKey, intent: JsonObject, now: float) -> Effect:
    connection.execute(
        "INSERT INTO effects(task_id, node, iteration, kind, status, intent, begun_at) "
        "VALUES (?, ?, ?, ?, 'intended', ?, ?) ON CONFLICT DO NOTHING",
        (*_values(key), _json(intent), now),
    )
    effect = _load(connection, key)
    if effect.intent != intent:
        raise Conflict(
            f"task {key.task_id}: {key.kind} of {key.node} was begun with something else in mind; it is not done again",
            effect=key.id,
        )
    if effect.status is EffectStatus.INTENDED:
        return _change(connection, effect, attempts=effect.attempts + 1)
    return effect


def _change(connection: sqlite3.Connection, effect: Effect, **changes: object) -> Effect:
    new = effect.model_copy(update=changes)
    result = None if new.result is None else _json(new.result)
    row = (new.status, result, new.attempts, new.error, new.ended_at, new.due_at)
    connection.execute(_CHANGE, (*row, *_values(new.key)))
    return new


def _load(connection: sqlite3.Connection, key: EffectKey) -> Effect:
    row = connection.execute(_FIND, _values(key)).fetchone()
    if row is None:
        raise NotFound(f"task {key.task_id}: {key.kind} of {key.node} was never begun", effect=key.id)
    return _effect(row)


def _json(value: JsonObject) -> str:
    return orjson.dumps(value).decode()


def _values(key: EffectKey) -> tuple[str, str, int, str]:
    return (key.task_id, key.node, key.iteration, key.kind)


def _effect(row: sqlite3.Row) -> Effect:
    return Effect(
        key=EffectKey(task_id=row["task_id"], node=row["node"], iteration=row["iteration"], kind=row["kind"]),
        status=EffectStatus(row["status"]),
        intent=orjson.loads(row["intent"]),
        result=None if row["result"] is None else orjson.loads(row["result"]),
        attempts=row["attempts"],
        error=row["error"],
        begun_at=row["begun_at"],
        ended_at=row["ended_at"],
        due_at=row["due_at"],
    )
