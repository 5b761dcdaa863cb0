"""Both clients of the API against the real service: they do the same, in the same words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from client import Retries
from client.errors import ServiceError
from client.events import InterruptOpened, LlmEnd, TaskUpsert
from client.models import Action, InterruptKind, TaskStatus
from core.types import AgentName
from tests.api.service import Service, run_service
from tests.unit.client.answering import FACES, Face

SENTENCE = "a todo list"


@pytest.fixture(params=FACES, ids=["async", "blocking"])
def face(request: pytest.FixtureRequest) -> type[Face]:
    kind: type[Face] = request.param
    return kind


@asynccontextmanager
async def driving(face: type[Face], data: Path, **options: Any) -> AsyncIterator[tuple[Face, Service]]:
    async with run_service(data, api_key=options.get("api_key")) as service:
        client = face(f"unix:{service.path}", **{"caller": "ada", **options})
        try:
            yield client, service
        finally:
            await client.close()


async def asking(client: Face) -> Any:
    """A task that asks."""
    begun = await client.ask("submit", SENTENCE, use_sandbox=False)
    return await client.ask("wait", begun.task_id, timeout_s=120)


async def test_a_task_is_submitted_waited_for_asked_about_and_decided(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        begun = await client.ask("submit", SENTENCE, use_sandbox=False, budget_usd=2.5, max_iterations=4)
        assert (begun.status, begun.caller) == (TaskStatus.QUEUED, "ada")
        assert (begun.budget_usd, begun.max_iterations, begun.use_sandbox) == (2.5, 4, False)
        task = await client.ask("wait", begun.task_id)
        assert (task.at_rest, task.status, task.needs_human_input) == (True, TaskStatus.WAITING, True)
        question = await client.ask("interrupt", task.task_id, task.interrupt_id)
        assert question.kind is InterruptKind.ESCALATION
        assert question.actions[0] is Action.RETRY
        assert await client.list("interrupts", status="pending") == [question]
        assert (await client.list("interrupts", payload=False))[0].payload == {}
        arguments = (task.task_id, question.interrupt_id)
        with pytest.raises(ServiceError) as wrong:
            await client.ask("decide", *arguments, Action.ABORT, expected_digest="0" * 64)
        assert (wrong.value.status, wrong.value.fields["digest"]) == (409, question.digest)
        decided = await client.ask(
            "decide", *arguments, Action.ABORT, expected_digest=question.digest, message="enough"
        )
        assert (decided.decision.action, decided.decision.message, decided.decided_via) == ("abort", "enough", "client")
        with pytest.raises(ServiceError, match="already answered") as late:
            await client.ask("decide", *arguments, Action.RETRY)
        assert late.value.fields["winner"] == {
            "via": "client",
            "by": "",
            "action": "abort",
            "decided_at": decided.decided_at,
        }
        ended = await client.ask("wait", task.task_id, timeout_s=120)
        assert ended.status is TaskStatus.CANCELLED


async def test_words_are_read_by_the_service(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data", via="cli") as (client, _):
        task = await asking(client)
        with pytest.raises(ServiceError, match="do you mean retry or abort") as unclear:
            await client.ask("reply", task.task_id, "hm", interrupt_id=task.interrupt_id)
        assert unclear.value.status == 422
        answered = await client.ask("reply", task.task_id, "try again")
        assert (answered.decision.action, answered.decided_via) == (Action.RETRY, "cli")


async def test_a_wait_ends_with_its_time_and_tells_the_task_as_it_is(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, service):
        service.model.at_work.clear()
        begun = await client.ask("submit", SENTENCE, use_sandbox=False)
        assert (await client.ask("wait", begun.task_id, timeout_s=0.2)).at_rest is False
        waiting = asyncio.ensure_future(client.ask("wait", begun.task_id))
        service.model.at_work.set()
        assert (await waiting).needs_human_input


async def test_a_repeated_key_is_the_same_task_and_other_words_under_it_are_refused(
    face: type[Face], tmp_path: Path
) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        one, two = [await client.ask("submit", SENTENCE, use_sandbox=False, idempotency_key="k") for _ in range(2)]
        assert one.task_id == two.task_id
        with pytest.raises(ServiceError) as other:
            await client.ask("submit", "something else", idempotency_key="k")
        assert other.value.status == 409
        with pytest.raises(ServiceError, match="task_description") as empty:
            await client.ask("submit", "")
        assert (empty.value.status, set(empty.value.invalid)) == (422, {"task_description"})


async def test_lists_go_on_over_their_pages(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        begun = [(await asking(client)).task_id for _ in range(3)]
        assert [task.task_id for task in await client.list("tasks", page_size=1)] == begun[::-1]
        assert [task.task_id for task in await client.list("tasks", before=begun[1])] == begun[:1]
        assert await client.list("tasks", status=TaskStatus.COMPLETED) == []
        questions = await client.list("interrupts", page_size=1)
        assert [each.task_id for each in questions] == begun
        newest = await client.list("interrupts", page_size=2, newest_first=True)
        assert [each.task_id for each in newest] == begun[::-1]
        calls = await client.list("logs", page_size=1)
        assert len(calls) >= 3
        assert {call.success for call in calls} == {False}
        assert await client.list("logs", task_id=begun[0], success=True) == []


async def test_events_are_streamed_to_the_end_of_a_task_and_read_again_from_the_log(
    face: type[Face], tmp_path: Path
) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        task = await asking(client)
        whole = asyncio.ensure_future(client.list("events", task.task_id))
        everything = asyncio.ensure_future(client.list("events", after=0, most=3))
        await client.ask("cancel", task.task_id)
        streamed = await whole
        assert [event.seq for event in streamed] == list(range(1, len(streamed) + 1))
        assert streamed[-1].ends_task
        assert [event.position for event in await everything] == [1, 2, 3]
        for options in ({"page_size": 2}, {"page_size": 2, "order": "newest"}):
            stored = await client.list("stored_events", task.task_id, **options)
            in_order = stored if len(options) == 1 else stored[::-1]
            assert in_order[: len(streamed)] == streamed
        assert await client.list("events", task.task_id, after=streamed[-2].position) == in_order[len(streamed) - 1 :]
        opened = await client.list("stored_events", type="interrupt.opened", agent=None, q="away")
        assert isinstance(opened[0].event, InterruptOpened)
        assert await client.ask("event", task.task_id, opened[0].seq) == opened[0]
        kinds = {type(event.event) for event in streamed}
        assert {TaskUpsert, LlmEnd} <= kinds


async def test_what_a_task_has_not_is_nothing_or_a_sentence(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        task = await asking(client)
        assert await client.ask("pull_request", task.task_id) is None
        assert await client.ask("artifacts", task.task_id) == {}
        assert (await client.ask("diff", task.task_id)).files == ()
        for method, arguments in (("archive", ()), ("artifact", ("a.py",)), ("artifact", ("../../etc/passwd",))):
            with pytest.raises(ServiceError) as nothing:
                await client.ask(method, task.task_id, *arguments)
            assert nothing.value.status == 404
        for method in ("task", "wait", "cancel", "checkpoints", "effects", "artifacts"):
            with pytest.raises(ServiceError, match="there is no task 0123"):
                await client.ask(method, "0123")
        for wrong in ("a/b", "..", "x" * 100, ""):
            with pytest.raises(ServiceError) as refused:
                await client.ask("task", wrong)
            assert refused.value.status in (404, 422)


async def test_a_fork_goes_on_from_a_checkpoint(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        task = await asking(client)
        points = await client.ask("checkpoints", task.task_id)
        assert [point.number for point in points] == list(range(len(points)))
        forked = await client.ask("fork", task.task_id, checkpoint_id=points[-1].checkpoint_id, feedback="bigger")
        assert "paid, again" in forked.warning
        assert (forked.task.forked_from.task_id, forked.task.forked_from.feedback) == (task.task_id, "bigger")
        assert await client.ask("effects", task.task_id) == ()


async def test_the_service_tells_of_its_agents_models_and_money(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        await asking(client)
        agents = await client.ask("agents")
        assert [each.agent for each in agents] == list(AgentName)
        assert (await client.ask("identity", "planner")).identity.agent == "planner"
        with pytest.raises(ServiceError):
            await client.ask("identity", "nobody")
        stats = await client.ask("stats")
        assert (stats.tasks["waiting_for_input"], stats.budget.day.cap_usd) == (1, None)
        setup = await client.ask("models")
        assert {entry.agent for entry in setup.agents} == set(AgentName)
        checks = await client.ask("check_models")
        assert {check.model for check in checks.checks} == {facts.model for facts in setup.models}
        assert [workflow.name for workflow in await client.ask("workflows")] == ["build"]


async def test_a_rule_is_tried_and_looked_at_again(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data") as (client, _):
        rule = (await client.ask("rules", "planner"))[0]
        begun = await client.ask("try_rule", "planner", rule.rule_id)
        assert (begun.state, begun.ended, begun.rule, begun.by) == ("running", False, rule.text, "client")
        assert await client.ask("try_rule", "planner", rule.rule_id) == begun
        assert await client.ask("wait_for_experiment", "planner", rule.rule_id, timeout_s=0.1) == begun
        with pytest.raises(ServiceError, match="no experiment with rule") as unknown:
            await client.ask("experiment", "planner", "0" * 16)
        assert unknown.value.status == 404


async def test_without_the_key_only_health_is_told_and_not_much_of_it(face: type[Face], tmp_path: Path) -> None:
    async with driving(face, tmp_path / "data", api_key="right key") as (client, service):
        assert (await client.ask("health")).config["api_key"] == "set"
        await client.ask("stats")
        stranger = face(f"unix:{service.path}", api_key="wrong")
        assert (await stranger.ask("health")).config is None
        for asking_in_vain in (stranger.ask("stats"), stranger.list("tasks"), stranger.list("events", "0123")):
            with pytest.raises(ServiceError, match="X-API-Key") as refused:
                await asking_in_vain
            assert refused.value.status == 401
        await stranger.close()


async def test_a_full_queue_is_told_with_when_to_come_back(face: type[Face], tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_queued_tasks=0, max_concurrent_tasks=1) as service:
        service.model.at_work.clear()
        client = face(f"unix:{service.path}")
        full: ServiceError | None = None
        for _ in range(4):
            try:
                await client.ask("submit", SENTENCE, use_sandbox=False)
            except ServiceError as error:
                full = error
                break
        assert full is not None
        assert full.status == 429
        assert full.retry_after_s is not None
        assert full.retry_after_s > 1, "longer than this test's clients wait"
        service.model.at_work.set()
        await client.close()


class Relay:
    """An address that stays while services come and go behind it."""

    def __init__(self) -> None:
        self.target: Path | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.target is not None:
            there, back = await asyncio.open_unix_connection(str(self.target))
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        writer.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        sink.write(piece)
        await sink.drain()
    sink.close()


async def test_a_stream_goes_on_when_the_service_was_restarted(face: type[Face], tmp_path: Path) -> None:
    relay = Relay()
    patient = Retries(first_pause_s=0.05, longest_pause_s=0.1, stream_times=2_000)
    async with await asyncio.start_server(relay.serve, "127.0.0.1", 0) as server:
        client = face("http://{}:{}".format(*server.sockets[0].getsockname()), retries=patient, trust_env=False)
        async with run_service(tmp_path / "data") as service:
            relay.target = service.path
            service.model.at_work.clear()
            begun = await client.ask("submit", SENTENCE, use_sandbox=False)
            await client.list("events", begun.task_id, most=2)
            follow = asyncio.ensure_future(client.list("events", begun.task_id))
            relay.target = None
        async with run_service(tmp_path / "data") as service:
            relay.target = service.path
            await client.ask("wait", begun.task_id, timeout_s=120)
            await client.ask("cancel", begun.task_id)
            seen = await follow
        await client.close()
    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].ends_task
