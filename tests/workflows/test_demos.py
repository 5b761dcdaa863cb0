"""Live demos: what was built can be tried while a person is asked about it, and ends when it should."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from core.errors import Conflict, NotFound, Refused
from core.events import DemoEnded, DemoStarted, Event
from core.tasks import Task
from tests.api.service import until
from tests.workflows.house import House, open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
WITH_PAGES = "A reading list web app: books with title, author and whether I have read them"


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        return await http.get(url)


async def told(house: House, task_id: str) -> list[Event]:
    return [each.event for each in await house.events(task_id) if isinstance(each.event, DemoStarted | DemoEnded)]


async def gone(url: str) -> bool:
    try:
        await get(url)
    except httpx.TransportError:
        return True
    return False


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "data", live_demo=True, max_demos=2) as opened:
        yield opened


async def asked(house: House, sentence: str) -> Task:
    return await house.settled((await house.submit(sentence)).task_id)


async def test_the_approval_has_the_address_of_the_whole_application(house: House) -> None:
    task = await asked(house, WITH_PAGES)
    question = await house.question(task.task_id)
    demo = question.payload["demo"]
    assert isinstance(demo, dict)
    url = str(demo["url"])
    assert task.demo_url == url
    assert (await get(f"{url}/health")).json() == {"status": "ok"}
    page = await get(url)
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" in page.text
    demos = house.application.api.demos
    assert (await demos.start(task.task_id)).url == url  # it runs already
    again = await demos.start(task.task_id, again=True)
    assert again.url != url
    assert await gone(url)
    assert (await get(f"{again.url}/health")).status_code == 200
    await demos.stop(task.task_id)
    assert await gone(again.url)
    assert (await house.application.commands.get(task.task_id)).demo_url is None
    kinds = [type(event).__name__ for event in await told(house, task.task_id)]
    assert kinds == ["DemoStarted", "DemoStarted", "DemoEnded"]
    with pytest.raises(NotFound):
        await demos.stop(task.task_id)


async def test_several_run_at_once_and_the_one_that_ends_soonest_makes_room(house: House) -> None:
    demos = house.application.api.demos
    tasks = [(await asked(house, "A REST API for notes with a title")).task_id for _ in range(3)]
    running = [demos.running(task_id) for task_id in tasks]
    assert running[0] is None
    urls = [demo.url for demo in running if demo]
    assert len(set(urls)) == 2
    assert [answer.status_code for answer in await asyncio.gather(*(get(f"{url}/health") for url in urls))] == [200] * 2
    ended = (await told(house, tasks[0]))[-1]
    assert isinstance(ended, DemoEnded)
    assert "room" in ended.reason


async def test_a_demo_ends_with_its_time_and_with_the_service(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with open_house(data, live_demo=True, demo_ttl_seconds=30) as house:
        task = await asked(house, "A REST API for notes with a title")
        assert isinstance((await told(house, task.task_id))[0], DemoStarted)

        async def ended_in_time() -> bool:
            return (await house.application.commands.get(task.task_id)).demo_url is None

        await until(ended_in_time, seconds=120)
        ended = (await told(house, task.task_id))[-1]
        assert isinstance(ended, DemoEnded)
        assert "time" in ended.reason
        demo = await house.application.api.demos.start(task.task_id)
    assert await gone(demo.url)
    async with open_house(data, live_demo=True) as house:
        assert (await house.application.commands.get(task.task_id)).demo_url is None


async def test_what_cannot_be_tried_says_why(tmp_path: Path) -> None:
    async with open_house(tmp_path / "data") as house:
        with pytest.raises(Refused, match="LIVE_DEMO"):
            await house.application.api.demos.start("anything")
    async with open_house(tmp_path / "data", live_demo=True) as house:
        task = await house.submit("A REST API for notes with a title", use_sandbox=False)
        await house.settled(task.task_id)
        with pytest.raises(Conflict, match="use_sandbox"):
            await house.application.api.demos.start(task.task_id)
        with pytest.raises(NotFound):
            await house.application.api.demos.start("unknown")
