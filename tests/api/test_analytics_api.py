"""A service with a project: calls go to BigQuery by themselves, `POST /health/check` and `GET /metrics` say how that goes."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.api.service import Service, run_service, until
from tests.contracts.test_interaction_log import a_call
from tests.stopwatch import stopwatch
from tests.unit.observability.shipped import cut_off, seen
from tests.wire.bigquery.running import address, running_bigquery
from tests.wire.bigquery.server import BigQueryServer


def cloud(server: BigQueryServer) -> dict[str, str]:
    return {"gcp_project_id": server.project, "bigquery_emulator_host": address(server).removeprefix("http://")}


async def analytics_of(service: Service) -> Any:
    parts = (await service.http.post("/health/check")).json()["parts"]
    return next(each for each in parts if each["part"] == "analytics")


def gone_through(service: Service) -> Callable[[], Awaitable[bool]]:
    async def nothing_waits() -> bool:
        return 'autonomy_analytics_rows{kind="calls",state="waiting"} 0.0' in (await service.http.get("/metrics")).text

    return nothing_waits


async def test_calls_of_the_past_and_of_now_go_to_bigquery(tmp_path: Path) -> None:
    async with running_bigquery() as server:
        async with run_service(tmp_path) as service:
            await service.application.api.interactions.record(a_call("c0"))
            assert "autonomy_analytics_rows" not in (await service.http.get("/metrics")).text
            found = await analytics_of(service)
            assert (found["status"], found["fix"]) == ("skipped", "set GCP_PROJECT_ID (docs/bigquery.md)")
        async with run_service(tmp_path, shutdown_grace_seconds=5.0, **cloud(server)) as service:
            await until(gone_through(service))
            found = await analytics_of(service)
            assert (found["status"], found["detail"]) == (
                "ok",
                "a-project.agent_system answers and has 1 calls; 0 rows wait to be sent",
            )
            await service.application.api.interactions.record(a_call("c1", ts=2_000.0))
        assert seen(server) == ["c0", "c1"]  # the second was sent on the way out, if not before


async def test_a_dataset_that_cannot_be_reached_holds_nothing_up(tmp_path: Path) -> None:
    async with running_bigquery() as server:
        cut_off(server)
        async with run_service(tmp_path, **cloud(server)) as service:
            with stopwatch() as spent:
                await service.application.api.interactions.record(a_call())
                assert spent() < 5
            found = await analytics_of(service)
            assert found["status"] == "failed"
            assert "cannot be reached" in found["detail"]
            assert "docs/bigquery.md" in found["fix"]
            metrics = (await service.http.get("/metrics")).text
            assert 'autonomy_analytics_rows{kind="calls",state="waiting"} 1.0' in metrics


async def test_refused_rows_are_a_finding(tmp_path: Path) -> None:
    async with running_bigquery() as server:
        server.row_faults = {"c1": "invalid"}
        async with run_service(tmp_path, **cloud(server)) as service:
            await service.application.api.interactions.record(a_call())
            await until(gone_through(service))
            found = await analytics_of(service)
            assert (found["status"], found["detail"].endswith("; 1 rows were refused")) == ("failed", True)
            assert "unshipped" in found["fix"]
