"""Every panel without its answer: it says why and tries again, and what was there stays while nobody answers."""

import asyncio
import json
import re
from collections.abc import Mapping

from playwright.async_api import Error, Page, Route, expect

from tests.browser.history import History
from tests.browser.people import People
from tests.browser.screens import ready

EXPECTED = r"500|ERR_(FAILED|TIMED_OUT|INTERNET_DISCONNECTED)"
AT_ONCE = 6
"""The page tries three times before it says so; others wait beside it."""
PROBLEM = {"type": "about:blank", "title": "Broken", "status": 500, "detail": "the disk is on fire"}


def panels(history: History) -> Mapping[str, str]:
    """The path of each screen, with the answer that it cannot do without."""
    task = f"/tasks/{history.finished}"
    return {
        "/ui/": r"/stats$",
        "/ui/inbox": r"/interrupts\?",
        "/ui/tasks": r"/tasks\?",
        f"/ui{task}": rf"{task}/events/page",
        f"/ui{task}/timeline": rf"{task}/timeline",
        f"/ui{task}/files": rf"{task}/tree",
        f"/ui{task}/tests": rf"{task}/tests",
        f"/ui{task}/review": rf"{task}/reviews",
        f"/ui{task}/plan": rf"{task}/plan",
        f"/ui{task}/graph": rf"{task}/graph",
        f"/ui{task}/cost": rf"{task}/costs",
        f"/ui{task}/state": rf"{task}/checkpoints",
        "/ui/agents": r"/agents$",
        "/ui/agents/backend_agent": r"/agents/backend_agent/rules",
        "/ui/logs": r"/logs(\?|$)",
        "/ui/analytics": r"/stats/series",
        "/ui/settings": r"/(health|config)$",
    }


async def _broken(route: Route) -> None:
    await route.fulfill(status=500, body=json.dumps(PROBLEM), content_type="application/problem+json")


async def _cut(route: Route) -> None:
    await route.abort("timedout")


async def test_every_panel_says_what_failed_and_tries_again(visitors: People, history: History) -> None:
    person = await visitors.person()
    person.watch.expect(EXPECTED)
    limit = asyncio.Semaphore(AT_ONCE)

    async def tried(number: int, path: str, needed: str) -> str:
        async with limit:
            page = await person.context.new_page()
            wrong = await _wrong_with(page, visitors.origin + path, needed, "cut" if number % 3 == 0 else "broken")
            await page.close()
        return f"{path}: {wrong}" if wrong else ""

    wanted = panels(history).items()
    said = await asyncio.gather(*(tried(number, *each) for number, each in enumerate(wanted)))
    assert not any(said), "\n".join(filter(None, said))


async def _wrong_with(page: Page, url: str, needed: str, way: str) -> str:
    """What is not as it should be while the answer to `needed` is missing, and once it is there again."""
    pattern = re.compile(rf"//[^/]+{needed}")
    await page.route(pattern, _broken if way == "broken" else _cut)
    await page.goto(url)
    try:
        await _recovers(page, pattern, way)
    except (AssertionError, Error) as error:
        return str(error).splitlines()[0]
    return ""


async def _recovers(page: Page, pattern: re.Pattern[str], way: str) -> None:
    alerts = page.get_by_role("alert").filter(has=page.get_by_role("button", name="Retry"))
    await expect(alerts.first).to_be_visible()
    await expect(alerts.first).to_contain_text("the disk is on fire" if way == "broken" else "could not be reached")
    await page.unroute(pattern)
    while found := await alerts.element_handles():  # what was asked before may fail, or succeed, while another one goes
        retry = await found[0].query_selector("button")
        assert retry is not None
        try:
            await retry.click()
        except Error:
            if await found[0].is_visible():
                raise
        await found[0].wait_for_element_state("hidden")


async def test_what_is_shown_stays_while_the_browser_is_offline(visitors: People, history: History) -> None:
    person = await visitors.person()
    person.watch.expect(EXPECTED, "this screen could not be fetched")
    page = await person.open("/ui/tasks")
    await ready(person, page)
    rows = page.locator("main tbody tr")
    await expect(rows).to_have_count(5)
    await person.context.set_offline(True)
    await page.get_by_role("link", name="Agents").click()
    await expect(page.get_by_role("alert")).to_contain_text("this screen could not be fetched from the service")
    await page.get_by_role("button", name="Retry").click()
    await expect(page.get_by_text("The service cannot be reached")).to_be_visible()
    await page.get_by_role("link", name="Tasks").click()
    await expect(rows).to_have_count(5)
    await person.context.set_offline(False)
    await page.get_by_role("link", name="Agents").click()
    await page.get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("heading", level=1, name="Agents")).to_be_visible()
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
