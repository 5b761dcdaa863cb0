"""The real tools of a generated application, in a box, under the limits that are the default."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.sandboxes import BROWSER_LIMITS, RunResult, Toolchain
from sandbox.bwrap import LocalSandboxProvider
from sandbox.choice import find_bwrap
from sandbox.toolchain import default_home, locate

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]

BACKEND = """
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

app = FastAPI()
items: dict[int, str] = {}
PAGE = '''<h1>waiting</h1><button onclick="fetch('/items/1').then(r => r.json())
.then(j => document.querySelector('h1').textContent = j.name)">go</button>'''


class Item(BaseModel):
    name: str


@app.post("/items", status_code=201)
def create(item: Item) -> dict[str, int]:
    items[len(items) + 1] = item.name
    return {"id": len(items)}


@app.get("/items/{item_id}")
def read(item_id: int) -> Item:
    if item_id not in items:
        raise HTTPException(404)
    return Item(name=items[item_id])


@app.get("/", response_class=HTMLResponse)
def page() -> str:
    return PAGE
"""

API_TEST = """
from fastapi.testclient import TestClient
from backend.main import app

def test_what_was_made_can_be_read() -> None:
    client = TestClient(app)
    made = client.post("/items", json={"name": "first"})
    assert made.status_code == 201
    assert client.get(f"/items/{made.json()['id']}").json() == {"name": "first"}
"""

CONTRACT = """
import subprocess, sys, time, urllib.request
server = subprocess.Popen([sys.executable, "-m", "uvicorn", "backend.main:app", "--port", "8000", "--log-level", "warning"])
for _ in range(2000):
    try:
        urllib.request.urlopen("http://127.0.0.1:8000/openapi.json").read()
        break
    except OSError:
        time.sleep(0.05)
url = "http://127.0.0.1:8000/openapi.json"
only = ["--checks", "not_a_server_error", "--max-examples", "10", "--phases", "examples,fuzzing"]
code = subprocess.run(["schemathesis", "run", url, *only]).returncode
server.terminate()
sys.exit(code)
"""

BROWSE = """
import subprocess, sys, time, urllib.request
from playwright.sync_api import sync_playwright
server = subprocess.Popen([sys.executable, "-m", "uvicorn", "backend.main:app", "--port", "8000", "--log-level", "warning"])
body = b'{"name": "from the api"}'
for _ in range(2000):
    try:
        request = urllib.request.Request("http://127.0.0.1:8000/items", body, {"content-type": "application/json"})
        urllib.request.urlopen(request).read()
        break
    except OSError:
        time.sleep(0.05)
with sync_playwright() as playwright:
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options, timeout=110_000)
    page = browser.new_page()
    page.set_default_timeout(110_000)
    page.goto("http://127.0.0.1:8000/")
    page.click("button")
    page.wait_for_function("document.querySelector('h1').textContent === 'from the api'")
    page.screenshot(path="shots/page.png")
    print(page.inner_text("h1"))
    browser.close()
server.terminate()
"""

CONFIG = """
import { defineConfig } from "vitest/config";
import react from "@vitejs/plugin-react";
export default defineConfig({ plugins: [react()], test: { environment: "jsdom" } });
"""

COMPONENT = """
import { useState } from "react";
export function Counter() {
  const [count, setCount] = useState(0);
  return <button onClick={() => setCount(count + 1)}>count {count}</button>;
}
"""

COMPONENT_TEST = """
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Counter } from "./Counter";
test("counts", async () => {
  render(<Counter />);
  await userEvent.click(screen.getByRole("button"));
  expect(screen.getByRole("button").textContent).toBe("count 1");
});
"""

MAIN = """
import { createRoot } from "react-dom/client";
import { Counter } from "./Counter";
createRoot(document.getElementById("root")!).render(<Counter />);
"""

TSCONFIG = """{"compilerOptions": {"target": "ES2022", "module": "ESNext", "moduleResolution": "bundler", "jsx": "react-jsx",
"strict": true, "noEmit": true, "skipLibCheck": true, "lib": ["ES2022", "DOM"]}, "include": ["src"]}"""

OPENAPI = """{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/items": {"get": {"operationId": "list",
"responses": {"200": {"description": "all", "content": {"application/json": {"schema": {"type": "string"}}}}}}}}}"""

FILES = {
    "backend/__init__.py": "",
    "backend/main.py": BACKEND,
    "tests/test_api.py": API_TEST,
    "contract.py": CONTRACT,
    "browse.py": BROWSE,
    "openapi.json": OPENAPI,
    "frontend/package.json": '{"name": "app", "private": true, "type": "module"}',
    "frontend/tsconfig.json": TSCONFIG,
    "frontend/vite.config.ts": CONFIG,
    "frontend/index.html": '<div id="root"></div><script type="module" src="/src/main.tsx"></script>',
    "frontend/src/main.tsx": MAIN,
    "frontend/src/Counter.tsx": COMPONENT,
    "frontend/src/Counter.test.tsx": COMPONENT_TEST,
}


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[LocalSandboxProvider]:
    bwrap = find_bwrap([Path("/usr/bin"), Path("/usr/local/bin")])
    if bwrap is None:
        pytest.skip("missing: bubblewrap (apt-get install bubblewrap)")
    toolchains = locate(default_home(os.geteuid(), Path.home()) / "toolchains")
    if toolchains.python is None or toolchains.node_modules is None:
        pytest.skip("missing: the sandbox's toolchains (make setup)")
    made = LocalSandboxProvider(bwrap=bwrap, toolchains=toolchains, state_dir=tmp_path)
    probe = await made.probe()
    if not probe.ok:
        pytest.skip(f"missing: bubblewrap that works here: {probe.reason}")
    yield made
    await made.close()


async def run(provider: LocalSandboxProvider, toolchain: Toolchain, command: str, *outputs: str) -> RunResult:
    sandbox = await provider.open("tools", toolchain, FILES)
    return await sandbox.run(["/bin/sh", "-c", command], outputs=outputs)


async def test_pytest_runs_and_reports(provider: LocalSandboxProvider) -> None:
    result = await run(provider, "python", "python -m pytest -q --junitxml=r/junit.xml", "r/junit.xml")
    assert result.ok, result.output
    assert b'tests="1"' in result.files["r/junit.xml"]


async def test_static_checks_of_python_run(provider: LocalSandboxProvider) -> None:
    result = await run(provider, "python", "ruff check --no-cache --select E9,F backend && bandit -q -r backend")
    assert result.ok, result.output


async def test_schemathesis_drives_the_running_application(provider: LocalSandboxProvider) -> None:
    result = await run(provider, "python", "python contract.py")
    assert result.ok, result.output
    assert "generated" in result.output


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("node node_modules/@typescript/native/bin/tsc --noEmit", ""),
        ("node node_modules/vitest/vitest.mjs run --reporter=junit --outputFile=junit.xml", "frontend/junit.xml"),
        ("node node_modules/vite/bin/vite.js build", "frontend/dist/index.html"),
        ("node node_modules/openapi-typescript/bin/cli.js ../openapi.json -o src/api.ts", "frontend/src/api.ts"),
    ],
    ids=["tsc", "vitest", "vite build", "openapi-typescript"],
)
async def test_tools_of_the_frontend_run(provider: LocalSandboxProvider, command: str, output: str) -> None:
    result = await run(provider, "node", f"cd frontend && {command}", *filter(None, [output]))
    assert result.ok, result.output
    assert set(result.files) == set(filter(None, [output]))


async def test_a_type_error_is_found(provider: LocalSandboxProvider) -> None:
    sandbox = await provider.open("tools", "node", FILES)
    await sandbox.write({"frontend/src/wrong.ts": "export const wrong: number = 'text';\n"})
    result = await sandbox.run(
        ["/bin/sh", "-c", "cd frontend && node node_modules/@typescript/native/bin/tsc --noEmit"]
    )
    assert not result.ok
    assert "wrong.ts" in result.output


async def test_a_python_application_is_shown(provider: LocalSandboxProvider) -> None:
    sandbox = await provider.open("tools", "python", FILES)
    demo = await sandbox.serve(["python", "-m", "uvicorn", "backend.main:app", "--port", "8000"], port=8000, ttl_s=60)
    assert demo.url.startswith("http://127.0.0.1:")
    await sandbox.close()


@pytest.mark.browser
async def test_a_real_browser_uses_the_application_inside_the_box(provider: LocalSandboxProvider) -> None:
    """Chromium without its own sandbox, in ours: same filter, same private network, more memory and processes."""
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("missing: Chromium (apt-get install chromium)")
    sandbox = await provider.open("tools", "full", FILES)
    result = await sandbox.run(["python", "browse.py"], outputs=["shots"], limits=BROWSER_LIMITS)
    assert result.ok, result.output
    assert "from the api" in result.output
    assert result.files["shots/page.png"].startswith(b"\x89PNG")
