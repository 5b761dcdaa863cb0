"""Whoever sits before the dashboard: pages of one browser, each opened with its own width, theme and storage."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.watch import Watch

Theme = Literal["light", "dark"]
PATIENCE_MS = 60_000
BUILT_MS = 240_000
"""A whole build takes so long at most, on a machine with a lot to do."""
WIDE, NARROW = 1440, 390
HEIGHT = 900


@dataclass
class Person:
    """One browser profile: its pages share storage, locks and channels, as tabs do."""

    context: BrowserContext
    watch: Watch
    origin: str

    async def open(self, path: str = "/ui/") -> Page:
        """A new tab at `path`."""
        page = await self.context.new_page()
        await page.goto(self.origin + path)
        return page


@dataclass
class People:
    """Makes persons at one service, and holds all of them to the rules when the test is over."""

    browser: Browser
    origin: str
    stack: AsyncExitStack
    persons: list[Person] = field(default_factory=list)

    async def person(
        self,
        *,
        theme: Theme = "light",
        width: int = WIDE,
        height: int = HEIGHT,
        script: str = "",
        still: bool = True,
        origin: str = "",
    ) -> Person:
        """Somebody with a browser of their own. `script` runs before the page's own; `still` asks for no motion."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion="reduce" if still else "no-preference",
            locale="en-GB",
            timezone_id="UTC",
        )
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(PATIENCE_MS)
        if script:
            await context.add_init_script(script)
        watch = Watch(origin or self.origin)
        await watch.on(context)
        person = Person(context, watch, origin or self.origin)
        self.persons.append(person)
        return person

    async def open(self, path: str = "/ui/", *, theme: Theme = "light", width: int = WIDE) -> Page:
        """A page of somebody new."""
        return await (await self.person(theme=theme, width=width)).open(path)

    def wrong(self) -> list[str]:
        return [said for person in self.persons for said in person.watch.wrong()]


@asynccontextmanager
async def people_at(browser: Browser, origin: str) -> AsyncIterator[People]:
    """Everybody's pages are closed at the end; what they did wrong by then fails the test."""
    async with AsyncExitStack() as stack:
        people = People(browser, origin, stack)
        yield people
        wrong = people.wrong()
    assert wrong == [], "\n".join(wrong)
