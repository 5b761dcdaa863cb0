"""`GET /metrics` over HTTP: who may ask, what comes, and that it says the same as `GET /stats`."""

from pathlib import Path

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from tests.api.service import asked, run_service
from tests.api.test_bad_input import expect

KEY = "right key"
ACCEPTED_BY_PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {KEY}"}, 401),
        ({"Authorization": KEY}, 401),
        ({"X-API-Key": KEY}, 200),
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"Authorization": f"bearer {KEY}", "X-API-Key": "wrong"}, 200),
    ],
)
async def test_with_a_key_it_is_asked_for_in_either_header(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with run_service(tmp_path / "data", api_key=KEY) as service:
        answer = await service.http.get("/metrics", headers=headers)
        if status == 401:
            expect(answer, 401, "Bearer")
        assert answer.status_code == status
        other = await service.http.get("/stats", headers={"Authorization": f"Bearer {KEY}"})
        assert other.status_code == 401, "the second way is for Prometheus alone"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        ("text/plain;version=1.0.0", "text/plain; version=0.0.4"),
        (ACCEPTED_BY_PROMETHEUS, "application/openmetrics-text; version=1.0.0"),
        ("application/openmetrics-text; version=ninety", "application/openmetrics-text; version=1.0.0"),
    ],
)
async def test_the_format_is_the_one_that_is_asked_for(
    http: httpx.AsyncClient, accept: str | None, media_type: str
) -> None:
    answer = await http.get("/metrics", headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    parse = openmetrics if media_type.startswith("application") else plain
    assert "autonomy_tasks" in {family.name for family in parse(answer.text)}


async def test_it_says_what_stats_says(http: httpx.AsyncClient) -> None:
    await asked(http)
    stats = (await http.get("/stats")).json()
    families = {family.name: family for family in plain((await http.get("/metrics")).text)}
    tasks = {sample.labels["status"]: sample.value for sample in families["autonomy_tasks"].samples}
    assert tasks == stats["tasks"]
    assert tasks["waiting_for_input"] == 1
    failures = {
        sample.labels["agent"]: sample.value
        for sample in families["autonomy_model_calls"].samples
        if sample.labels["outcome"] == "failure"
    }
    assert failures == {entry["agent"]: entry["failures"] for entry in stats["agents"] if entry["failures"]}
    assert failures, "the model of this service fails every call"
