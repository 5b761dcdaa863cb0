"""Every screen in both themes: axe has nothing serious against it, and it fits from phone to desk."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.history import History
from tests.browser.people import NARROW, WIDE, People, Theme
from tests.browser.screens import AXE, GRAVE, SIDEWAYS, photograph, ready, screens, shrink, violations

WIDTHS = (WIDE, 768, NARROW, 320)
THEMES: tuple[Theme, ...] = ("light", "dark")


async def _fits(page: Page, theme: Theme, name: str) -> list[str]:
    """Where the page scrolls sideways, by width; a theme changes colours only, so that one of them is measured at all."""
    wrong = []
    for width in WIDTHS if theme == "light" else (WIDE, NARROW):
        await shrink(page, width)
        if (over := await page.evaluate(SIDEWAYS)) > 0:
            wrong.append(f"{name} at {width} px: {over} px too wide")
        if width in (WIDE, NARROW):
            await photograph(page, theme, f"{name}-{width}")
    return wrong


@pytest.mark.parametrize("theme", THEMES)
async def test_every_screen_is_accessible_and_fits_at_every_width(
    visitors: People, history: History, theme: Theme
) -> None:
    if not AXE.exists():
        pytest.skip("missing: packages of the dashboard (npm ci in dashboard/)")
    person = await visitors.person(theme=theme)
    page = await person.open("/ui/")
    wrong: list[str] = []
    for name, path in screens(history).items():
        await shrink(page, WIDE)
        await page.goto(visitors.origin + path)
        await ready(person, page)
        grave = [each for each in await violations(page) if each.impact in GRAVE]
        wrong += [f"{name} ({theme}): {each}" for each in grave]
        wrong += await _fits(page, theme, name)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("theme", THEMES)
async def test_what_opens_over_a_screen_is_accessible_and_closes_with_escape(
    visitors: People, history: History, theme: Theme
) -> None:
    if not AXE.exists():
        pytest.skip("missing: packages of the dashboard (npm ci in dashboard/)")
    person = await visitors.person(theme=theme)
    page = await person.open("/ui/tasks")
    await ready(person, page)
    for name, key in (("new-task", "n"), ("palette", "Control+k"), ("help", "?")):
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        await ready(person, page)
        assert [str(each) for each in await violations(page) if each.impact in GRAVE] == [], name
        await photograph(page, theme, name)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_the_judge_sees_what_is_wrong(visitors: People) -> None:
    person = await visitors.person()
    page = await person.open("/ui/settings")
    await ready(person, page)  # what comes later would find its place gone
    await page.evaluate(
        "document.querySelector('main').innerHTML = '<button></button><p style=\"color:#ddd\">pale</p>'"
    )
    found = {each.rule for each in await violations(page) if each.impact in GRAVE}
    assert found >= {"button-name", "color-contrast"}
