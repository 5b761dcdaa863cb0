"""A service that asks for a key: the prompt, a wrong key, and the key in a header with everything that is asked."""

import tarfile
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import People
from tests.browser.service import FAULTY, Api

KEY = "a-key-of-the-service"


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return {"MODEL_BACKEND": FAULTY, "API_KEY": KEY}


async def test_the_key_is_asked_for_checked_and_sent_in_a_header_only(people: People, api: Api, tmp_path: Path) -> None:
    api.http.headers["X-API-Key"] = KEY
    task_id, _ = await api.asking()
    person = await people.person()
    person.watch.expect("401")
    page = await person.open(f"/ui/tasks/{task_id}/files")
    dialog = page.get_by_role("dialog", name="This service asks for a key")
    await dialog.get_by_label("API key").fill("another-key-than-that")
    await dialog.get_by_role("button", name="Continue").click()
    await expect(dialog.get_by_text("The service did not take the key that was given.")).to_be_visible()
    await dialog.get_by_label("API key").fill(KEY)
    await dialog.get_by_role("button", name="Continue").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await expect(page.get_by_role("button", name="Approve")).to_be_visible()
    stream = await person.watch.asked("/events")[-1].all_headers()
    assert stream["x-api-key"] == KEY
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Download all").click()
    archive = tmp_path / "all.tar.gz"
    await (await started.value).save_as(archive)
    with tarfile.open(archive) as files:
        assert any(name.endswith("main.py") for name in files.getnames())
    assert not any(KEY in each.url for each in person.watch.requests)
    tab = await person.context.new_page()
    await tab.goto(f"{people.origin}/ui/")
    await expect(tab.get_by_role("dialog", name="This service asks for a key")).to_be_visible()
    for each in (page, tab):
        kept = await each.evaluate("[...Object.values(localStorage)].join()")
        assert KEY not in kept, "the key is forgotten with the tab"


async def test_a_key_that_is_to_be_remembered_opens_the_next_tab(people: People) -> None:
    person = await people.person()
    person.watch.expect("401")
    page = await person.open("/ui/tasks")
    dialog = page.get_by_role("dialog", name="This service asks for a key")
    await dialog.get_by_label("API key").fill(KEY)
    await dialog.get_by_text("Remember it in this browser").click()
    await dialog.get_by_role("button", name="Continue").click()
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    tab = await person.open("/ui/tasks")
    await expect(tab.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await expect(tab.get_by_role("dialog")).to_have_count(0)


async def test_a_key_that_is_given_in_another_tab_than_the_one_that_reads_the_stream(people: People) -> None:
    person = await people.person()
    person.watch.expect("401")
    first = await person.open("/ui/tasks")
    second = await person.context.new_page()
    await second.goto(f"{people.origin}/ui/tasks")
    dialogs = [page.get_by_role("dialog", name="This service asks for a key") for page in (first, second)]
    for dialog in dialogs:
        await expect(dialog).to_be_visible()
    await dialogs[1].get_by_label("API key").fill(KEY)
    await dialogs[1].get_by_role("button", name="Continue").click()
    await expect(second.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await expect(dialogs[1]).to_have_count(0)
    await expect(dialogs[0]).to_be_visible()
    assert await first.get_by_text("The service did not take the key").count() == 0
