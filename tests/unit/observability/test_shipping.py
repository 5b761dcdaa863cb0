"""The local log on its way to BigQuery: outages, refusals and kills lose nothing, and nothing counts twice."""

import asyncio
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.agent_views import MemoryDiffFilter
from core.models import InteractionFilter, Message
from observability.bigquery.interactions import BigQueryInteractionLog
from observability.bigquery.memory_diffs import BigQueryMemoryDiffLog
from observability.shipping import Pace, Shipper
from tests.contracts.test_interaction_log import a_call
from tests.contracts.test_memory_diff_log import a_diff
from tests.unit.observability.shipped import cut_off, seen, seen_rows, shipping
from tests.wire.bigquery.running import address, running_bigquery
from tests.wire.bigquery.server import BigQueryServer
from tests.wire.rest_server import Answer


@pytest.fixture
async def server() -> AsyncIterator[BigQueryServer]:
    async with running_bigquery() as server:
        yield server


def names(count: int) -> list[str]:
    return [f"c{number}" for number in range(count)]


async def test_what_was_recorded_before_a_project_was_set_arrives_whole(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(3)
        await here.diffs.record(a_diff())
        assert await here.shipper.waiting() == {"calls": 3, "memory_diffs": 1}
        await here.until_sent()
        calls = await BigQueryInteractionLog(here.dataset).list(InteractionFilter())
        diffs = await BigQueryMemoryDiffLog(here.dataset).list(MemoryDiffFilter())
        assert calls == await here.log.list(InteractionFilter())
        assert list(diffs) == [a_diff()]


async def test_a_thousand_rows_go_in_a_few_requests(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(1_000)
        await here.until_sent()
        assert seen(server) == names(1_000)
        assert sum(asked.line.endswith("/insertAll") for asked in server.asked) == 4  # figures and texts, 500 each


async def test_an_outage_is_said_once_and_everything_comes_after_it(
    server: BigQueryServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "observability.shipping")
    async with shipping(tmp_path, server) as here:
        cut_off(server)
        await here.record(3)
        await here.until(lambda: len(server.asked) >= 5)
        assert "cannot be reached" in here.shipper.problem
        await here.record(2, first=3)
        assert await here.left() == 5
        server.forget()
        await here.until(lambda: not here.shipper.problem)
        assert seen(server) == names(5)
    assert [record.message.split(";")[0] for record in caplog.records] == [
        "a-project.agent_system takes no rows",
        "a-project.agent_system takes rows again",
    ]


async def test_an_outage_that_outlasts_the_service_loses_nothing(server: BigQueryServer, tmp_path: Path) -> None:
    cut_off(server)
    for first in (0, 3):
        async with shipping(tmp_path, server) as here:
            await here.record(3, first=first)
            await here.until(lambda: bool(here.shipper.problem))
            await here.shipper.drain(1.0)
    server.forget()
    async with shipping(tmp_path, server) as here:
        await here.until_sent()
    assert seen(server) == names(6)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_service_is_asked_again(server: BigQueryServer, tmp_path: Path, status: int) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(3)
        server.faults = {number: Answer(status, {"error": {"code": status, "message": "later"}}) for number in (1, 11)}
        await here.until_sent()
        assert seen(server) == names(3)


async def test_rows_that_were_taken_without_an_answer_count_once(server: BigQueryServer, tmp_path: Path) -> None:
    """As hours apart: the far end no longer knows that it had them."""
    server.remembers_s = 0.0
    async with shipping(tmp_path, server) as here:
        await here.record(1)
        await here.until_sent()
        await here.record(5, first=1)
        server.forget()
        server.faults = {1: "after", 3: "after"}  # texts once, then figures once
        await here.until_sent()
        assert seen_rows(server) == 11
        assert seen(server) == names(6)
        log = BigQueryInteractionLog(here.dataset)
        assert [call.interaction_id for call in await log.list(InteractionFilter())] == names(6)[::-1]
        assert [each.calls for each in await log.metrics()] == [6]
        assert [each.calls for each in await log.totals()] == [6]
        assert [each.calls for each in await log.usage(["t1"])] == [6]


async def test_a_refused_row_is_set_aside_said_and_tried_again_by_the_next_run(
    server: BigQueryServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.row_faults = {"c1": "invalid"}
    async with shipping(tmp_path, server) as here:
        await here.record(4)
        await here.until_sent()
        assert seen(server) == ["c0", "c2", "c3"]
        assert await here.shipper.set_aside() == {"calls": 1, "memory_diffs": 0}
    assert "calls 2 was refused by a-project.agent_system and set aside: : try again" in caplog.text
    server.row_faults = {}
    async with shipping(tmp_path, server) as here:
        await here.record(1, first=4)
        await here.until_sent()
        assert await here.shipper.set_aside() == {"calls": 0, "memory_diffs": 0}
    assert seen(server) == names(5)


async def test_a_row_left_out_for_a_reason_that_passes_is_sent_again(server: BigQueryServer, tmp_path: Path) -> None:
    server.row_faults, server.remembers_s = {"c1": "backendError"}, 0.0
    async with shipping(tmp_path, server) as here:
        await here.record(3)
        await here.until(lambda: "backendError" in here.shipper.problem)
        assert await here.left() == 3
        server.row_faults = {}
        await here.until_sent()
        assert await here.shipper.set_aside() == {"calls": 0, "memory_diffs": 0}
    assert seen(server) == names(3)


async def test_of_a_request_that_is_refused_whole_only_the_row_at_fault_is_left_out(
    server: BigQueryServer, tmp_path: Path
) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(1)
        await here.until_sent()
        for number in range(1, 5):
            await here.log.record(a_call("x" * 200 if number == 2 else f"c{number}", ts=1_000.0 + number))
        await here.until_sent()
        assert seen(server) == ["c0", "c1", "c3", "c4"]
        assert (await here.shipper.set_aside())["calls"] == 1


async def test_texts_that_are_too_long_for_a_row_are_cut_and_said_so(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(1)
        messages = (Message(role="user", content="short"), Message(role="user", content="ü" * 2_000_000))
        await here.log.record(a_call("long", ts=2_000.0, messages=messages, response="r" * 100))
        await here.until_sent()
        call, _ = await BigQueryInteractionLog(here.dataset).list(InteractionFilter())
        assert (call.messages[0].content, call.response) == ("short", "r" * 100)
        assert call.messages[1].content == "ü" * 500_000 + " [cut: 1500000 characters more]"
        cut = server.rows("SELECT cut_chars FROM agent_system.interaction_texts ORDER BY cut_chars")
        assert cut == [(0,), (1_500_000,)]


async def test_many_long_texts_go_in_requests_that_are_taken(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        for number in range(8):
            await here.log.record(
                a_call(f"c{number}", ts=1_000.0 + number, response="ü" * 500_000)
            )  # 3 MB as it is sent
        await here.until_sent()
        assert seen(server) == names(8)
        assert max(len(asked.content) for asked in server.asked) < 10 << 20
        assert server.rows("SELECT SUM(cut_chars) FROM agent_system.interaction_texts") == [(0,)]


@pytest.mark.parametrize(
    "right", ["bigquery.datasets.create", "bigquery.tables.create", "bigquery.tables.updateData", "bigquery.tables.get"]
)
async def test_a_missing_right_is_said_once_and_rows_wait_until_it_is_given(
    server: BigQueryServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, right: str
) -> None:
    server.missing = {right}
    async with shipping(tmp_path, server) as here:
        await here.record(2)
        await here.until(lambda: bool(here.shipper.problem))
        await here.until(lambda: len(server.asked) > 12)
        assert f"Permission {right} denied" in here.shipper.problem
        assert "docs/bigquery.md" in here.shipper.problem
        assert caplog.text.count("takes no rows") == 1
        assert await here.left() == 2
        server.missing = set()
        await here.until_sent()
    assert seen(server) == names(2)


async def test_a_wrong_project_is_said(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server, project="b-project") as here:
        await here.record(1)
        await here.until(lambda: bool(here.shipper.problem))
        assert "Project b-project" in here.shipper.problem
        assert await here.left() == 1


async def test_a_table_that_does_not_take_rows_yet_gets_them_later(server: BigQueryServer, tmp_path: Path) -> None:
    server.late = 2
    async with shipping(tmp_path, server) as here:
        await here.record(2)
        await here.until_sent()
    assert seen(server) == names(2)


async def test_another_dataset_gets_everything_from_the_beginning(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(2)
        await here.until_sent()
    async with shipping(tmp_path, server, dataset="elsewhere") as here:
        assert await here.left() == 2
        await here.until_sent()
    assert server.rows("SELECT COUNT(*) FROM elsewhere.agent_interactions") == [(2,)]


async def test_logs_of_two_machines_meet_in_one_dataset(server: BigQueryServer, tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two")):
        async with shipping(tmp_path / name, server) as here:
            await here.record(2, first=2 * number)
            await here.until_sent()
    assert seen(server) == names(4)
    assert server.rows("SELECT COUNT(DISTINCT source) FROM agent_system.agent_interactions") == [(2,)]


async def test_the_end_of_the_service_sends_what_is_left(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(3)
        await here.shipper.drain(60.0)
        assert await here.left() == 0
    assert seen(server) == names(3)


async def test_the_end_of_the_service_does_not_wait_for_one_that_hangs(server: BigQueryServer, tmp_path: Path) -> None:
    async with shipping(tmp_path, server) as here:
        await here.record(1)
        await here.until_sent()
        await here.record(1, first=1)
        given_up: list[object] = []

        async def hang(kind: object, entries: object) -> dict[int, str]:
            try:
                await asyncio.Event().wait()
            finally:
                given_up.append(kind)
            return {}

        here.shipper._destination.send = hang  # type: ignore[method-assign]  # one that never answers
        async with asyncio.timeout(60):
            await here.shipper.drain(0.1)
        assert given_up == ["calls"]
        assert await here.left() == 1


async def test_recording_goes_on_while_nothing_is_taken_and_a_full_disk_raises_as_before(
    server: BigQueryServer, tmp_path: Path
) -> None:
    cut_off(server)
    async with shipping(tmp_path, server) as here:
        running = asyncio.create_task(here.shipper.run())
        await here.record(20)
        await here.log._storage.run(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await here.log.record(a_call("large", response="x" * 1_000_000))
        await here.log._storage.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))
        assert await here.left() == 20
        running.cancel()
        await asyncio.wait([running])
        server.forget()
        await here.until_sent()
    assert seen(server) == names(20)


async def test_a_file_that_cannot_be_written_is_a_problem_like_another(server: BigQueryServer, tmp_path: Path) -> None:
    """The far end has the rows and they cannot be ticked off: they are sent again, and count once."""
    server.remembers_s = 0.0
    async with shipping(tmp_path, server) as here:
        await here.record(2)
        own = here.shipper._storage
        await own.run(lambda connection: connection.execute("PRAGMA query_only = ON"))
        await here.until(lambda: bool(here.shipper.problem))
        assert "readonly" in here.shipper.problem
        await own.run(lambda connection: connection.execute("PRAGMA query_only = OFF"))
        await here.until_sent()
        assert seen_rows(server) > 2
    assert seen(server) == names(2)


async def test_tries_are_put_off_twice_as_long_each_time_with_chance_in_it(
    tmp_path: Path, server: BigQueryServer
) -> None:
    async with shipping(tmp_path, server) as here:
        slow = Shipper(here.shipper._storage, here.shipper._destination, Pace(), jitter=lambda: 1.0)
        quick = Shipper(here.shipper._storage, here.shipper._destination, Pace(), jitter=lambda: 0.0)
        assert [slow._delay_s(tries) for tries in (1, 2, 3, 9, 10, 1_000)] == [1, 2, 4, 256, 300, 300]
        assert [quick._delay_s(tries) for tries in (1, 2, 3)] == [0.5, 1, 2]


@pytest.mark.parametrize("moment", ["after texts", "after figures", "in the second batch"])
async def test_a_kill_between_sending_and_ticking_off_loses_and_doubles_nothing(
    server: BigQueryServer, tmp_path: Path, moment: str
) -> None:
    server.remembers_s = 0.0
    async with shipping(tmp_path, server) as here:
        await here.record(1)
        await here.until_sent()
        await here.record(510, first=1)
    server.forget()
    count = {"after texts": 1, "after figures": 2, "in the second batch": 4}[moment]
    killed = await _ship_until(server, tmp_path, inserts=count)
    assert killed == -9
    server.altered = lambda answer: answer
    assert await _ship_until(server, tmp_path) == 0
    assert seen(server) == names(511)
    assert seen_rows(server) == {1: 511, 2: 1_011, 4: 521}[count]
    assert server.rows("SELECT COUNT(*) FROM agent_system.interaction_texts") == [(511,)]


async def _ship_until(server: BigQueryServer, folder: Path, *, inserts: int | None = None) -> int:
    """Ship in a process of its own, killed when so many insertions were done and not answered; how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.observability.shipping_child",
        str(folder / "interactions.db"),
        server.project,
        address(server),
    )
    done = 0

    def after(answer: Answer) -> Answer:
        nonlocal done
        done += server.asked[-1].line.endswith("/insertAll")
        if inserts and done == inserts:
            process.kill()
        return answer

    server.altered = after
    async with asyncio.timeout(90):
        return await process.wait()
