"""The counterpart of BigQuery against what Google says of it, and the dataset that is made there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from core.errors import Refused
from core.models import InteractionFilter
from observability.bigquery.interactions import BigQueryInteractionLog
from observability.bigquery.schema import LABEL, NAMES, SCHEMA_VERSION, TABLES
from tests.contracts.test_interaction_log import a_call
from tests.wire.bigquery.running import address, dataset_of, running_bigquery
from tests.wire.bigquery.server import BigQueryServer

FIELDS = [
    {"name": "id", "type": "STRING", "mode": "REQUIRED"},
    {"name": "number", "type": "INTEGER"},
    {"name": "cost", "type": "FLOAT"},
    {"name": "good", "type": "BOOLEAN"},
    {"name": "ts", "type": "TIMESTAMP"},
]


@pytest.fixture
async def server() -> AsyncIterator[BigQueryServer]:
    async with running_bigquery() as server:
        yield server


@pytest.fixture
async def http(server: BigQueryServer) -> AsyncIterator[httpx.AsyncClient]:
    """With a table `d.t`."""
    async with httpx.AsyncClient(base_url=f"{server.url}/projects/{server.project}", timeout=60) as http:
        await http.post("/datasets", json={"datasetReference": {"datasetId": "d"}})
        made = await http.post(
            "/datasets/d/tables", json={"tableReference": {"tableId": "t"}, "schema": {"fields": FIELDS}}
        )
        assert made.status_code == 200, made.text
        yield http


async def insert(http: httpx.AsyncClient, *rows: Mapping[str, Any], **more: Any) -> httpx.Response:
    body = {"rows": [{"insertId": str(row.get("id", "")), "json": row} for row in rows], **more}
    return await http.post("/datasets/d/tables/t/insertAll", json=body)


def error(answer: httpx.Response) -> tuple[int, str, str]:
    found = answer.json()["error"]
    return answer.status_code, found["errors"][0]["reason"], found["message"]


@pytest.mark.parametrize(
    ("row", "location", "message"),
    [
        ({"id": "a", "colour": "red"}, "colour", "no such field: colour."),
        ({"number": 1}, "id", "Missing required field: id."),
        ({"id": "a", "number": "many"}, "number", "Cannot convert value to integer (bad value): many"),
        ({"id": "a", "number": 1.5}, "number", "Cannot convert value to integer (bad value): 1.5"),
        ({"id": "a", "cost": "dear"}, "cost", "Cannot convert value to floating point (bad value): dear"),
        ({"id": "a", "good": "maybe"}, "good", "Cannot convert value to boolean (bad value): maybe"),
        ({"id": "a", "ts": "noon"}, "ts", "Cannot return an invalid timestamp value: noon"),
        ({"id": ["a"]}, "id", "Array specified for non-repeated field."),
        ({"id": {"a": 1}}, "id", "This field is not a record."),
    ],
)
async def test_a_row_that_does_not_fit_is_refused_by_its_field(
    http: httpx.AsyncClient, server: BigQueryServer, row: dict[str, Any], location: str, message: str
) -> None:
    bad = {"reason": "invalid", "location": location, "debugInfo": "", "message": message}
    stopped = {"reason": "stopped", "location": "", "debugInfo": "", "message": ""}
    whole = await insert(http, {"id": "good"}, row)
    assert whole.json()["insertErrors"] == [{"index": 0, "errors": [stopped]}, {"index": 1, "errors": [bad]}]
    assert server.rows("SELECT id FROM d.t") == []
    apart = await insert(http, {"id": "good"}, row, skipInvalidRows=True)
    assert apart.json()["insertErrors"] == [{"index": 1, "errors": [bad]}]
    assert server.rows("SELECT id FROM d.t") == [("good",)]


async def test_requests_that_bigquery_refuses_are_refused(http: httpx.AsyncClient) -> None:
    table = {"tableReference": {"tableId": "t"}, "schema": {"fields": FIELDS}}
    assert error(await http.get("/datasets/none"))[:2] == (404, "notFound")
    assert error(await http.get("/datasets/d/tables/none")) == (404, "notFound", "Not found: Table a-project:d.none")
    assert error(await http.post("/datasets", json={"datasetReference": {"datasetId": "d"}}))[:2] == (409, "duplicate")
    assert error(await http.post("/datasets/d/tables", json=table))[:2] == (409, "duplicate")
    assert 'Unknown name "labls"' in error(await http.post("/datasets/d/tables", json={**table, "labls": {}}))[2]
    assert error(await http.get("/datasets/d?colour=red"))[2] == 'Invalid parameter "colour"'
    assert error(await insert(http))[2] == "No rows present in the request."
    assert "limit: 50000" in error(await insert(http, *[{"id": "a"}] * 50_001))[2]
    assert error(await insert(http, {"id": "a" * (10 << 20)}))[0] == 413
    assert error(await insert(http, {"id": "a" * 129}))[2].startswith("insertId is too long")


@pytest.mark.parametrize(
    ("sql", "code", "reason"),
    [
        ("SELEC 1", 400, "invalidQuery"),
        ("SELECT colour FROM d.t", 400, "invalidQuery"),
        ("SELECT id FROM t", 400, "invalidQuery"),
        ("SELECT id FROM d.t WHERE id = @who", 400, "invalidQuery"),
        ("SELECT id FROM d.none", 404, "notFound"),
        ("SELECT id FROM `b-project.d.t`", 403, "accessDenied"),
    ],
)
async def test_questions_that_cannot_be_answered_are_refused(
    http: httpx.AsyncClient, sql: str, code: int, reason: str
) -> None:
    body = {"query": sql, "useLegacySql": False, "formatOptions": {"useInt64Timestamp": True}}
    assert error(await http.post("/queries", json=body))[:2] == (code, reason)


async def test_an_insert_id_is_forgotten_after_a_while(http: httpx.AsyncClient, server: BigQueryServer) -> None:
    await insert(http, {"id": "a"})
    await insert(http, {"id": "a"})
    assert server.rows("SELECT COUNT(*) FROM d.t") == [(1,)]
    server.remembers_s = 0.0
    await insert(http, {"id": "a"})
    assert server.rows("SELECT COUNT(*) FROM d.t") == [(2,)]


async def test_columns_are_added_and_never_changed(http: httpx.AsyncClient) -> None:
    async def put(*fields: Mapping[str, Any], **headers: str) -> httpx.Response:
        return await http.patch("/datasets/d/tables/t", json={"schema": {"fields": [*fields]}}, headers=headers)

    assert "Cannot add required" in error(await put(*FIELDS, {"name": "x", "type": "STRING", "mode": "REQUIRED"}))[2]
    assert "number has changed" in error(await put(*FIELDS[:1], {"name": "number", "type": "STRING"}, *FIELDS[2:]))[2]
    assert error(await put(*FIELDS, **{"If-Match": "another"}))[:2] == (412, "conditionNotMet")
    assert (await put(*FIELDS, {"name": "x", "type": "STRING"})).status_code == 200
    assert (await insert(http, {"id": "a", "x": "new"})).json().get("insertErrors") is None


async def test_a_dataset_is_made_once_by_machines_that_begin_together(server: BigQueryServer) -> None:
    async with dataset_of(server) as one, dataset_of(server) as other:
        await asyncio.gather(one.prepare(), other.prepare())
        await one.prepare()
    made = [asked for asked in server.asked if asked.line.endswith("/tables") and asked.method == "POST"]
    assert len(NAMES) <= len(made) <= 2 * len(NAMES)
    assert server.rows("SELECT COUNT(*) FROM agent_system.agent_metrics") == [(0,)]


def client_of(server: BigQueryServer) -> bigquery.Client:
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library has no types here
    return bigquery.Client(server.project, credentials=credentials, client_options={"api_endpoint": address(server)})


async def test_a_newer_releases_dataset_is_left_alone(server: BigQueryServer) -> None:
    async with dataset_of(server) as dataset:
        await dataset.prepare()
    newer = await asyncio.to_thread(_relabel, server, str(SCHEMA_VERSION + 1))
    async with dataset_of(server) as dataset:
        with pytest.raises(Refused, match=r"newer release wrote it \(schema 2, this release knows 1\)"):
            await BigQueryInteractionLog(dataset).record(a_call())
    assert newer
    assert not any(asked.line.endswith("insertAll") for asked in server.asked)


def _relabel(server: BigQueryServer, version: str) -> bool:
    client = client_of(server)
    table = client.get_table("agent_system.agent_interaction_rows")
    table.labels = {LABEL: version}
    client.update_table(table, ["labels"])
    client.close()  # type: ignore[no-untyped-call]  # nor here
    return True


async def test_an_older_dataset_gets_the_columns_that_are_new(server: BigQueryServer) -> None:
    await asyncio.to_thread(_make_older, server)
    async with dataset_of(server) as dataset:
        log = BigQueryInteractionLog(dataset)
        await log.record(a_call())
        assert list(await log.list(InteractionFilter())) == [a_call()]


def _make_older(server: BigQueryServer) -> None:
    client = client_of(server)
    client.create_dataset("agent_system")
    for spec in TABLES:
        known = [column for column in spec.columns if column.name not in ("identity_version", "cut_chars")]
        fields = [bigquery.SchemaField(column.name, column.kind, mode="REQUIRED") for column in known]
        client.create_table(bigquery.Table(f"{server.project}.agent_system.{spec.name}", schema=fields))
    client.close()  # type: ignore[no-untyped-call]  # nor here


async def test_long_answers_come_in_pages(server: BigQueryServer) -> None:
    server.page_rows = 2
    async with dataset_of(server) as dataset:
        log = BigQueryInteractionLog(dataset)
        for number in range(5):
            await log.record(a_call(f"c{number}"))
        assert [call.interaction_id for call in await log.list(InteractionFilter())] == ["c4", "c3", "c2", "c1", "c0"]
    assert sum(asked.method == "GET" and "queries" in asked.parts for asked in server.asked) >= 2
