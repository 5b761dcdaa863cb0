"""A task of ten thousand events: bounded work, no blank frames in a burst, and a reader who stays where they read."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from config import PROJECT
from tests.browser.people import People, people_at
from tests.browser.synthetic import TASK
from tests.e2e.processes import reserved_port

EVENTS = 10_000
MOST_ROWS = 60
MOST_MS_A_FRAME = 16.0
MOST_HEAP_MB = 80.0
MOST_BLANK = 0.02
COUNT_FRAMES = """
window.frames_ = { seen: 0, blank: 0 };
const feed = document.querySelector('[role="feed"]');
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  const box = feed.getBoundingClientRect();
  const seen = [0.25, 0.5, 0.75].some((part) =>
    document.elementFromPoint(box.left + 60, box.top + box.height * part)?.closest("article"));
  window.frames_.seen += 1;
  if (!seen) window.frames_.blank += 1;
};
const next = () => { channel.port2.postMessage(0); window.frame_ = requestAnimationFrame(next); };
next();
"""
FIRST_SEEN = """(feed) => {
  const top = feed.getBoundingClientRect().top;
  const row = [...feed.querySelectorAll("article")].sort((a, b) => a.dataset.index - b.dataset.index)
    .find((each) => each.getBoundingClientRect().top >= top);
  return { key: row.dataset.key, top: row.getBoundingClientRect().top - top, index: Number(row.dataset.index) };
}"""
TOP_OF = """(feed, key) => {
  const row = feed.querySelector(`article[data-key="${CSS.escape(key)}"]`);
  return row && { top: row.getBoundingClientRect().top - feed.getBoundingClientRect().top, index: Number(row.dataset.index) };
}"""

FRAME = "new Promise((done) => requestAnimationFrame(() => done()))"
AT_REST = """(feed) => new Promise((done) => {
  let before = "", same = 0;
  const look = () => {
    const now = `${feed.scrollTop} ${feed.scrollHeight}`;
    same = now === before ? same + 1 : 0;
    before = now;
    if (same < 8) requestAnimationFrame(look); else done();
  };
  look();
})"""
"""A wheel is answered before it has scrolled, and scrolls with the next frames, however late they are."""
FOLLOWED = """new Promise((done) => {
  const look = () => window.frames_.seen > 20 ? done(window.frames_) : requestAnimationFrame(look);
  look();
})"""
PLACED = """(feed, key) => {
  const row = feed.querySelector(`article[data-key="${CSS.escape(key)}"]`);
  return [feed.scrollTop, feed.scrollHeight, feed.dataset.mode, row && [row.style.transform, row.getBoundingClientRect().top]];
}"""


@dataclass(frozen=True)
class Running:
    url: str

    def happen(self, what: str, rate: int, seconds: float) -> None:
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as http:
            assert http.post(f"/synthetic/{what}", params={"rate": rate, "seconds": seconds}).status_code == 200


@pytest.fixture(scope="module")
def synthetic(built: Path) -> Iterator[Running]:
    with reserved_port() as port:
        command = [sys.executable, "-m", "tests.browser.synthetic", "--port", str(port), "--events", str(EVENTS)]
        process = subprocess.Popen([*command, "--dist", str(built)], cwd=PROJECT, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _until_it_answers(url)
            yield Running(url)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _until_it_answers(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            assert httpx.get(f"{url}/health", trust_env=False).status_code == 200
            return
        except httpx.TransportError:
            assert time.monotonic() < end, "the synthetic service does not answer"
            time.sleep(0.1)


@pytest_asyncio.fixture(loop_scope="session")
async def readers(chromium: Browser, synthetic: Running) -> Any:
    async with people_at(chromium, synthetic.url) as everybody:
        yield everybody


async def opened(readers: People) -> tuple[Page, Locator]:
    page = await readers.open(f"/ui/tasks/{TASK}")
    feed = page.get_by_role("feed")
    await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    await expect(feed.locator("article").last).to_be_in_viewport()
    return page, feed


async def metrics(session: CDPSession) -> dict[str, float]:
    """Of the page since `session` enabled them: with another session times would begin anew."""
    found = (await session.send("Performance.getMetrics"))["metrics"]
    return {each["name"]: each["value"] for each in found}


async def wheel(page: Page, feed: Locator, pixels: int, times: int) -> None:
    await feed.hover()
    for _ in range(times):
        await page.mouse.wheel(0, pixels)
        await page.evaluate(FRAME)


async def test_reading_back_does_bounded_work(readers: People) -> None:
    page, feed = await opened(readers)
    assert await feed.locator("article").count() <= MOST_ROWS
    await wheel(page, feed, -400, 10)
    await page.wait_for_timeout(500)
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await page.evaluate(COUNT_FRAMES)
    before = await metrics(session)
    await wheel(page, feed, -500, 80)
    after = await metrics(session)
    frames = (await page.evaluate("window.frames_"))["seen"]
    await expect(feed).to_have_attribute("data-mode", "browse")
    assert await feed.locator("article").count() <= MOST_ROWS
    spent = (after["ThreadTime"] - before["ThreadTime"]) * 1_000 / frames
    assert 0.1 < spent <= MOST_MS_A_FRAME, f"{spent:.1f} ms of the main thread a frame, over {frames} frames"
    assert after["JSHeapUsedSize"] / 1e6 <= MOST_HEAP_MB


async def test_a_burst_is_followed_without_blank_frames(readers: People, synthetic: Running) -> None:
    page, feed = await opened(readers)
    await page.evaluate(COUNT_FRAMES)
    synthetic.happen("burst", 500, 3)
    await page.wait_for_timeout(500)
    frames = await page.evaluate(FOLLOWED)
    assert frames["blank"] <= max(1, MOST_BLANK * frames["seen"]), frames
    await expect(feed.locator("article").last).to_be_in_viewport()


async def test_a_reader_stays_put_when_more_happens_and_when_older_events_come(
    readers: People, synthetic: Running
) -> None:
    page, feed = await opened(readers)
    await wheel(page, feed, -300, 8)
    await feed.evaluate(AT_REST)
    seen = await feed.evaluate(FIRST_SEEN)
    synthetic.happen("burst", 200, 1.5)
    await expect(page.get_by_role("button", name=re.compile(r"^[\d,]+ new$"))).to_be_visible()
    await page.wait_for_timeout(400)
    assert (await feed.evaluate(TOP_OF, seen["key"]))["top"] == pytest.approx(seen["top"], abs=1)
    step = 150
    for _ in range(150):
        seen = await feed.evaluate(FIRST_SEEN)
        await wheel(page, feed, -step, 1)
        await feed.evaluate(AT_REST)
        await expect(feed).to_have_attribute("aria-busy", "false")  # or it reaches the edge before they come
        await feed.evaluate(AT_REST)
        now = await feed.evaluate(TOP_OF, seen["key"])
        if now and now["index"] > seen["index"]:
            break
    assert now["index"] > seen["index"], "older events came before it"
    if now["top"] != pytest.approx(seen["top"] + step, abs=2):
        held = await _placed(page, feed, seen["key"])
        pytest.fail(f"only the wheel is to have moved it: seen {seen}, now {now}, then {held}")
    settled = await feed.evaluate(FIRST_SEEN)
    await page.wait_for_timeout(600)
    assert (await feed.evaluate(TOP_OF, settled["key"]))["top"] == pytest.approx(settled["top"], abs=1)


async def _placed(page: Page, feed: Locator, key: str) -> object:
    """How the list stands at once and half a second later: its scroll, its height, its mode, and the row's own place."""
    first = await feed.evaluate(PLACED, key)
    await page.wait_for_timeout(500)
    return first, await feed.evaluate(PLACED, key)


async def test_answers_that_mean_harm_or_have_no_end_are_shown_and_do_not_freeze(readers: People) -> None:
    person = await readers.person(script="window.alert = () => { window.harmed = 1; };")
    page = await person.open(f"/ui/tasks/{TASK}?q=script")
    await expect(page.get_by_text("<script>alert(1)</script>").first).to_be_visible()
    assert await page.evaluate("window.harmed") is None
    assert await page.locator("main script, main img").count() == 0
    shown = await page.get_by_role("feed").inner_text()
    assert "\u202e" not in shown
    assert "\x1b" not in shown
