"""One Chromium for a test process; for a file a service of its own; for a test pages that are held to the rules."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from pytest_asyncio import is_async_test

from dashboard import dist
from scripts.setup.browser import find_browser
from tests.browser.history import History, serving_history
from tests.browser.people import PATIENCE_MS, People, people_at
from tests.browser.service import FAULTY, Api
from tests.e2e.processes import Server, running_server

HERE = Path(__file__).parent
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-component-update", "--disable-sync", "--no-first-run")
LONGEST_S = 900
"""Whoever comes first builds the past, and others wait for it. Only ends what hangs."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder need the browser, and share the loop that drives it."""
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.timeout(LONGEST_S))
        if is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def built() -> Path:
    """The dashboard as it is built in this checkout."""
    if not (dist() / "index.html").exists():
        pytest.skip("missing: the built dashboard (make dashboard)")
    return dist()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(built: Path) -> AsyncIterator[Browser]:
    found = find_browser()
    if found is None:
        pytest.skip("missing: Chromium (apt-get install chromium)")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """How the service of a file is set; a file may say otherwise."""
    return {"MODEL_BACKEND": FAULTY}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], built: Path) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("service") / "data", stderr=None, **settings) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def api(server: Server) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60, trust_env=False) as http:
        yield Api(http)


@pytest_asyncio.fixture(loop_scope="session")
async def people(chromium: Browser, server: Server) -> AsyncIterator[People]:
    async with people_at(chromium, server.url) as everybody:
        yield everybody


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[History]:
    """A service with a past, for those who only look."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if not shared.name.startswith("popen-") else shared.parent
    with serving_history(shared, tmp_path_factory.mktemp("history") / "data") as past:
        yield past


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(chromium: Browser, history: History) -> AsyncIterator[People]:
    """People at the service with a past."""
    async with people_at(chromium, history.url) as everybody:
        yield everybody
