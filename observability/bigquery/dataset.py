"""A dataset of BigQuery: made and brought up to date, rows streamed into it, questions asked of it. Google's client stays inside.

Every request has a time limit and is made once: who calls decides when to try again.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, GoogleAPICallError, NotFound
from google.api_core.retry import Retry
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from core.errors import Refused
from observability.bigquery.rows import Row, size_of
from observability.bigquery.schema import LABEL, NAMES, SCHEMA_VERSION, TABLES, VIEWS, Table, View

T = TypeVar("T")
REQUEST_S = 20.0
QUESTION_S = 60.0
CLOSE_S = 1.0
ONCE = Retry(predicate=lambda error: False)
"""Google's client would try for minutes by itself."""
MAX_REQUEST_BYTES = 8 << 20
"""Of rows; BigQuery takes 10 MB with what is around them."""
_LATER = frozenset({"rateLimitExceeded", "quotaExceeded", "backendError", "internalError"})
"""Reasons of a 403 that pass by themselves."""
_ROW_FAULTS = frozenset({"invalid", "invalidQuery"})
"""Reasons of a row that is refused whenever it comes. Others (stopped, timeout, backendError) pass."""
_BESIDE = 40
"""Bytes of a request for each row beside the row and its id."""


class Dataset:
    """Not for more than one loop. `name` is the project and the dataset, as people write them."""

    def __init__(self, project: str, dataset: str, *, emulator: str = "", request_s: float = REQUEST_S) -> None:
        """`emulator` is the address of something that stands in for BigQuery and asks for no credentials."""
        self.name = f"{project}.{dataset}"
        self._project = project
        self._dataset = bigquery.DatasetReference(project, dataset)
        self._emulator = emulator
        self._request_s = request_s
        self._client: bigquery.Client | None = None
        self._ready = False
        self._under_way: set[asyncio.Future[Any]] = set()
        self._one_prepares = asyncio.Lock()

    async def prepare(self) -> None:
        """Make what is missing and add columns that are new. Raises Refused; a newer release's dataset is left alone."""
        async with self._one_prepares:
            if not self._ready:
                await self._ask(self._prepare)
                self._ready = True

    async def insert(self, table: str, rows: Sequence[tuple[str, Row]]) -> Mapping[int, str]:
        """Stream rows, each with its id; those that will never be taken by their index, with why. Raises Refused."""
        await self.prepare()
        return await self._ask(lambda client: self._insert(client, table, rows))

    async def query(self, sql: str, values: Mapping[str, Any]) -> Sequence[Row]:
        """`sql` names tables and views in braces. Values are str, bool, int, datetime or lists of str. Raises Refused."""
        await self.prepare()
        config = bigquery.QueryJobConfig(query_parameters=[_parameter(*each) for each in values.items()])
        text = self._sql(sql)

        def ask(client: bigquery.Client) -> Sequence[Row]:
            rows = client.query_and_wait(
                text,
                job_config=config,
                api_timeout=self._request_s,
                wait_timeout=QUESTION_S,
                retry=ONCE,
                job_retry=ONCE,
            )
            return [dict(row.items()) for row in rows]

        return await self._ask(ask)

    async def close(self) -> None:
        """Requests that are under way, though nobody waits for them any more, have a moment to end."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CLOSE_S)
        client, self._client = self._client, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]  # the library has no types here

    async def _ask(self, work: Callable[[bigquery.Client], T]) -> T:
        def guarded() -> T:
            try:
                if self._client is None:
                    self._client = self._connect()
                return work(self._client)
            except (GoogleAPICallError, GoogleAuthError, requests.RequestException) as error:
                if isinstance(error, NotFound):
                    self._ready = False
                problem = _sentence(error)
            # Not from the error: with it, its response would live on and keep a connection open.
            raise Refused(f"BigQuery, {self.name}: {problem}")

        asked = asyncio.ensure_future(_in_daemon_thread(guarded))
        self._under_way.add(asked)
        asked.add_done_callback(self._under_way.discard)
        return await asyncio.shield(asked)

    def _connect(self) -> bigquery.Client:
        if not self._emulator:
            return bigquery.Client(project=self._project)
        address = self._emulator if "://" in self._emulator else f"http://{self._emulator}"
        return bigquery.Client(
            project=self._project,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]  # the library has no types here
            client_options=ClientOptions(api_endpoint=address),
        )

    def _prepare(self, client: bigquery.Client) -> None:
        try:
            client.get_dataset(self._dataset, retry=ONCE, timeout=self._request_s)
        except NotFound:
            with suppress(Conflict):  # another machine was faster
                client.create_dataset(bigquery.Dataset(self._dataset), retry=ONCE, timeout=self._request_s)
        for spec in (*TABLES, *VIEWS):
            self._make(client, spec)

    def _make(self, client: bigquery.Client, spec: Table | View) -> None:
        try:
            there = self._get(client, spec)
        except NotFound:
            try:
                client.create_table(self._wanted(spec), retry=ONCE, timeout=self._request_s)
            except Conflict:
                there = self._get(client, spec)
            else:
                return
        version = int(there.labels.get(LABEL, "0"))
        if version > SCHEMA_VERSION:
            raise Refused(
                f"BigQuery, {self.name}: a newer release wrote it (schema {version}, this release knows {SCHEMA_VERSION}). "
                "Start the newer release, or name another dataset in BQ_DATASET."
            )
        if version < SCHEMA_VERSION:
            self._bring_up(client, spec, there)

    def _get(self, client: bigquery.Client, spec: Table | View) -> bigquery.Table:
        return client.get_table(self._dataset.table(spec.name), retry=ONCE, timeout=self._request_s)

    def _wanted(self, spec: Table | View) -> bigquery.Table:
        if isinstance(spec, View):
            made = bigquery.Table(self._dataset.table(spec.name))
            made.view_query = self._sql(spec.sql)
        else:
            made = bigquery.Table(self._dataset.table(spec.name), schema=_fields(spec))
            made.time_partitioning = bigquery.TimePartitioning(field="ts")
            made.clustering_fields = list(spec.clustered)
        made.labels = {LABEL: str(SCHEMA_VERSION)}
        return made

    def _bring_up(self, client: bigquery.Client, spec: Table | View, there: bigquery.Table) -> None:
        """`there` has an etag, so of two machines that do this at once one is refused, and finds it done the next time."""
        if isinstance(spec, View):
            there.view_query = self._sql(spec.sql)
            changed = ["view_query", "labels"]
        else:
            known = {column.name for column in there.schema}
            there.schema = [*there.schema, *(each for each in _fields(spec, added=True) if each.name not in known)]
            changed = ["schema", "labels"]
        there.labels = {**there.labels, LABEL: str(SCHEMA_VERSION)}
        client.update_table(there, changed, retry=ONCE, timeout=self._request_s)

    def _insert(self, client: bigquery.Client, table: str, rows: Sequence[tuple[str, Row]]) -> Mapping[int, str]:
        refused: dict[int, str] = {}
        for begin, end in _requests(rows):
            refused |= {begin + index: why for index, why in self._send(client, table, rows[begin:end]).items()}
        return refused

    def _send(self, client: bigquery.Client, table: str, rows: Sequence[tuple[str, Row]]) -> Mapping[int, str]:
        """One request. When it is refused as a whole, its halves are sent, down to the row that is at fault."""
        try:
            errors = client.insert_rows_json(
                self._dataset.table(table),
                [row for _, row in rows],
                row_ids=[key for key, _ in rows],
                skip_invalid_rows=True,
                retry=ONCE,
                timeout=self._request_s,
            )
        except GoogleAPICallError as error:
            if not isinstance(error, BadRequest) and error.code != 413:
                raise
            if len(rows) == 1:
                return {0: _sentence(error)}
            middle = len(rows) // 2
            first, second = self._send(client, table, rows[:middle]), self._send(client, table, rows[middle:])
            return {**first, **{middle + index: why for index, why in second.items()}}
        return _refused(errors)

    def _sql(self, template: str) -> str:
        return template.format_map({name: f"`{self.name}.{name}`" for name in NAMES})


def _requests(rows: Sequence[tuple[str, Row]]) -> Iterable[tuple[int, int]]:
    """(begin, end) of each request: no more bytes than one may have, and one row at least."""
    begin, size = 0, 0
    for index, (key, row) in enumerate(rows):
        bytes_ = size_of(row) + len(key) + _BESIDE
        if index > begin and size + bytes_ > MAX_REQUEST_BYTES:
            yield begin, index
            begin, size = index, 0
        size += bytes_
    if rows:
        yield begin, len(rows)


def _refused(errors: Sequence[Mapping[str, Any]]) -> Mapping[int, str]:
    """Raises Refused where a row was left out for a reason that passes: what was sent is sent again."""
    refused: dict[int, str] = {}
    for each in errors:
        reasons = {str(one.get("reason", "")) for one in each["errors"]}
        why = "; ".join(f"{one.get('location', '')}: {one.get('message', '')}" for one in each["errors"])
        if not reasons & _ROW_FAULTS:
            raise Refused(f"BigQuery took only a part of the rows ({', '.join(sorted(reasons))}: {why})")
        refused[int(each["index"])] = why
    return refused


def _fields(spec: Table, *, added: bool = False) -> list[bigquery.SchemaField]:
    """A column that is added to a table with rows cannot be REQUIRED."""
    return [
        bigquery.SchemaField(
            column.name,
            column.kind,
            mode="REQUIRED" if column.required and not added else "NULLABLE",
            description=column.description,
        )
        for column in spec.columns
    ]


def _parameter(name: str, value: Any) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    match value:
        case list():
            return bigquery.ArrayQueryParameter(name, "STRING", value)
        case bool():
            return bigquery.ScalarQueryParameter(name, "BOOL", value)
        case int():
            return bigquery.ScalarQueryParameter(name, "INT64", value)
        case datetime():
            return bigquery.ScalarQueryParameter(name, "TIMESTAMP", value)
        case _:
            return bigquery.ScalarQueryParameter(name, "STRING", value)


def _sentence(error: Exception) -> str:
    if isinstance(error, Forbidden) and not {str(each.get("reason")) for each in error.errors} & _LATER:
        return f"{_message(error)} (docs/bigquery.md says which rights are needed)"
    if isinstance(error, GoogleAPICallError):
        return _message(error)
    if isinstance(error, requests.RequestException):
        return f"it cannot be reached ({type(error).__name__})"
    return f"no credentials are accepted: {error}"


def _message(error: GoogleAPICallError) -> str:
    """What the service said; the client puts method and address before it."""
    return next((str(each["message"]) for each in error.errors if each.get("message")), str(error.message))


async def _in_daemon_thread(work: Callable[[], T]) -> T:
    """Like asyncio.to_thread, but a request that hangs does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # a T where there is no error

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as error:
            failed = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, result, failed)

    threading.Thread(target=run, name="bigquery", daemon=True).start()
    return await done
