"""Live updates: one stream for all tabs, handed over when its tab closes, resumed when the service was away."""

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.people import People, Person, people_at
from tests.browser.screens import ready
from tests.browser.service import SENTENCE, Api
from tests.e2e.processes import reserved_port, running_server

TABS = 10
TALL = 12_000
"""Of the newest rows as many are there as the screen needs: on this one all of them."""
AWAY = r"ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)"
WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def port() -> Iterator[int]:
    """For a service that is killed and comes back: nobody else gets it meanwhile."""
    with reserved_port() as reserved:
        yield reserved


async def expect_state(page: Page, state: str) -> None:
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", state)


async def until(reached: Callable[[], bool], seconds: float = 120) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if reached():
                return
            await asyncio.sleep(0.05)


def streams(person: Person) -> int:
    return len(person.watch.asked("/events"))


async def shown_events(page: Page) -> list[int]:
    """The numbers of the events whose rows are there, from above."""
    labels = (
        await page.get_by_role("feed")
        .locator("article")
        .evaluate_all("rows => rows.sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((row) => row.ariaLabel)")
    )
    return [int(re.findall(r"Event (\d+)", label)[0]) for label in labels]


async def test_ten_tabs_share_one_stream_and_the_next_tab_takes_it_over(people: People, api: Api) -> None:
    person = await people.person()
    tabs = [await person.open("/ui/tasks") for _ in range(TABS)]
    for tab in tabs:
        await ready(person, tab)  # its list is there: what is new in it comes by the stream
    assert streams(person) == 1
    await api.submit("Build a REST API for the first of two lists")
    for tab in tabs:
        await expect(tab.get_by_text("the first of two lists").first).to_be_visible()
    leader = person.watch.asked("/events")[0].frame.page
    await leader.close()
    await until(lambda: streams(person) == 2)
    heir = person.watch.asked("/events")[1]
    assert int((await heir.all_headers())["last-event-id"]) > 0
    await api.submit("Build a REST API for the second of two lists")
    for tab in tabs:
        if tab is not leader:
            await expect_state(tab, "live")
            await expect(tab.get_by_text("the second of two lists").first).to_be_visible()
    assert streams(person) == 2


async def test_where_tabs_cannot_share_each_has_a_stream_while_it_is_seen(people: People, api: Api) -> None:
    person = await people.person(script=WITHOUT_LOCKS)
    tabs = [await person.open("/ui/tasks") for _ in range(2)]
    for tab in tabs:
        await ready(person, tab)
    assert streams(person) == 2
    hidden, seen = tabs
    await hidden.evaluate(HIDE, True)
    await expect_state(hidden, "paused")
    await api.submit("Build a REST API for what happens meanwhile")
    await expect(seen.get_by_text("what happens meanwhile").first).to_be_visible()
    await expect(hidden.get_by_text("what happens meanwhile")).to_have_count(0)
    await hidden.evaluate(HIDE, False)
    await expect_state(hidden, "live")
    await expect(hidden.get_by_text("what happens meanwhile").first).to_be_visible()
    assert streams(person) == 3


async def test_a_killed_service_is_said_and_its_stream_goes_on_without_gap_or_repetition(
    chromium: Browser, tmp_path: Path, port: int
) -> None:
    command = [sys.executable, "-m", "tests.e2e.slow_server", "0.3", str(tmp_path / "calls"), str(port)]
    data, origin = tmp_path / "data", f"http://127.0.0.1:{port}"
    async with (
        people_at(chromium, origin) as people,
        httpx.AsyncClient(base_url=origin, timeout=60, trust_env=False) as http,
    ):
        api = Api(http)
        with running_server(data, command) as server:
            task_id = await api.submit(SENTENCE)
            person = await people.person(height=TALL)
            person.watch.expect(AWAY)
            page = await person.open(f"/ui/tasks/{task_id}")
            await expect_state(page, "live")
            await expect(page.get_by_role("feed").get_by_text("planner").first).to_be_visible()
            server.kill()
            banner = page.get_by_text("Live updates paused, reconnecting")
            await expect(banner).to_be_visible()
            await expect(page.get_by_role("feed").locator("article").first).to_be_visible()
        with running_server(data, command):
            await expect(banner).to_have_count(0)
            await expect_state(page, "live")
            await api.settled(task_id)
            await expect(page.get_by_role("button", name="Approve")).to_be_visible()
            other = await people.person(height=TALL)
            other.watch.expect(AWAY)  # the service ends before its page
            fresh = await other.open(f"/ui/tasks/{task_id}")
            live = await _shows_the_same(page, fresh, (await api.events(task_id))[-1]["seq"])
            assert len(live) == len(set(live))
            resumed = await person.watch.asked("/events")[-1].all_headers()
            assert int(resumed["last-event-id"]) > 0
            turns = [each["seq"] for each in await api.events(task_id) if each["event"]["type"] == "agent.started"]
            assert set(turns) <= set(live)


async def _shows_the_same(page: Page, fresh: Page, last: int) -> list[int]:
    """The events in both pages, once both show the last one, or the last before it that has a row of its own."""
    live, anew = list[int](), list[int]()
    end = time.monotonic() + 120
    while live != anew or not live or max(live) < last - 6:
        assert time.monotonic() < end, f"until {last}: {live}, and when it is opened anew {anew}"
        await asyncio.sleep(0.7)
        live, anew = await shown_events(page), await shown_events(fresh)
    return live
