"""`autonomy export`, `import` and `export finetune`, between two services that run, and who may do so."""

import asyncio
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.app import app
from client import AutonomyClient, ServiceError
from core.types import AgentName
from tests.api.service import in_thread, run_service
from tests.unit.tasks.moved import QA, RULE, a_call, an_episode, place

Command = Callable[..., Result]
SECRET = "an-api-key-of-a-test"  # what must not come out


async def fill(folder: Path) -> None:
    """A data directory with calls of twenty tasks, and a rule that the testing agent learned."""
    async with place(folder) as filled:
        await filled.learn(QA, RULE)
        for number in range(20):
            await filled.stores.episodes.record(an_episode(f"t{number}"))
            said = f"Rule {chr(97 + number)}: use {SECRET}"
            call = a_call(f"c{number}", task_id=f"t{number}", response=said, identity_version=0)
            await filled.stores.interactions.record(call)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path / "source"))
    return tmp_path / "source"


@contextmanager
def serving(data: Path) -> Iterator[Path]:
    """Where the service over `data` listens; a process has one at a time."""
    with in_thread(lambda: run_service(data, github_webhook_secret=SECRET)) as service:
        yield service.path


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "unused"))
    return lambda path, *words: CliRunner().invoke(app, [*words, "--server", f"unix:{path}"])


def test_an_archive_goes_from_one_service_to_another_and_a_second_time_changes_nothing(
    source: Path, command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "new" / "a.zip"
    with serving(source) as path:
        exported = command(path, "export", str(file))
        assert exported.exit_code == 0, exported.output
        twice = command(path, "export", str(file))
        assert (twice.exit_code, "is there already" in twice.stderr) == (2, True)
    assert file.stat().st_mode & 0o077 == 0
    with serving(tmp_path / "target") as path:
        tried = command(path, "import", str(file), "--dry-run")
        assert tried.stdout.startswith("nothing was changed; this is what would be\n")
        taken = command(path, "import", str(file))
        assert "qa_agent        taken over, at version 2" in taken.stdout, taken.output
        assert "calls: 20 new, 0 there already" in taken.stdout
        again = json.loads(command(path, "import", str(file), "--json").stdout)
        assert again["interactions"] == {"new": 0, "known": 20, "left_out": 0}
        with AutonomyClient(f"unix:{path}") as client:
            assert RULE in [rule.text for rule in client.rules("qa_agent")]
            assert len(list(client.logs())) == 20


def test_examples_are_written_checked_and_without_the_services_secrets(
    source: Path, command: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "examples"
    given = ("export", "finetune", "--out", str(folder), "--format")
    with serving(source) as path:
        written = command(path, *given, "openai", "--split", "0.2")
        assert written.exit_code == 0, written.output
        assert "20 calls looked at, 20 written" in written.stdout
        assert sorted(each.name for each in folder.iterdir()) == ["manifest.json", "train.jsonl", "validation.jsonl"]
        text = (folder / "train.jsonl").read_text() + (folder / "validation.jsonl").read_text()
        assert (text.count("\n"), "[redacted]" in text, SECRET in text) == (20, True, False)
        few = command(path, *given, "anthropic", "--json")
        assert few.exit_code == 1
        assert "takes no fewer than 32" in json.loads(few.stdout)["checks"]["train.jsonl"]["problems"][-1]
        none = command(path, *given, "sharegpt", "--agent", "planner", "--since", "1")
        assert "0 calls looked at, 0 written" in none.stdout


def test_what_is_wrong_is_one_sentence(command: Command, tmp_path: Path) -> None:
    finetune = ("export", "finetune", "--format", "openai", "--out", str(tmp_path / "x"))
    wrong: list[tuple[tuple[str, ...], str]] = [
        (("import", "absent.zip"), "there is no file absent.zip"),
        (("import", __file__), "is no archive of `export`, or was cut off"),
        (("import", __file__, "--merge", "--replace"), "give one"),
        ((*finetune, "--agent", "nobody"), "the agents are orchestrator"),
    ]
    with serving(tmp_path / "data") as path:
        for words, said in wrong:
            ended = command(path, *words)
            assert (ended.exit_code, said in ended.stderr) == (2, True), ended.output


def test_what_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "application/zip"}, stream=Breaking())

    class Breaking(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"PK"
            raise httpx.ReadError("the line is cut")

    with (
        AutonomyClient("http://service.invalid", transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(ServiceError),
    ):
        client.export_archive(tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


async def test_only_an_admin_moves_things_and_nobody_sends_a_body_that_is_too_large_elsewhere(tmp_path: Path) -> None:
    async with run_service(tmp_path / "data") as service:
        http = service.http
        admin = (await http.post("/keys", json={"name": "ada", "role": "admin"})).json()["secret"]
        key = {"X-API-Key": admin}
        made = await http.post("/keys", json={"name": "bob", "role": "approver"}, headers=key)
        bob = {"X-API-Key": made.json()["secret"]}
        for method, path in (("GET", "/export"), ("GET", "/export/finetune?format=openai"), ("POST", "/import")):
            assert (await http.request(method, path, headers=bob)).status_code == 403
        assert (await http.post("/import", headers=key, content=b"x" * (2 << 20))).status_code == 422
        assert (await http.post("/tasks", headers=key, content=b"x" * (2 << 20))).status_code == 413
        whole = await http.get("/export", headers={**key, "Accept-Encoding": "gzip"})
        assert (whole.headers["content-type"], whole.headers["content-encoding"]) == ("application/zip", "identity")
        (tmp_path / "w.zip").write_bytes(whole.content)
        with zipfile.ZipFile(tmp_path / "w.zip") as archive:
            names = archive.namelist()
        assert len([name for name in names if name.startswith("identities/")]) == len(AgentName)
        answered = await http.post("/import", headers=key, content=whole.content, params={"existing": "merge"})
        assert {each["outcome"] for each in answered.json()["identities"]} == {"the same"}
        audit = (await http.get("/audit", headers=key)).json()["items"]
        assert ("POST /import", "ada", 200) in [(each["action"], each["name"], each["status"]) for each in audit]
