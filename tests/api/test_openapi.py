"""The service's own OpenAPI: complete, with examples, and true enough that no input it allows is answered with 5xx."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from api.document import EXAMPLES
from api.schemas import TaskView
from core.tasks import Decision, Interrupt
from tests.api.service import run_service

METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = {
    "POST /tasks", "GET /tasks", "GET /tasks/{task_id}", "DELETE /tasks/{task_id}", "POST /tasks/{task_id}/reply",
    "GET /interrupts", "GET /tasks/{task_id}/interrupts/{interrupt_id}",
    "POST /tasks/{task_id}/interrupts/{interrupt_id}/decision", "GET /events", "GET /events/page",
    "GET /tasks/{task_id}/events", "GET /tasks/{task_id}/events/page", "GET /tasks/{task_id}/events/{seq}",
    "GET /tasks/{task_id}/artifacts.tar.gz", "GET /tasks/{task_id}/artifacts/{path}", "GET /tasks/{task_id}/diff",
    "GET /tasks/{task_id}/pull_request", "GET /tasks/{task_id}/checkpoints", "POST /tasks/{task_id}/fork",
    "GET /tasks/{task_id}/effects", "GET /agents", "GET /agents/{agent}/identity", "GET /logs", "GET /stats",
    "GET /models", "POST /models/check", "GET /workflows", "GET /metrics", "GET /health", "GET /whoami", "GET /keys",
    "POST /keys", "DELETE /keys/{key_id}", "GET /audit", "POST /tasks/{task_id}/demo", "GET /tasks/{task_id}/demo",
    "DELETE /tasks/{task_id}/demo", "POST /hooks/{host}", "GET /tasks/{task_id}/timeline", "GET /tasks/{task_id}/tests",
    "GET /tasks/{task_id}/reviews", "GET /tasks/{task_id}/plan", "GET /tasks/{task_id}/graph", "GET /tasks/{task_id}/costs",
    "GET /tasks/{task_id}/tree", "GET /tasks/{task_id}/calls",
    "GET /agents/{agent}/rules", "PATCH /agents/{agent}/rules/{rule_id}", "GET /agents/{agent}/versions",
    "GET /agents/{agent}/versions/{version}/diff", "POST /agents/{agent}/rollback", "GET /agents/{agent}/memory-diffs",
    "GET /logs/export", "GET /logs/{call_id}", "GET /stats/series", "GET /config", "POST /health/check",
    "POST /tasks/{task_id}/interrupts/{interrupt_id}/reading", "POST /agents/{agent}/rules",
    "DELETE /agents/{agent}/rules/{rule_id}", "GET /agents/{agent}/versions/{version}", "GET /export", "GET /export/finetune",
    "POST /import", "POST /agents/{agent}/rules/{rule_id}/experiment", "GET /agents/{agent}/rules/{rule_id}/experiment",
}  # fmt: skip


def operations(document: dict[str, dict[str, dict[str, dict[str, object]]]]) -> Iterator[tuple[str, dict[str, object]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", item[method]


async def test_the_document_is_valid_and_names_every_operation(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert {name for name, _ in operations(document)} == OPERATIONS


async def test_every_operation_says_what_it_does_and_how_it_fails(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    for name, operation in operations(document):
        assert operation.get("description") or operation.get("summary"), name
        responses = operation["responses"]
        assert isinstance(responses, dict)
        for status, response in responses.items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], f"{name} {status}"
        if name != "GET /health":
            assert "401" in responses, name
            bearer = [{"HTTPBearer": []}] if name == "GET /metrics" else []
            keys = [] if name == "POST /hooks/{host}" else [{"APIKeyHeader": []}, *bearer]
            assert operation.get("security", []) == keys, name


async def test_every_body_and_answer_that_is_an_object_has_an_example(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    for name in ("TaskSubmission", "Reply", "Decision", "TaskView", "Interrupt", "Problem"):
        assert schemas[name].get("examples"), name


@pytest.mark.parametrize(("name", "model"), [("Decision", Decision), ("Interrupt", Interrupt), ("TaskView", TaskView)])
def test_every_example_is_of_the_shape_that_it_stands_for(name: str, model: type[BaseModel]) -> None:
    assert model.model_validate(EXAMPLES[name]).model_dump(mode="json", exclude_unset=True) == EXAMPLES[name]


async def test_the_documentation_is_served(http: httpx.AsyncClient) -> None:
    assert (await http.get("/docs")).status_code == 200


@pytest.mark.timeout(900)
async def test_schemathesis_finds_no_server_error(tmp_path: Path) -> None:
    """Bounded: a fixed seed, few examples of each kind; streams are left out, since they have no end."""
    async with run_service(tmp_path / "data", port=0, max_queued_tasks=2, api_key="fuzz") as service:
        url = "http://{}:{}/openapi.json".format(*service.bound)
        arguments = [
            "run", url, "-H", "X-API-Key: fuzz", "--checks",
            "not_a_server_error,content_type_conformance,status_code_conformance",
            "--exclude-path-regex", "events$", "--max-examples", "12", "--seed", "1", "--phases", "examples,coverage,fuzzing",
            "--request-timeout", "120", "--no-color", "--generation-database", "none", "--continue-on-failure",
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("schemathesis")),
            *arguments,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), 800)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, output.decode()[-6000:]
