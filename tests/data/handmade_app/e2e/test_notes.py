import os

import pytest
from playwright.sync_api import expect, sync_playwright


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["E2E_CHROMIUM"])
        page = browser.new_page()
        page.goto(os.environ["E2E_BASE_URL"])
        yield page
        browser.close()


def test_a_new_user_writes_and_removes_a_note(page):
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notes")
    page.get_by_label("Title").fill("Milk")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Milk")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
