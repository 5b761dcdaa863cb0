"""Whose turn it is: callers take turns, however many tasks each of them has submitted and in whatever order they came.

Tasks are begun in rounds, and a caller has one task in each. A new task goes into the round after the caller's last one,
but never into a round that is over already: who was away has saved up nothing. So a caller with one task waits for one
task of everybody else, and a task in a late round waits only until the rounds before it are over, which no newcomer can
put off. This is start-time fair queueing with tasks of equal size.
"""

import sqlite3

_NEXT = """
SELECT max(
    coalesce((SELECT max(turn) FROM tasks WHERE status <> 'queued'), 0),
    coalesce((SELECT max(turn) + 1 FROM tasks WHERE caller = ?), 0))"""


def next_turn(connection: sqlite3.Connection, caller: str) -> int:
    """The round of the caller's next task. A task that ended before it began has given its place back (NULL)."""
    return int(connection.execute(_NEXT, (caller,)).fetchone()[0])
