"""An agent's versions in the browser: what a change changed, and the way back."""

from playwright.async_api import expect

from tests.browser.people import People
from tests.browser.service import Api

AGENT = "/agents/planner"


async def test_a_rollback_makes_a_new_version_and_shows_what_it_brought_back(people: People, api: Api) -> None:
    rule = (await api.get(f"{AGENT}/rules"))[0]
    change = {"disabled": True, "expected_version": 1}
    assert (await api.http.patch(f"{AGENT}/rules/{rule['rule_id']}", json=change)).status_code == 200
    page = await people.open(f"/ui{AGENT}?tab=versions&version=2&base=1")
    table = page.get_by_role("region", name="Versions of this agent")
    await expect(table.locator("tbody tr")).to_have_count(2)
    await expect(page.get_by_role("list", name="Removed").first).to_contain_text(rule["text"])
    await table.locator("tbody tr").last.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("alertdialog")
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await dialog.get_by_role("button", name="Roll back to version 1").click()
    await expect(table.locator("tbody tr")).to_have_count(3)
    await expect(table.locator("tbody tr").first).to_contain_text("rolled back to version 1")
    await expect(table.locator("tbody tr").first).to_contain_text("Current")
    identity = await api.get(f"{AGENT}/identity")
    assert (identity["identity"]["version"], identity["identity"]["disabled"]) == (3, [])
    await page.goto(f"{people.origin}/ui{AGENT}?tab=versions&version=3&base=2")
    await expect(page.get_by_role("list", name="Added").first).to_contain_text(rule["text"])
