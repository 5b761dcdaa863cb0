"""A fresh service in a browser: what is seen first, and that nothing leaves the machine."""

import asyncio
import re

from playwright.async_api import expect

from tests.browser.people import BUILT_MS, People, Person
from tests.browser.service import SENTENCE, Api

SETTLED_S, QUIET_S = 6, 20
LIMIT_S = 180


async def test_an_empty_service_shows_how_to_begin_under_a_strict_policy(people: People) -> None:
    person = await people.person()
    page = await person.context.new_page()
    answer = await page.goto(f"{people.origin}/ui/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy.partition("script-src")[2].partition(";")[0]
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await expect(page.get_by_role("button", name="New task").first).to_be_visible()
    for path in ("inbox", "tasks", "agents", "logs", "analytics", "settings"):
        await page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile(path, re.I)).click()
        await expect(page).to_have_url(re.compile(f"/ui/{path}"))
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_a_task_is_submitted_and_reaches_its_question_without_a_reload_and_without_polling(
    people: People, api: Api
) -> None:
    person = await people.person()
    page = await person.open("/ui/tasks")
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await page.get_by_role("button", name="New task").first.click()
    drawer = page.get_by_role("dialog")
    await drawer.get_by_label("What is to be built").fill(SENTENCE)
    await drawer.get_by_role("switch", name="Run the code in the sandbox").click()
    await drawer.get_by_role("button", name="Start task").click()
    await expect(page).to_have_url(re.compile(r"/ui/tasks/[0-9a-f]{16}"))
    task_id = page.url.rsplit("/", 1)[-1].partition("?")[0]
    await expect(page.get_by_role("button", name="Approve")).to_be_visible(timeout=BUILT_MS)
    await page.get_by_role("navigation", name="Main").get_by_role("link", name="Tasks").click()
    row = page.get_by_role("main").get_by_text(SENTENCE).first
    await expect(row).to_be_visible()
    await expect(page.get_by_role("cell").get_by_text("Needs you")).to_be_visible()
    await _nothing_more_is_asked(person)
    assert len(person.watch.asked("/tasks")) == 1
    assert len(person.watch.asked("/events")) == 1
    assert (await api.get(f"/tasks/{task_id}"))["caller"] == "dashboard"


async def _nothing_more_is_asked(person: Person) -> None:
    """Nothing happens, so nothing is asked, once the page has asked for what the last events have changed."""
    async with asyncio.timeout(LIMIT_S):
        while await _asked_within(person, SETTLED_S) or person.watch.under_way:
            pass
    assert await _asked_within(person, QUIET_S) == []


async def _asked_within(person: Person, seconds: float) -> list[str]:
    before = len(person.watch.requests)
    await asyncio.sleep(seconds)
    return [each.url for each in person.watch.requests[before:]]
