"""The tools over the real service, as a host sees and calls them."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client, MCPError

from client import AsyncAutonomyClient
from mcp_server.making import make_server
from memory.events import SqliteEventLog
from tests.api.service import OWN_READERS, Service, until
from tests.unit.client.answering import QUICK
from tests.unit.mcp_server.hosting import asking, call, hosting, refused

TOOLS = {
    "submit_task", "get_task", "list_tasks", "wait_for_task", "list_questions", "decide", "reply_to_task", "cancel_task",
    "list_artifacts", "read_artifact", "get_diff",
}  # fmt: skip
CHANGES = {"submit_task", "decide", "reply_to_task", "cancel_task"}
DESTROYS = {"decide", "reply_to_task", "cancel_task"}
WRONG = "0" * 64


def answer(task_id: str, question: dict[str, Any], **changes: object) -> dict[str, Any]:
    """Arguments that name a question as it was shown."""
    named = {"task_id": task_id, "interrupt_id": question["interrupt_id"], "expected_digest": question["digest"]}
    return named | changes


async def test_every_tool_says_what_it_takes_what_it_gives_and_what_it_may_do(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, _):
        tools = {tool.name: tool for tool in (await host.list_tools()).tools}
        assert tools.keys() == TOOLS
        for name, tool in tools.items():
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            assert tool.output_schema is not None
            jsonschema.Draft202012Validator.check_schema(tool.output_schema)
            assert tool.input_schema["additionalProperties"] is False
            assert tool.title
            assert tool.description
            hints = tool.annotations
            assert hints is not None
            assert (hints.read_only_hint, hints.destructive_hint) == (name not in CHANGES, name in DESTROYS), name
        for name in ("decide", "reply_to_task"):
            assert "expected_digest" in tools[name].input_schema["required"], name
        templates = (await host.list_resource_templates()).resource_templates
        assert [each.uri_template for each in templates] == [
            "autonomy://tasks/{task_id}",
            "autonomy://tasks/{task_id}/artifacts/{+path}",
        ]
        assert "approvals are theirs" in (host.instructions or "")


async def test_what_a_tool_gives_is_of_its_schema(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, _):
        task_id, question = await asking(host)
        schemas = {tool.name: tool.output_schema for tool in (await host.list_tools()).tools}
        for name, arguments in (
            ("get_task", {"task_id": task_id}),
            ("list_tasks", {}),
            ("list_questions", {}),
            ("list_artifacts", {"task_id": task_id}),
            ("get_diff", {"task_id": task_id}),
            ("decide", answer(task_id, question, action="abort")),
        ):
            jsonschema.validate(await call(host, name, **arguments), schemas[name] or {})


async def test_a_question_is_decided_by_its_digest_and_recorded_as_answered_over_mcp(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, service):
        task_id, question = await asking(host)
        assert (question["kind"], question["actions"][0]) == ("escalation", "retry")
        listed = await call(host, "list_questions")
        assert (listed["items"], listed["more"]) == ([question], False)
        for tool, extra in (("decide", {"action": "abort"}), ("reply_to_task", {"message": "abort"})):
            wrong = answer(task_id, question, **extra, expected_digest=WRONG)
            assert "differs from what you were shown" in await refused(host, tool, **wrong)
            del wrong["expected_digest"]
            assert "expected_digest" in await refused(host, tool, **wrong)
        assert (await call(host, "list_questions"))["items"] == [question], "nothing was decided"
        decided = await call(host, "decide", **answer(task_id, question, action="abort", message="enough"))
        assert (decided["action"], decided["message"], decided["decided_via"]) == ("abort", "enough", "mcp")
        again = await refused(host, "decide", **answer(task_id, question, action="retry"))
        assert "already answered with 'abort' via mcp" in again or "already answered with 'abort' through mcp" in again
        ended = await call(host, "wait_for_task", task_id=task_id, timeout_s=120)
        assert (ended["status"], ended["at_rest"], ended["question"]) == ("cancelled", True, None)
        assert (await service.http.get(f"/tasks/{task_id}")).json()["caller"] == "ada"


async def test_a_person_s_own_words_are_read_by_the_service_which_may_ask_back(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, _):
        task_id, question = await asking(host)
        unclear = await refused(host, "reply_to_task", **answer(task_id, question, message="hm"))
        assert "do you mean retry or abort?" in unclear
        decided = await call(host, "reply_to_task", **answer(task_id, question, message="try again"))
        assert (decided["action"], decided["decided_via"]) == ("retry", "mcp")


async def test_an_answer_that_the_question_does_not_take_is_refused_with_those_it_does(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, _):
        task_id, question = await asking(host)
        said = await refused(host, "decide", **answer(task_id, question, action="raise_budget", budget_usd=2))
        assert "allowed: " in said
        assert "action" in await refused(host, "decide", **answer(task_id, question, action="burn"))


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("get_task", {"task_id": "0123"}, "there is no task 0123"),
        ("get_task", {"task_id": "../health"}, "task_id"),
        ("wait_for_task", {"task_id": "0123"}, "there is no task 0123"),
        ("wait_for_task", {"task_id": "0123", "timeout_s": 1e9}, "timeout_s"),
        ("cancel_task", {"task_id": "0123"}, "there is no task 0123"),
        ("list_artifacts", {"task_id": "0123"}, "there is no task 0123"),
        ("read_artifact", {"task_id": "0123", "path": "a"}, "there is no task 0123"),
        ("decide", {"task_id": "0", "interrupt_id": "1", "action": "abort", "expected_digest": WRONG}, "no task 0"),
        ("reply_to_task", {"task_id": "0", "interrupt_id": "1", "message": "x", "expected_digest": WRONG}, "0"),
        ("submit_task", {"task_description": " "}, "task_description must not be empty"),
        ("submit_task", {"task_description": "todos", "budget": 3}, "budget"),
        ("submit_task", {"task_description": "todos", "budget_usd": -1}, "budget_usd"),
        ("burn", {}, "Unknown tool: burn"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_sentence(
    tmp_path: Path, tool: str, arguments: dict[str, object], sentence: str
) -> None:
    async with hosting(tmp_path / "data") as (host, service):
        assert sentence in await refused(host, tool, **arguments)
        assert (await service.http.get("/tasks")).json()["items"] == []


async def test_a_service_that_is_gone_is_a_sentence_for_every_tool_and_resource() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = "http://{}:{}".format(*taken.getsockname())
        async with (
            AsyncAutonomyClient(address, retries=QUICK, trust_env=False) as client,
            Client(make_server(client, "1")) as host,
        ):
            for tool, arguments in (("list_tasks", {}), ("wait_for_task", {"task_id": "0123"}), ("list_questions", {})):
                assert f"the service at {address} does not answer" in await refused(host, tool, **arguments)
            with pytest.raises(MCPError, match="does not answer"):
                await host.read_resource("autonomy://tasks/0123")


async def test_tasks_come_in_pages(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, service):
        service.model.at_work.clear()
        begun = [await call(host, "submit_task", task_description=f"todos {n}", use_sandbox=False) for n in range(3)]
        first = await call(host, "list_tasks", limit=2)
        rest = await call(host, "list_tasks", limit=2, before=first["next"])
        listed = [line["task_id"] for line in first["items"] + rest["items"]]
        assert listed == [each["task_id"] for each in reversed(begun)]
        assert rest["next"] is None
        assert (await call(host, "list_tasks", status="completed"))["items"] == []
        service.model.at_work.set()


async def test_the_same_key_is_the_same_task(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, _):
        words = {"task_description": "todos", "use_sandbox": False, "idempotency_key": "k"}
        one, two = [await call(host, "submit_task", **words) for _ in range(2)]
        assert one["task_id"] == two["task_id"]
        assert one["forecast_usd"]["expected"] >= 0


async def test_a_wait_tells_what_happens_and_comes_back_when_its_time_is_over(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, service):
        service.model.at_work.clear()
        begun = await call(host, "submit_task", task_description="todos", use_sandbox=False)
        report = await call(host, "wait_for_task", task_id=begun["task_id"], timeout_s=0.2)
        assert (report["at_rest"], report["question"]) == (False, None)
        told: list[tuple[float, str | None]] = []

        async def take(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, message))
            assert total is None

        await until(lambda: _is(readers(service) == OWN_READERS))
        waiting = asyncio.ensure_future(
            host.call_tool("wait_for_task", {"task_id": begun["task_id"], "timeout_s": 120}, progress_callback=take)
        )
        await until(lambda: _is(readers(service) > OWN_READERS))
        service.model.at_work.set()
        result = await waiting
        assert result.structured_content is not None
        assert result.structured_content["question"]["kind"] == "escalation"
        await until(lambda: _is(any("the model is away" in (message or "") for _, message in told)))
        assert [number for number, _ in told] == list(range(1, len(told) + 1))


def readers(service: Service) -> int:
    """How many wait for something to happen."""
    log = service.application.api.events
    assert isinstance(log, SqliteEventLog)
    return log.waiting


async def _is(true: bool) -> bool:
    return true


async def test_a_task_that_is_cancelled_has_ended(tmp_path: Path) -> None:
    async with hosting(tmp_path / "data") as (host, service):
        task_id, _ = await asking(host)
        assert (await call(host, "cancel_task", task_id=task_id))["status"] == "cancelled"
        assert "already cancelled" in await refused(host, "cancel_task", task_id=task_id)
        notices = (await service.http.get(f"/tasks/{task_id}/events/page", params={"type": "notice"})).json()["items"]
        assert "cancelled via mcp" in [each["event"]["text"] for each in notices]
