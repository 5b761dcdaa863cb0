"""One task looked at: by an address that names an event, played again, as it was, forked; and text that means harm."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import BUILT_MS, People
from tests.browser.screens import ready
from tests.browser.service import SENTENCE, Api
from tests.e2e.processes import Server

HOSTILE = (
    "Build a REST API for notes with a title "
    "<script>window.harmed=1</script><img src=x onerror='window.harmed=2'> \u202eeman"
)


@pytest.fixture(scope="module")
def finished(server: Server) -> str:
    """A task that was built in two rounds, approved and published."""
    http = server.http
    body = {"task_description": SENTENCE, "use_sandbox": False}
    task_id = str(http.post("/tasks", json=body).json()["task_id"])
    asks = server.wait_for(task_id)
    path = f"/tasks/{task_id}/interrupts/{asks['interrupt_id']}"
    digest = http.get(path).json()["digest"]
    assert http.post(f"{path}/decision", json={"action": "approve", "expected_digest": digest}).status_code == 202
    assert server.wait_for(task_id)["status"] == "completed"
    return task_id


async def test_an_address_that_names_an_event_shows_it(people: People, finished: str) -> None:
    page = await people.open(f"/ui/tasks/{finished}#e7")
    row = page.get_by_role("feed").locator('article[aria-current="true"]')
    await expect(row).to_have_attribute("aria-label", re.compile(r"^Event 7:"))
    await expect(row).to_be_in_viewport()


async def test_a_finished_task_is_played_again_to_its_last_event(people: People, api: Api, finished: str) -> None:
    page = await people.open(f"/ui/tasks/{finished}")
    await page.get_by_role("button", name="Replay").click()
    await page.get_by_text("Instant", exact=True).click()
    count = len(await api.events(finished))
    await expect(page.get_by_text(f"{count} of {count} events")).to_be_visible()
    await page.get_by_role("button", name="Leave the replay").click()
    await expect(page.get_by_role("button", name="Replay")).to_be_visible()


async def test_logs_are_narrowed_and_exported_as_the_api_has_them(
    people: People, api: Api, finished: str, tmp_path: Path
) -> None:
    person = await people.person()
    page = await person.open(f"/ui/logs?task_id={finished}")
    await page.get_by_label("Agent", exact=True).select_option("backend_agent")
    await expect(page).to_have_url(re.compile("agent=backend_agent"))
    wanted = (await api.get("/logs", agent="backend_agent", task_id=finished))["items"]
    assert len(wanted) > 1
    await expect(page.get_by_role("region", name="Model calls").locator("tbody tr[data-index]")).to_have_count(
        len(wanted)
    )
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Export these").click()
    await (await started.value).save_as(tmp_path / "calls.jsonl")
    answer = await api.http.get("/logs/export", params={"agent": "backend_agent", "task_id": finished})
    assert (tmp_path / "calls.jsonl").read_bytes() == answer.content
    saved = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["interaction_id"] for each in saved] == [each["interaction_id"] for each in wanted]
    await page.get_by_role("region", name="Model calls").locator("tbody button").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text(wanted[0]["model"])


async def test_a_fork_from_a_checkpoint_is_a_task_of_its_own_and_the_first_stays(
    people: People, api: Api, finished: str
) -> None:
    before = await api.get(f"/tasks/{finished}", include="summary")
    checkpoints = await api.get(f"/tasks/{finished}/checkpoints")
    chosen = next(each for each in checkpoints if "planner" in each["wrote"])
    page = await people.open(f"/ui/tasks/{finished}/state")
    await page.get_by_role("button", name=f"Fork from checkpoint {chosen['number']}", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Fork from checkpoint {chosen['number']}")
    await expect(dialog.get_by_text("made and paid again")).to_be_visible()
    await dialog.get_by_role("button", name="Fork").click()
    await expect(page).not_to_have_url(re.compile(finished))
    forked = page.url.rsplit("/", 1)[-1]
    await expect(page.get_by_role("button", name="Approve")).to_be_visible(timeout=BUILT_MS)
    assert (await api.get(f"/tasks/{forked}"))["forked_from"]["task_id"] == finished
    assert await api.get(f"/tasks/{finished}", include="summary") == before


async def test_text_that_means_harm_is_shown_as_text(people: People, api: Api) -> None:
    task_id = await api.submit(HOSTILE)
    await api.settled(task_id)
    person = await people.person()
    page = await person.context.new_page()
    for path in (
        "/ui/",
        "/ui/tasks",
        "/ui/inbox",
        "/ui/logs",
        *(f"/ui/tasks/{task_id}{view}" for view in ("", "/plan")),
    ):
        await page.goto(people.origin + path)
        await ready(person, page)
        assert await page.evaluate("window.harmed") is None
        assert await page.locator("main script, main img").count() == 0
    await page.goto(f"{people.origin}/ui/tasks/{task_id}")
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_contain_text("<script>window.harmed=1</script>")
    assert "\u202e" not in await heading.inner_text(), "what turns the direction of text around is left out"
