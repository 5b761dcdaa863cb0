"""Callers take turns: who has submitted fifty tasks does not keep out who submits one."""

import itertools
from pathlib import Path

from core.access import Actor
from core.events import TaskUpsert
from core.tasks import TaskRequest
from core.types import TaskStatus
from tests.api.service import Service, run_service, until
from wiring import Application

REQUEST = TaskRequest(task_description="a todo list", use_sandbox=False)


async def submit(application: Application, caller: str, count: int) -> list[str]:
    return [(await application.commands.submit(REQUEST, caller=caller)).task_id for _ in range(count)]


async def running(service: Service) -> list[str]:
    """Ids of the tasks that ran, in the order in which they did; with one at a time each segment is one of them."""
    events = await service.application.api.events.read(limit=10_000)
    told = [
        entry.task_id
        for entry in events
        if isinstance(entry.event, TaskUpsert) and entry.event.status is TaskStatus.RUNNING
    ]
    return [task_id for task_id, _ in itertools.groupby(told)]


async def beginnings(service: Service) -> list[str]:
    """Ids of the tasks that have begun, in the order in which they did."""
    return list(dict.fromkeys(await running(service)))


async def all_asked(service: Service) -> bool:
    counts = await service.application.api.count_tasks()
    return counts[TaskStatus.WAITING] == sum(counts.values())


async def test_one_task_of_another_caller_begins_among_the_first_of_fifty(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_concurrent_tasks=2, max_queued_tasks=60) as service:
        service.model.at_work.clear()
        many = await submit(service.application, "ada", 50)
        (one,) = await submit(service.application, "bob", 1)
        service.model.at_work.set()
        await until(lambda: all_asked(service), seconds=300)
        order = await beginnings(service)
        assert sorted(order) == sorted([*many, one])
        assert order.index(one) <= 3  # two run when it comes, and one place may have become free meanwhile


async def test_callers_who_wait_with_several_tasks_each_begin_in_turn(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_concurrent_tasks=1, max_queued_tasks=60) as service:
        service.model.at_work.clear()
        (first,) = await submit(service.application, "kim", 1)

        async def runs() -> bool:
            return await beginnings(service) == [first]

        await until(runs)
        names: dict[str, str] = {}
        for caller, count in (("ada", 4), ("bob", 2), ("eve", 1)):
            names |= dict.fromkeys(await submit(service.application, caller, count), caller)
        service.model.at_work.set()
        await until(lambda: all_asked(service), seconds=300)
        assert [names[task_id] for task_id in (await beginnings(service))[1:]] == [
            *("ada", "bob", "eve"), *("ada", "bob"), "ada", "ada",
        ]  # fmt: skip


async def test_an_answer_goes_before_tasks_that_wait_to_begin(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data", max_concurrent_tasks=1, max_queued_tasks=60) as service:
        (asked,) = await submit(service.application, "ada", 1)
        await until(lambda: all_asked(service))
        service.model.at_work.clear()
        others = await submit(service.application, "bob", 4)

        async def runs() -> bool:
            return await running(service) == [asked, others[0]]

        await until(runs)
        await service.application.commands.reply(asked, "try again", Actor(via="test"))
        service.model.at_work.set()
        await until(lambda: all_asked(service), seconds=300)
        assert await running(service) == [asked, others[0], asked, *others[1:]]
