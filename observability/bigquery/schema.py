"""What the dataset holds: tables that are only appended to, and views in which everything counts once.

A row may be sent twice, and BigQuery's own deduplication forgets after about a minute, so the names that people query are
views over tables whose names end in `_rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 1
"""Goes up with every new column or changed view. Columns are added, as NULLABLE, and never changed or taken away."""
LABEL = "autonomy_schema"
"""The label of each table and view that says which SCHEMA_VERSION it has."""
Kind = Literal["STRING", "INTEGER", "FLOAT", "BOOLEAN", "TIMESTAMP"]
CALLS, TEXTS, DIFFS = "agent_interaction_rows", "interaction_text_rows", "memory_diff_rows"


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind
    description: str = ""
    required: bool = True


@dataclass(frozen=True)
class Table:
    """Partitioned by the day of `ts`. `clustered` are the columns that its rows lie together by."""

    name: str
    columns: Sequence[Column]
    clustered: Sequence[str]


@dataclass(frozen=True)
class View:
    """`sql` has a {name} for each table or view of the dataset that it reads."""

    name: str
    sql: str


_ORIGIN = (
    Column("source", "STRING", "the log that the row comes from: one for each data directory"),
    Column("position", "INTEGER", "order of recording within the source"),
)
_CALL_COLUMNS = (
    Column("interaction_id", "STRING"),
    Column("ts", "TIMESTAMP", "when the call began"),
    *_ORIGIN,
    Column("task_id", "STRING"),
    Column("agent", "STRING"),
    Column("iteration", "INTEGER"),
    Column("model", "STRING"),
    Column("prompt_name", "STRING"),
    Column("prompt_hash", "STRING", "of everything that can change the answer"),
    Column("prompt_version", "STRING", "hash of the prompt's source"),
    Column("identity_version", "INTEGER", "of the agent's identity that was told; 0 where none was"),
    Column("input_tokens", "INTEGER"),
    Column("output_tokens", "INTEGER"),
    Column("cache_read_tokens", "INTEGER"),
    Column("cache_write_tokens", "INTEGER"),
    Column("cost_usd", "FLOAT"),
    Column("seconds", "FLOAT"),
    Column("success", "BOOLEAN"),
    Column("finish_reason", "STRING"),
)
_TEXT_COLUMNS = (
    Column("interaction_id", "STRING"),
    Column("ts", "TIMESTAMP"),
    *_ORIGIN,
    Column("messages", "STRING", "JSON: a list of {role, content}"),
    Column("response", "STRING"),
    Column("error", "STRING"),
    Column("cut_chars", "INTEGER", "so many characters were too many for one row and are in the source alone"),
)
_DIFF_COLUMNS = (
    Column("diff_id", "STRING"),
    Column("ts", "TIMESTAMP"),
    *_ORIGIN,
    Column("agent", "STRING"),
    Column("kind", "STRING"),
    Column("dry_run", "BOOLEAN"),
    Column("from_version", "INTEGER"),
    Column("to_version", "INTEGER", "NULL when nothing was saved", required=False),
    Column("body", "STRING", "JSON: the whole diff"),
)
TABLES = (
    Table(TEXTS, _TEXT_COLUMNS, ("interaction_id",)),
    Table(CALLS, _CALL_COLUMNS, ("agent", "task_id")),
    Table(DIFFS, _DIFF_COLUMNS, ("agent",)),
)


def _once(table: str, key: str) -> str:
    """The first of the rows with one key. WHERE, because QUALIFY was not always allowed to stand alone."""
    return (
        f"SELECT * FROM {{{table}}} WHERE TRUE "  # noqa: S608  # words of this file
        f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY position, source) = 1"
    )


VIEWS = (
    View("agent_interactions", _once(CALLS, "interaction_id")),
    View("interaction_texts", _once(TEXTS, "interaction_id")),
    View("memory_diffs", _once(DIFFS, "diff_id")),
    View(
        "agent_metrics",
        "SELECT agent, COUNT(*) AS calls, COUNTIF(NOT success) AS failures, SUM(input_tokens) AS input_tokens, "
        "SUM(output_tokens) AS output_tokens, SUM(cost_usd) AS cost_usd, SUM(seconds) AS seconds "
        "FROM {agent_interactions} GROUP BY agent",
    ),
)
NAMES = tuple(each.name for each in (*TABLES, *VIEWS))
