"""The wheel, installed where there is no checkout and no Node: it holds all that the service and its dashboard need."""

import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.dashboard import CONTENT_SECURITY_POLICY
from config import PROJECT
from scripts.setup.__main__ import UV_LOCK, Places
from scripts.setup.uv import find_uv, private_folder
from tests.e2e.processes import Server, started_server

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
PACKAGES = {
    "main.py", "config.py", "settings", "wiring", "core", "starter", "llm", "memory", "notifiers", "observability", "sandbox",
    "workspace", "code_host", "engine", "tools", "agents", "prompts", "graph", "tasks", "api", "cli", "client", "mcp_server",
    "telegram_bot", "dashboard", "evals",
}  # fmt: skip
BROWSER = {"Accept": "text/html"}


def run(*command: str | Path) -> str:
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that has the wheel, and what the project depends on, but not the project's folder."""
    uv = find_uv(private_folder(Places.of_this_user().tools, UV_LOCK))
    if uv is None:
        pytest.skip("missing: uv")
    environment = tmp_path_factory.mktemp("installed") / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel)
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(installed: Path, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`autonomy serve` from an empty folder; nothing on PATH, nothing set but where home is."""
    empty = tmp_path_factory.mktemp("empty")
    command = [str(installed / "autonomy"), "serve", "--port", "0"]
    with started_server(command, empty, {"PATH": str(empty), "HOME": str(home)}) as running:
        yield running
    assert list(empty.iterdir()) == []


def tracked() -> set[str]:
    """What git knows of the packages, and what is new among them, without what only the dashboard's developers need."""
    known = run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    needed = {path for path in known if path.split("/")[0] in PACKAGES and (PROJECT / path).exists()}
    return {path for path in needed if not re.match(r"dashboard/(?!dist/|__init__\.py)", path)}


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == tracked()
    assert {name.split("/")[0] for name in names} == PACKAGES
    assert "dashboard/dist/index.html" in names


def test_the_source_archive_holds_the_built_dashboard_and_no_packages_of_node(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert tracked() <= names
    assert [name for name in names if "node_modules/" in name] == []


def test_the_installed_service_is_the_one_of_the_wheel(installed: Path) -> None:
    where = run(installed / "python", "-I", "-c", "import api, config; print(api.__file__, config.PROJECT)").split()
    assert [path for path in where if not path.startswith(str(installed.parent))] == []


def test_it_serves_the_dashboard(server: Server) -> None:
    index = (PROJECT / "dashboard" / "dist" / "index.html").read_text()
    for path in ("/ui/", "/ui/tasks/abc"):
        answer = server.http.get(path, headers=BROWSER)
        assert (answer.status_code, answer.text) == (200, index)
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    parts = re.findall(r'(?:src|href)="(/ui/[^"]+)"', index)
    assert parts
    assert {part: server.http.get(part).status_code for part in parts} == dict.fromkeys(parts, 200)
    assert server.http.get("/ui/assets/gone-1.js", headers=BROWSER).status_code == 404
    assert server.http.get("/").headers["location"] == "/ui/"


def test_a_build_comes_to_its_approval(server: Server, home: Path) -> None:
    assert server.http.get("/health").json()["status"] == "ok"
    body = {"task_description": "A todo list with user accounts", "use_sandbox": False}
    answer = server.http.post("/tasks", json=body)
    assert answer.status_code == 201, answer.text
    task = server.wait_for(answer.json()["task_id"])
    question = f"/tasks/{task['task_id']}/interrupts/{task['interrupt_id']}"
    shown = server.http.get(question).json()
    assert shown["kind"] == "approval", shown["prompt"]
    assert (home / ".local" / "share" / "autonomy" / "autonomy.db").exists()
