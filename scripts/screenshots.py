"""Takes the pictures of docs/dashboard.md: a service of its own, a build with a mistake in its first round, every screen.

`python -m scripts.screenshots [FOLDER]`. It needs the built dashboard, the sandbox and Chromium.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from config import PROJECT
from scripts.png_palette import with_palette
from scripts.setup.browser import ensure_browser
from tests.e2e.processes import Server, running_server

FOLDER = PROJECT / "docs" / "images" / "dashboard"
SENTENCE = "Build a REST API for a todo list with user auth and JWT"
OTHERS = (
    {"task_description": "Build a REST API for recipes with ingredients", "max_iterations": 1},
    {"task_description": "Build a REST API for invoices and customers", "budget_usd": 0.01},
)
"""Ask at once: one has used up its rounds, one its money."""
SETTINGS = {"MODEL_BACKEND": "offline/scaffold?fault=missing_404&price=0.02", "LIVE_DEMO": "true"}
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
MOST_BYTES = 150_000
SETTLE_MS = 1_200


@dataclass(frozen=True)
class Picture:
    """`name` of the file, what is at `path`, in which theme; on a phone when `narrow`."""

    name: str
    path: str
    theme: str = "light"
    narrow: bool = False


def while_it_asks(task: str) -> Sequence[Picture]:
    return (
        Picture("approval", f"/ui/tasks/{task}/review"),
        Picture("approval-phone", f"/ui/tasks/{task}", narrow=True),
        Picture("inbox", "/ui/inbox"),
    )


def afterwards(task: str, versions: Sequence[str]) -> Sequence[Picture]:
    difference = f"ref={versions[-1]}&base={versions[0]}" if len(versions) > 1 else ""
    return (
        Picture("overview", "/ui/"),
        Picture("conversation", f"/ui/tasks/{task}"),
        Picture("timeline", f"/ui/tasks/{task}/timeline"),
        Picture("files", f"/ui/tasks/{task}/files?{difference}&layout=split"),
        Picture("tests", f"/ui/tasks/{task}/tests?iteration=0"),
        Picture("graph", f"/ui/tasks/{task}/graph", theme="dark"),
        Picture("agent", "/ui/agents/backend_agent", theme="dark"),
        Picture("logs", "/ui/logs"),
    )


def take(browser: Browser, url: str, pictures: Sequence[Picture], folder: Path) -> None:
    for picture in pictures:
        context = browser.new_context(
            viewport=NARROW if picture.narrow else WIDE,  # type: ignore[arg-type]  # two plain numbers
            color_scheme="dark" if picture.theme == "dark" else "light",
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        page = context.new_page()
        page.goto(url + picture.path)
        _settle(page)
        path = folder / f"{picture.name}.png"
        path.write_bytes(with_palette(page.screenshot()))
        context.close()
        size = path.stat().st_size
        print(f"{path.name}: {size // 1000} kB{'  larger than it should be' if size > MOST_BYTES else ''}")


def _settle(page: Page) -> None:
    page.get_by_test_id("connection").and_(page.locator("[data-state=live]")).wait_for(state="attached")
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function("document.querySelectorAll('[role=status][aria-label=loading]').length === 0")


def submit(server: Server, body: Mapping[str, Any]) -> str:
    answer = server.http.post("/tasks", json={"use_sandbox": False, **body})
    answer.raise_for_status()
    return str(answer.json()["task_id"])


def approve(server: Server, task_id: str, interrupt_id: object) -> None:
    path = f"/tasks/{task_id}/interrupts/{interrupt_id}"
    digest = server.http.get(path).json()["digest"]
    answer = server.http.post(f"{path}/decision", json={"action": "approve", "expected_digest": digest})
    answer.raise_for_status()


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="autonomy-screenshots-") as data,
        running_server(Path(data) / "data", stderr=None, **SETTINGS) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=ensure_browser(as_root=False), args=["--no-sandbox", "--disable-gpu"]
        )
        task = submit(server, {"task_description": SENTENCE, "use_sandbox": True, "budget_usd": 1.0})
        for other in OTHERS:
            server.wait_for(submit(server, other))
        asks = server.wait_for(task)
        take(browser, server.url, while_it_asks(task), folder)
        approve(server, task, asks["interrupt_id"])
        server.wait_for(task)
        time.sleep(1)
        versions = [each["commit"] for each in server.http.get(f"/tasks/{task}/tree").json()["versions"]]
        take(browser, server.url, afterwards(task, versions), folder)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
