"""Questions to people, answered in the dashboard: each by itself, once, and of what was really seen."""

import asyncio
import json
import re
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.people import People
from tests.browser.service import Api

EVENTS = re.compile(r"/events$")
DECISION = re.compile(r"/decision$")
CLOCK_STANDS = "window.clock_ = Date.now; Date.now = ((now) => () => now)(Date.now());"
CLOCK_GOES = "Date.now = window.clock_;"
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestIdleCallback(() => done(), { timeout: 1000 })))"
"""Keys of a part that has just come count from then on."""
SENTENCES = (
    "Build a REST API for a todo list",
    "Build a REST API for recipes with ingredients",
    "Build a REST API for a blog with posts and comments",
)


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MODEL_BACKEND": "offline/scaffold?fault=missing_404&price=0.02", "MAX_TASK_BUDGET_USD": "5"}


def card_of(page: Page, question: Any) -> Locator:
    return page.locator(f'[data-question="{question["interrupt_id"]}"]')


async def unfolded(card: Locator) -> Locator:
    """The card, open."""
    toggle = card.get_by_role("button").first
    if await toggle.get_attribute("aria-expanded") == "false":
        await toggle.click()
    await expect(card.get_by_role("button", name="Abort")).to_be_visible()
    return card


async def confirm(page: Page, word: str) -> None:
    await page.get_by_role("alertdialog").get_by_role("button", name=word, exact=True).click()


async def never(route: Route) -> None:
    """No answer: whoever asked goes on waiting."""


async def test_three_tasks_wait_at_once_and_each_goes_on_when_it_is_answered(people: People, api: Api) -> None:
    asked = await asyncio.gather(*(api.asking(sentence) for sentence in SENTENCES))
    page = await people.open("/ui/inbox")
    for order, number in enumerate((1, 0, 2)):
        task_id, question = asked[number]
        card = await unfolded(card_of(page, question))
        await card.get_by_role("button", name="Approve").click()
        await confirm(page, "Approve")
        await expect(card).to_have_count(0)
        assert (await api.settled(task_id, after=question))["status"] == "completed"
        left = [asked[each][1] for each in (1, 0, 2)[order + 1 :]]
        for other in left:
            await expect(card_of(page, other)).to_be_visible()
            assert (await api.get(f"/tasks/{other['task_id']}"))["status"] == "waiting_for_input"


async def test_a_double_click_is_one_decision(people: People, api: Api) -> None:
    task_id, question = await api.asking()
    person = await people.person()
    page = await person.open(f"/ui/tasks/{task_id}")
    await page.get_by_role("button", name="Approve").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Approve").dblclick()
    assert (await api.settled(task_id, after=question))["status"] == "completed"
    await expect(page.get_by_role("main").get_by_text("Completed").first).to_be_visible()
    sent = [each for each in person.watch.requests if each.method == "POST"]
    assert len(sent) == 1
    events = await api.events(task_id)
    assert [each["event"]["type"] for each in events].count("interrupt.decided") == 1
    assert (await api.get(f"/tasks/{task_id}/interrupts/{question['interrupt_id']}"))["decided_via"] == "dashboard"


async def test_who_answers_second_is_told_who_was_first(people: People, api: Api) -> None:
    task_id, question = await api.asking()
    slow = await people.person()
    slow.watch.expect("409")
    await slow.context.route(EVENTS, never)
    page = await slow.open(f"/ui/tasks/{task_id}")
    await page.get_by_role("button", name="Approve").click()
    assert (await api.decide(question, "abort")).status_code == 202
    await confirm(page, "Approve")
    await expect(
        page.get_by_text("Answered already: Aborted by the API. Your answer was not taken.").first
    ).to_be_visible()
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert (await api.settled(task_id, after=question))["status"] == "cancelled"


async def test_a_question_that_somebody_else_answers_closes_without_a_reload(people: People, api: Api) -> None:
    task_id, question = await api.asking()
    here, there = await people.open(f"/ui/tasks/{task_id}"), await people.open("/ui/inbox")
    await expect(here.get_by_role("button", name="Approve")).to_be_visible()
    await expect(card_of(there, question)).to_be_visible()
    assert (await api.decide(question, "approve")).status_code == 202
    await expect(here.get_by_role("button", name="Approve")).to_have_count(0)
    await expect(card_of(there, question)).to_have_count(0)
    await expect(here.get_by_role("main").get_by_text("Completed").first).to_be_visible()


async def test_an_answer_to_what_has_changed_meanwhile_is_refused(people: People, api: Api) -> None:
    task_id, _ = await api.asking()
    person = await people.person()
    person.watch.expect("409")

    async def of_something_else(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        await route.continue_(post_data=json.dumps({**body, "expected_digest": "0" * 64}))

    await person.context.route(DECISION, of_something_else)
    page = await person.open(f"/ui/tasks/{task_id}")
    await page.get_by_role("button", name="Approve").click()
    await confirm(page, "Approve")
    await expect(page.get_by_text("This question has changed since it was shown.")).to_be_visible()
    assert (await api.get(f"/tasks/{task_id}"))["status"] == "waiting_for_input"


async def test_feedback_leads_to_another_round_and_the_difference_can_be_read(people: People, api: Api) -> None:
    task_id, first = await api.asking("Build a REST API for a todo list")
    page = await people.open(f"/ui/tasks/{task_id}")
    await page.get_by_role("button", name="Ask for changes").click()
    await expect(page.get_by_text("Say what should change.")).to_be_visible()
    await page.get_by_label("Your feedback").fill("Add a priority field to todos")
    await page.get_by_role("button", name="Ask for changes").click()
    second = await api.question(task_id, after=first)
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    before, after = (question["payload"]["head"] for question in (first, second))
    assert before != after
    tree = await api.get(f"/tasks/{task_id}/tree", ref=after, base=before)
    changed = next(
        file["path"] for file in tree["files"] if file["status"] == "modified" and file["path"].endswith(".py")
    )
    await page.goto(f"{people.origin}/ui/tasks/{task_id}/files?ref={after}&base={before}&path={changed}")
    await expect(page.locator(".cm-changedLine, .cm-insertedLine, .cm-deletedChunk").first).to_be_visible()
    await expect(page.locator(".cm-editor").last).to_contain_text("priority")


async def test_a_budget_is_raised_by_half_a_dollar_and_the_task_goes_on(people: People, api: Api) -> None:
    task_id, question = await api.asking(budget_usd=0.01)
    assert question["kind"] == "budget"
    page = await people.open(f"/ui/tasks/{task_id}")
    await page.get_by_role("radio", name="+0.50").check()
    await page.get_by_role("button", name="Raise to $0.51").click()
    following = await api.question(task_id, after=question)
    assert following["kind"] == "approval"
    assert (await api.get(f"/tasks/{task_id}"))["budget_usd"] == pytest.approx(0.51)
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    await expect(page.get_by_text("$0.51").first).to_be_visible()


async def test_where_rounds_are_used_up_each_choice_does_what_it_says(people: People, api: Api) -> None:
    asked = [await api.asking(max_iterations=1) for _ in range(3)]
    assert {question["kind"] for _, question in asked} == {"escalation"}
    (retried, first), (accepted, second), (aborted, third) = asked
    page = await people.open(f"/ui/tasks/{retried}")
    for choice in ("Retry", "Ask for changes", "Accept as it is", "Abort"):
        await expect(page.get_by_role("button", name=choice, exact=True)).to_be_visible()
    await page.get_by_label("Your feedback").fill("answer 404 for a row that is missing")
    await page.get_by_role("button", name="Retry with this hint").click()
    assert (await api.question(retried, after=first))["kind"] == "approval"
    await page.goto(f"{people.origin}/ui/tasks/{accepted}")
    await page.get_by_role("button", name="Accept as it is").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("finding still open")
    await confirm(page, "Accept")
    assert (await api.settled(accepted, after=second))["status"] in ("completed", "waiting_for_input")
    await page.goto(f"{people.origin}/ui/tasks/{aborted}")
    await page.get_by_role("button", name="Abort", exact=True).click()
    await confirm(page, "Abort task")
    await expect(page.get_by_role("main").get_by_text("Cancelled").first).to_be_visible()
    assert (await api.settled(aborted, after=third))["status"] == "cancelled"


async def test_an_approval_needs_no_mouse(people: People, api: Api) -> None:
    task_id, question = await api.asking()
    page = await people.open("/ui/tasks")
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await page.evaluate(CLOCK_STANDS)  # the second key counts when it comes soon
    await page.keyboard.press("g")
    await page.keyboard.press("i")
    await page.evaluate(CLOCK_GOES)
    await expect(page).to_have_url(re.compile("/ui/inbox"))
    await expect(card_of(page, question)).to_be_visible()
    card = card_of(page, question)
    focused = card.locator(":focus")
    async with asyncio.timeout(60):
        while await focused.count() == 0:
            await page.keyboard.press("u")
    await expect(card.get_by_role("button", name="Approve")).to_be_visible()
    await page.evaluate(PAINTED)
    await page.keyboard.press("a")
    dialog = page.get_by_role("alertdialog")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(focused).to_have_count(1)  # the key is the card's while the focus is in it
    await page.keyboard.press("a")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(dialog.get_by_role("button", name="Approve")).to_be_focused()
    await page.keyboard.press("Enter")
    assert (await api.settled(task_id, after=question))["status"] == "completed"
