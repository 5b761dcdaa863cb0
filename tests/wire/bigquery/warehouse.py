"""Rows and SQL: a DuckDB in memory with a schema for each dataset. BigQuery's SQL is translated before it runs."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from tests.wire.bigquery.refusals import invalid_query, not_found, refused
from tests.wire.bigquery.values import KINDS, Field, kind_of

_SHOWN = {
    "VARCHAR": "STRING", "BIGINT": "INTEGER", "INTEGER": "INTEGER", "HUGEINT": "INTEGER", "DOUBLE": "FLOAT",
    "BOOLEAN": "BOOLEAN", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "DATE": "DATE",
}  # fmt: skip
_DIALECT = {
    "INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN",
}  # fmt: skip


class Warehouse:
    def __init__(self, project: str) -> None:
        self._project = project
        self._db = duckdb.connect()
        self._db.execute("SET TimeZone = 'UTC'")

    def close(self) -> None:
        self._db.close()

    def add_dataset(self, dataset: str) -> None:
        self._db.execute(f'CREATE SCHEMA "{dataset}"')

    def add_table(self, dataset: str, table: str, fields: Sequence[Field]) -> None:
        columns = ", ".join(f'"{field["name"]}" {KINDS[kind_of(field)]}' for field in fields)
        self._db.execute(f'CREATE TABLE "{dataset}"."{table}" ({columns})')

    def add_column(self, dataset: str, table: str, field: Field) -> None:
        self._db.execute(f'ALTER TABLE "{dataset}"."{table}" ADD COLUMN "{field["name"]}" {KINDS[kind_of(field)]}')

    def put_view(self, dataset: str, view: str, sql: str) -> Sequence[Field]:
        """Its columns. Raises Refused."""
        translated = self._translate(sql)
        try:
            self._db.execute(f'CREATE OR REPLACE VIEW "{dataset}"."{view}" AS {translated}')
            return _fields(self._db.execute(f'SELECT * FROM "{dataset}"."{view}" LIMIT 0').description)
        except duckdb.Error as error:
            raise _invalid(error) from error

    def insert(self, dataset: str, table: str, fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows that were looked at: their values are what columns take."""
        shape = json.dumps([{field["name"]: KINDS[kind_of(field)] for field in fields}])
        known = {field["name"].lower(): field for field in fields}
        given = [
            {known[name.lower()]["name"]: value for name, value in row.items() if name.lower() in known} for row in rows
        ]
        for row in given:
            for name, value in row.items():
                if kind_of(known[name.lower()]) == "TIMESTAMP" and isinstance(value, (int, float)):
                    row[name] = datetime.fromtimestamp(value, UTC).isoformat()
        names = ", ".join(f'"{field["name"]}"' for field in fields)
        self._db.execute(
            f'INSERT INTO "{dataset}"."{table}" ({names}) '
            "SELECT unnest(from_json($rows::JSON, $shape), max_depth := 2)",
            {"rows": json.dumps(given), "shape": shape},
        )

    def ask(self, sql: str, parameters: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Field], list[tuple[Any, ...]]]:
        """(columns, rows). Raises Refused."""
        values = {each["name"]: _value(each) for each in parameters}
        translated = self._translate(sql)
        used = {each.name for each in sqlglot.parse_one(sql, read="bigquery").find_all(exp.Parameter)}
        for name in sorted(used - {*values}):
            raise invalid_query(f"Query parameter '{name}' not found")
        try:
            found = self._db.execute(translated, {name: value for name, value in values.items() if name in used})
            return _fields(found.description), found.fetchall()
        except duckdb.Error as error:
            raise _invalid(error) from error

    def _translate(self, sql: str) -> str:
        try:
            tree = sqlglot.parse_one(sql, read="bigquery")
        except sqlglot.errors.SqlglotError as error:
            raise invalid_query(f"Syntax error: {str(error).splitlines()[0]}") from error
        local = {each.alias for each in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            if isinstance(table.this, exp.Identifier) and table.name not in local:
                self._place(table)
        return tree.sql(dialect="duckdb")

    def _place(self, table: exp.Table) -> None:
        """A table of this project, by its dataset alone."""
        if not table.db:
            raise invalid_query(f'Table "{table.name}" must be qualified with a dataset (e.g. dataset.table).')
        name = f"{table.catalog or self._project}:{table.db}.{table.name}"
        if table.catalog and table.catalog != self._project:
            message = f"Access Denied: Table {name}: User does not have permission to query table {name}."
            raise refused(403, "accessDenied", message)
        known = self._db.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            (table.db, table.name),
        ).fetchone()
        if not known or not known[0]:
            raise not_found(f"Table {name} was not found in location US")
        table.set("catalog", None)


def shown(fields: Sequence[Field], row: Sequence[Any]) -> dict[str, Any]:
    """A row as answers have it: everything is text, times are microseconds."""
    return {"f": [{"v": _shown(field, value)} for field, value in zip(fields, row, strict=True)]}


def _shown(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.get("mode") == "REPEATED":
        return [{"v": _shown({**field, "mode": "NULLABLE"}, each)} for each in value]
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            since = value - datetime.fromtimestamp(0, UTC)
            return str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _fields(description: Any) -> Sequence[Field]:
    return [_field(str(name), str(kind)) for name, kind, *_ in description]


def _field(name: str, kind: str) -> Field:
    mode = "REPEATED" if kind.endswith("[]") else "NULLABLE"
    plain = kind.removesuffix("[]")
    return {"name": name, "type": _SHOWN["DOUBLE" if plain.startswith("DECIMAL") else plain], "mode": mode}


def _value(parameter: Mapping[str, Any]) -> Any:
    kind, given = parameter["parameterType"], parameter["parameterValue"]
    if kind["type"] == "ARRAY":
        return [_scalar(kind["arrayType"]["type"], each.get("value")) for each in given.get("arrayValues", [])]
    return _scalar(kind["type"], given.get("value"))


def _scalar(kind: str, value: Any) -> Any:
    match _DIALECT.get(kind, kind), value:
        case _, None:
            return None
        case "INTEGER", _:
            return int(value)
        case "FLOAT", _:
            return float(value)
        case "BOOLEAN", _:
            return str(value).lower() == "true"
        case "TIMESTAMP", _:
            return datetime.fromisoformat(value)
        case _:
            return value


def _invalid(error: duckdb.Error) -> Exception:
    return invalid_query(str(error).splitlines()[0])
