"""Every screen by name, and how it is looked at: waited for, measured, judged by axe, photographed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from config import PROJECT
from tests.browser.history import History
from tests.browser.people import Person, Theme

AXE = PROJECT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
PHOTOGRAPHS = PROJECT / "build" / "screenshots"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
GRAVE = ("serious", "critical")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
READY_S, LOOK_MS, QUIET_LOOKS = 60, 60, 3
AT_LEISURE = """(ms) => new Promise((done) =>
  setTimeout(() => requestIdleCallback(() => done(), { timeout: 1000 }), ms))"""
"""A page with a lot to do asks for more only when it comes to it."""
LAID_OUT = """(width) => new Promise((done) => {
  let before = 0, same = 0;
  const look = () => {
    const now = document.documentElement.scrollWidth;
    same = innerWidth === width && now === before ? same + 1 : 0;
    before = now;
    if (same < 10) requestAnimationFrame(look); else done();
  };
  look();
})"""
"""Charts take their size a frame or two after the page has its own."""
VIEWS = ("", "timeline", "files", "tests", "review", "plan", "graph", "cost", "state")


def screens(history: History) -> Mapping[str, str]:
    """The address of each screen, with something on it."""
    task = f"/ui/tasks/{history.finished}"
    views = {f"task-{view or 'conversation'}": f"{task}/{view}".rstrip("/") for view in VIEWS}
    return {
        "overview": "/ui/",
        "inbox": "/ui/inbox",
        "tasks": "/ui/tasks",
        "kanban": "/ui/tasks?view=kanban",
        **views,
        "files-one": f"{task}/files?path=README.md",
        "approval": f"/ui/tasks/{history.approval}",
        "budget": f"/ui/tasks/{history.budget}",
        "escalation": f"/ui/tasks/{history.escalation}",
        "agents": "/ui/agents",
        "agent": "/ui/agents/backend_agent",
        "agent-versions": "/ui/agents/backend_agent?tab=versions",
        "logs": "/ui/logs",
        "analytics": "/ui/analytics",
        "settings": "/ui/settings",
        "models": "/ui/settings?tab=models",
        "nowhere": "/ui/there/is/no/such/page",
    }


async def ready(person: Person, page: Page) -> None:
    """What was asked for is there, and nothing more is on its way."""
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    quiet = 0
    async with asyncio.timeout(READY_S):
        while quiet < QUIET_LOOKS:
            await page.evaluate(AT_LEISURE, LOOK_MS)
            busy = person.watch.under_way or await page.get_by_role("status", name="loading").count()
            quiet = 0 if busy else quiet + 1


async def shrink(page: Page, width: int) -> None:
    """The page at this width, once its parts have come to rest."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.evaluate(LAID_OUT, width)


@cache
def _axe() -> str:
    return AXE.read_text()


@dataclass(frozen=True)
class Violation:
    rule: str
    impact: str
    nodes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.impact} {self.rule}: " + "; ".join(self.nodes[:4])


async def violations(page: Page) -> list[Violation]:
    """What axe has against the page. Its text is evaluated, as the page's policy lets no other script in."""
    await page.evaluate(_axe())
    found: list[dict[str, Any]] = await page.evaluate(
        "async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations",
        list(TAGS),
    )
    return [
        Violation(each["id"], each["impact"] or "", tuple(node["html"][:200] for node in each["nodes"]))
        for each in found
    ]


async def photograph(page: Page, theme: Theme, name: str) -> Path:
    """Kept for people: CI hands them on."""
    path = PHOTOGRAPHS / theme / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path)
    return path
