"""BigQuery's REST API as far as the service uses it. Rights, requests and rows that the real one refuses are refused."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from tests.wire.bigquery import discovery
from tests.wire.bigquery.refusals import denied, duplicate, invalid, not_found, refused
from tests.wire.bigquery.values import KINDS, kind_of, row_errors
from tests.wire.bigquery.warehouse import Warehouse, shown
from tests.wire.rest_server import Answer, Asked, RestServer

MAX_REQUEST, MAX_ROWS, MAX_INSERT_ID = 10 << 20, 50_000, 128
_RIGHTS = {
    "datasets.get": "bigquery.datasets.get",
    "datasets.insert": "bigquery.datasets.create",
    "tables.get": "bigquery.tables.get",
    "tables.insert": "bigquery.tables.create",
    "tables.patch": "bigquery.tables.update",
    "tabledata.insertAll": "bigquery.tables.updateData",
    "jobs.query": "bigquery.jobs.create",
    "jobs.get": "bigquery.jobs.create",
    "jobs.getQueryResults": "bigquery.jobs.create",
}


class BigQueryServer(RestServer):
    """One project. `missing` are permissions that the caller does not have. A table takes rows after `late` requests for it.

    An insertId is remembered for `remembers_s`; `page_rows` is how many rows one answer has; `row_faults` are reasons
    for which the rows with these ids are left out.
    """

    prefix = "/bigquery/v2"

    def __init__(self, project: str = "a-project") -> None:
        super().__init__()
        self.project = project
        self.missing: set[str] = set()
        self.late = 0
        self.remembers_s = 60.0
        self.page_rows = 10_000
        self.row_faults: dict[str, str] = {}
        self._warehouse = Warehouse(project)
        self._datasets: dict[str, dict[str, Any]] = {}
        self._tables: dict[tuple[str, str], dict[str, Any]] = {}
        self._not_yet: dict[tuple[str, str], int] = {}
        self._inserted: dict[tuple[str, str, str], float] = {}
        self._results: dict[str, tuple[Any, list[Any]]] = {}

    async def stop(self) -> None:
        await super().stop()
        self._warehouse.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a question finds; for tests that look behind the views."""
        return self._warehouse.ask(sql, [])[1]

    def answer(self, asked: Asked) -> Answer:
        method = discovery.find(asked.method, "/".join(asked.parts))
        if method is None:
            raise refused(404, "notFound", f"there is no {asked.line}")
        if len(asked.content) > MAX_REQUEST:
            raise refused(413, "uploadTooLarge", f"Request payload size exceeds the limit: {MAX_REQUEST} bytes.")
        body = self._body(asked)
        for problem in discovery.request_problems(method, dict(asked.query), body):
            raise invalid(problem)
        self._permit(method)
        routes: Mapping[str, Callable[[Mapping[str, str], Any, Asked], Any]] = {
            "datasets.get": self._get_dataset,
            "datasets.insert": self._add_dataset,
            "tables.get": self._get_table,
            "tables.insert": self._add_table,
            "tables.patch": self._change_table,
            "tabledata.insertAll": self._insert_all,
            "jobs.query": self._ask,
            "jobs.get": self._get_job,
            "jobs.getQueryResults": self._page,
        }
        found = routes[method.name](method.values, body, asked)
        problems = discovery.answer_problems(method, found)
        assert not problems, problems
        return Answer(200, found)

    def _body(self, asked: Asked) -> Any:
        try:
            return json.loads(asked.content) if asked.content else None
        except ValueError as error:
            raise refused(400, "parseError", f"Invalid JSON payload received. {error}") from error

    def _permit(self, method: discovery.Method) -> None:
        values = method.values
        if values["projectId"] != self.project:
            raise refused(
                403, "accessDenied", f"Access Denied: Project {values['projectId']}: User does not have access."
            )
        right = _RIGHTS[method.name]
        if right in self.missing:
            table = values.get("tableId") and f"Table {self.project}:{values['datasetId']}.{values['tableId']}"
            dataset = values.get("datasetId") and f"Dataset {self.project}:{values['datasetId']}"
            raise denied(right, table or dataset or f"Project {self.project}")

    def _get_dataset(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        with suppress(KeyError):
            return self._datasets[values["datasetId"]]
        raise not_found(f"Dataset {self.project}:{values['datasetId']}")

    def _add_dataset(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        name = body["datasetReference"]["datasetId"]
        if name in self._datasets:
            raise duplicate(f"Dataset {self.project}:{name}")
        self._warehouse.add_dataset(name)
        whole = {**body, "kind": "bigquery#dataset", "id": f"{self.project}:{name}", "location": "US", "etag": _etag()}
        self._datasets[name] = whole
        return whole

    def _find(self, values: Mapping[str, str]) -> dict[str, Any]:
        self._get_dataset(values, None, Asked("", (), (), {}, b""))
        try:
            return self._tables[values["datasetId"], values["tableId"]]
        except KeyError:
            raise not_found(f"Table {self.project}:{values['datasetId']}.{values['tableId']}") from None

    def _get_table(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        return self._find(values)

    def _add_table(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        dataset, name = values["datasetId"], body["tableReference"]["tableId"]
        self._get_dataset(values, body, asked)
        if (dataset, name) in self._tables:
            raise duplicate(f"Table {self.project}:{dataset}.{name}")
        whole = {**body, "kind": "bigquery#table", "id": f"{self.project}:{dataset}.{name}", "etag": _etag()}
        if view := body.get("view"):
            if view.get("useLegacySql", True):
                raise invalid("Legacy SQL is not spoken here")
            whole |= {"type": "VIEW", "schema": {"fields": self._warehouse.put_view(dataset, name, view["query"])}}
        else:
            fields = body.get("schema", {}).get("fields", [])
            _look_at(fields, body)
            self._warehouse.add_table(dataset, name, fields)
            whole["type"] = "TABLE"
            self._not_yet[dataset, name] = self.late
        self._tables[dataset, name] = whole
        return whole

    def _change_table(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        there, key = self._find(values), (values["datasetId"], values["tableId"])
        wanted = asked.headers.get("if-match")
        if wanted not in (None, there["etag"]):
            raise refused(412, "conditionNotMet", "Precondition check failed.")
        if view := body.get("view"):
            body = {**body, "schema": {"fields": self._warehouse.put_view(*key, view["query"])}}
        elif "schema" in body:
            self._add_columns(key, there["schema"]["fields"], body["schema"]["fields"])
        self._tables[key] = {**there, **body, "etag": _etag()}
        return self._tables[key]

    def _add_columns(self, key: tuple[str, str], old: list[Any], new: list[Any]) -> None:
        there = {field["name"]: field for field in new}
        for field in old:
            kept = there.pop(field["name"], None)
            if kept is None or kind_of(kept) != kind_of(field):
                raise invalid(f"Provided Schema does not match Table. Field {field['name']} has changed or is missing")
        for field in there.values():
            if field.get("mode") == "REQUIRED":
                raise invalid(f"Provided Schema does not match Table. Cannot add required fields: {field['name']}")
            self._warehouse.add_column(*key, field)

    def _insert_all(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        table, key = self._find(values), (values["datasetId"], values["tableId"])
        if table["type"] != "TABLE":
            raise invalid(f"Cannot add rows to a table of type {table['type']}.")
        if self._not_yet[key]:
            self._not_yet[key] -= 1
            raise not_found(f"Table {self.project}:{key[0]}.{key[1]}")
        rows = body.get("rows") or []
        if not rows:
            raise invalid("No rows present in the request.")
        if len(rows) > MAX_ROWS:
            raise invalid(f"too many rows present in the request, limit: {MAX_ROWS} row count: {len(rows)}.")
        fields = table["schema"]["fields"]
        errors = self._row_errors(fields, rows, ignore_unknown=body.get("ignoreUnknownValues", False))
        if errors and not body.get("skipInvalidRows"):
            stopped = [{"reason": "stopped", "location": "", "debugInfo": "", "message": ""}]
            errors = {index: errors.get(index, stopped) for index in range(len(rows))}
        good = [row for index, row in enumerate(rows) if index not in errors and self._is_new(key, row)]
        if good:
            self._warehouse.insert(*key, fields, [row["json"] for row in good])
        answer: dict[str, Any] = {"kind": "bigquery#tableDataInsertAllResponse"}
        if errors:
            answer["insertErrors"] = [{"index": index, "errors": each} for index, each in sorted(errors.items())]
        return answer

    def _row_errors(
        self, fields: list[Any], rows: list[Any], *, ignore_unknown: bool
    ) -> dict[int, list[dict[str, str]]]:
        errors = {}
        for index, row in enumerate(rows):
            insert_id = row.get("insertId") or ""
            if len(insert_id) > MAX_INSERT_ID:
                raise invalid(f"insertId is too long: {len(insert_id)} > {MAX_INSERT_ID}")
            found = list(row_errors(fields, row["json"], ignore_unknown=ignore_unknown))
            if reason := self.row_faults.get(insert_id):
                found.append({"reason": reason, "location": "", "debugInfo": "", "message": "try again"})
            if found:
                errors[index] = found
        return errors

    def _is_new(self, key: tuple[str, str], row: Any) -> bool:
        """False for an id that was seen a moment ago; after a while it is forgotten."""
        if not row.get("insertId"):
            return True
        known, now = (*key, row["insertId"]), time.monotonic()
        before = self._inserted.get(known)
        self._inserted[known] = now
        return before is None or now - before > self.remembers_s

    def _ask(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        if body.get("useLegacySql", True):
            raise invalid("Legacy SQL is not spoken here")
        if not body.get("formatOptions", {}).get("useInt64Timestamp"):
            raise invalid("times are told as microseconds only")
        fields, rows = self._warehouse.ask(body["query"], body.get("queryParameters", []))
        job = f"job_{secrets.token_hex(8)}"
        self._results[job] = (fields, rows)
        return {"kind": "bigquery#queryResponse", "cacheHit": False, **self._result(job, 0)}

    def _get_job(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        if values["jobId"] not in self._results:
            raise not_found(f"Job {self.project}:US.{values['jobId']}")
        reference = {"projectId": self.project, "jobId": values["jobId"], "location": "US"}
        configuration = {"jobType": "QUERY", "query": {"useLegacySql": False}}
        state = {"status": {"state": "DONE"}, "configuration": configuration}
        return {"kind": "bigquery#job", "jobReference": reference, **state}

    def _page(self, values: Mapping[str, str], body: Any, asked: Asked) -> Any:
        if values["jobId"] not in self._results:
            raise not_found(f"Job {self.project}:US.{values['jobId']}")
        begin = int(asked.one("pageToken") or asked.one("startIndex", "0"))
        return {"kind": "bigquery#getQueryResultsResponse", **self._result(values["jobId"], begin)}

    def _result(self, job: str, begin: int) -> dict[str, Any]:
        fields, rows = self._results[job]
        end = begin + self.page_rows
        return {
            "jobReference": {"projectId": self.project, "jobId": job, "location": "US"},
            "jobComplete": True,
            "schema": {"fields": fields},
            "totalRows": str(len(rows)),
            "totalBytesProcessed": "0",
            "rows": [shown(fields, row) for row in rows[begin:end]],
            **({"pageToken": str(end)} if end < len(rows) else {}),
        }


def _look_at(fields: list[Any], body: Any) -> None:
    """Columns that partition or cluster a table have to be there, and of types that are known here."""
    kinds = {field["name"]: kind_of(field) for field in fields}
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise invalid(f"Field {name} has type {kind}, which is not known here")
    day = body.get("timePartitioning", {}).get("field")
    if day is not None and kinds.get(day) != "TIMESTAMP":
        raise invalid(f"The field specified for partitioning cannot be found in the schema: {day}")
    for name in body.get("clustering", {}).get("fields", []):
        if name not in kinds:
            raise invalid(f"The field specified for clustering cannot be found in the schema: {name}")


def _etag() -> str:
    return secrets.token_hex(8)
