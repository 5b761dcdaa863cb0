"""Archives: what goes out comes in again, once and in its order, and nothing that is wrong comes in at all."""

import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.agent_views import MemoryDiffFilter
from core.errors import AutonomyError, Conflict, InvalidInput, Refused
from core.identity import Identity
from core.models import Interaction, InteractionSearch
from core.moving import merged
from observability.interactions import SqliteInteractionLog
from tests.unit.tasks.moved import PLANNER, QA, RULE, Place, a_call, fill, place


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path / "source") as opened:
        await fill(opened)
        yield opened


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Place]:
    async with place(tmp_path / "target", now=9_000.0) as opened:
        yield opened


async def test_everything_arrives_as_it_was_and_a_second_time_changes_nothing(source: Place, target: Place) -> None:
    archive = await source.archive()
    tried = await target.take(archive, dry_run=True)
    assert (await target.stores.calls.page(InteractionSearch())).items == ()
    report = await target.take(archive)
    assert tried == report.model_copy(update={"dry_run": True})
    assert await target.content() == await source.content()
    outcomes = {each.agent: (each.outcome, each.version) for each in report.identities}
    assert (outcomes[QA], outcomes[PLANNER]) == (("taken over", 4), ("taken over", 1))
    assert [moved.new for moved in (report.interactions, report.episodes, report.memory_diffs)] == [12, 6, 3]
    again = await target.take(archive)
    assert {each.outcome for each in again.identities} == {"the same"}
    assert [(moved.new, moved.known) for moved in (again.interactions, again.episodes, again.memory_diffs)] == [
        (0, 12), (0, 6), (0, 3),
    ]  # fmt: skip
    assert await target.content() == await source.content()
    assert (await target.stores.interactions.totals())[0].cost_usd == 3.0


class Stopping(SqliteInteractionLog):
    """The log of a machine that stops at its sixth call."""

    recorded = 0

    async def record(self, interaction: Interaction) -> None:
        self.recorded += 1
        if self.recorded > 5:
            raise Conflict("the machine stops here")
        await super().record(interaction)


async def test_an_import_that_was_cut_off_is_completed_by_the_next(source: Place, target: Place) -> None:
    archive = await source.archive()
    log = target.stores.interactions
    assert isinstance(log, SqliteInteractionLog)
    stopping = Place(replace(target.stores, interactions=Stopping(log._storage)), target.clock)
    with pytest.raises(Conflict, match="stops here"):
        await stopping.take(archive)
    assert len((await target.stores.calls.page(InteractionSearch())).items) == 5
    report = await target.take(archive)
    assert (report.interactions.new, report.interactions.known) == (7, 5)
    assert await target.content() == await source.content()


@pytest.mark.parametrize(("existing", "outcome", "rules"), [
    ("keep", "left alone", ("Of my own",)),
    ("merge", "merged", ("Of my own", RULE, "Ask for the empty list, too")),
    ("replace", "replaced", (RULE, "Ask for the empty list, too")),
])  # fmt: skip
async def test_a_history_of_ones_own_stays_unless_one_says_otherwise(
    source: Place, target: Place, existing: Any, outcome: str, rules: tuple[str, ...]
) -> None:
    own = await target.learn(QA, "Of my own")
    archive = await source.archive()
    report = await target.take(archive, existing)
    moved = next(each for each in report.identities if each.agent is QA)
    saved = await target.stores.identities.load(QA)
    assert (moved.outcome, moved.version, saved.learned_rules) == (outcome, saved.version, rules)
    assert report.memory_diffs.left_out == 3
    told = [(each.kind, each.to_version, each.by) for each in await target.stores.memory_diffs.list(MemoryDiffFilter())]
    if existing == "keep":
        assert (saved, told) == (own, [])
    else:
        assert (saved.cause, saved.by, told) == ("import", "ada", [("import", 3, "ada")])
        assert saved.rule_stats[RULE].use_count == 1
        assert saved.origins[RULE].tasks == ("t1",)
    again = await target.take(archive, existing)
    assert next(each.outcome for each in again.identities if each.agent is QA) in ("the same", "left alone")
    assert (await target.stores.identities.load(QA)).version == saved.version


def test_what_is_merged_keeps_ones_own_word_and_no_rule_is_on_trial_and_told() -> None:
    own = Identity.model_validate(
        {"agent": QA, "learned_rules": ["a"], "beliefs": {"x": "mine"}, "trials": [{"text": "b"}, {"text": "c"}]}
    )
    other = Identity.model_validate(
        {
            "agent": QA, "correction_rules": ["a", "b"], "disabled": ["a", "b"], "beliefs": {"x": "theirs", "y": "new"},
            "trials": [{"text": "a"}, {"text": "c"}, {"text": "d"}],
        }
    )  # fmt: skip
    both = merged(own, other)
    assert (both.learned_rules, both.correction_rules, both.disabled) == (("a",), ("b",), ("b",))
    assert ([trial.text for trial in both.trials], both.beliefs) == (["c", "d"], {"x": "mine", "y": "new"})


def rebuilt(archive: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The archive with its files changed, and its manifest left as it was unless that is changed, too."""
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        files = {name: read.read(name) for name in read.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, body in files.items():
            written.writestr(name, body)
    return out.getvalue()


def resummed(files: dict[str, bytes], name: str, body: bytes) -> None:
    """Put `body` there with a manifest that says so."""
    files[name] = body
    manifest = json.loads(files["manifest.json"])
    for part in manifest["parts"]:
        if part["name"] == name:
            part |= {"bytes": len(body), "lines": body.count(b"\n"), "sha256": hashlib.sha256(body).hexdigest()}
    files["manifest.json"] = json.dumps(manifest).encode()


def in_manifest(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files["manifest.json"] = json.dumps({**json.loads(files["manifest.json"]), **changes}).encode()

    return change


CALLS = "interactions/000001.jsonl"
IDENTITY = "identities/000006.jsonl"


def with_line(files: dict[str, bytes]) -> None:
    first, _, *rest = files[CALLS].split(b"\n")
    resummed(files, CALLS, b"\n".join([first, b"{not json", *rest]))


def with_long_rule(files: dict[str, bytes]) -> None:
    newest, *older = files[IDENTITY].splitlines()
    body = json.dumps({**json.loads(newest), "learned_rules": ["x" * 1_001]}).encode()
    resummed(files, IDENTITY, b"\n".join([body, *older]) + b"\n")


def with_bomb(files: dict[str, bytes]) -> None:
    files[CALLS] = b" " * (32 << 20)


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], None], type[AutonomyError], str]] = {
    "a newer schema": (in_manifest(schema_version=2), Refused, "written by a newer release (schema 2"),
    "no manifest": (lambda files: files.pop("manifest.json") and None, InvalidInput, "has no manifest.json"),
    "a manifest of nothing": (
        lambda f: f.update({"manifest.json": b"[]"}),
        InvalidInput,
        "manifest.json cannot be read",
    ),
    "another content": (lambda files: files.update({CALLS: b"x" + files[CALLS][1:]}), InvalidInput, "SHA-256 differs"),
    "a missing file": (lambda files: files.pop(CALLS) and None, InvalidInput, "is in the manifest, and missing"),
    "a path out of it": (lambda f: f.update({"../../evil": b"x"}), InvalidInput, "'../../evil' is in the archive"),
    "a line that is no JSON": (with_line, InvalidInput, f"{CALLS}, line 2: Invalid JSON"),
    "a rule that is too long": (with_long_rule, InvalidInput, f"{IDENTITY}, line 1: learned_rules: an entry has 1,001"),
    "a bomb": (with_bomb, InvalidInput, "SHA-256 differs"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_an_archive_that_is_wrong_is_named_and_nothing_of_it_comes_in(
    source: Place, target: Place, what: str
) -> None:
    change, kind, said = WRONG[what]
    before = await target.content()
    archive = rebuilt(await source.archive(), change)
    with pytest.raises(kind) as refused:
        await target.take(archive)
    assert said in str(refused.value)
    assert await target.content() == before


@pytest.mark.parametrize("cut", [0, 10, -1, -200])
async def test_what_is_cut_off_or_no_archive_is_said_to_be_so(source: Place, target: Place, cut: int) -> None:
    archive = (await source.archive())[:cut]
    with pytest.raises(InvalidInput, match="no archive of `export`, or was cut off"):
        await target.take(archive)


async def test_a_bomb_is_not_unpacked(target: Place, source: Place) -> None:
    """A part that says it is small and unpacks to 32 MiB costs what it said."""
    archive = rebuilt(await source.archive(), with_bomb)
    tracemalloc.start()
    with pytest.raises(InvalidInput):
        await target.take(archive)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 << 20


async def test_memory_does_not_grow_with_what_is_moved(source: Place, target: Place) -> None:
    """Three pages of calls take as much memory as one: a page, and not the log."""
    text = "word " * 8_000

    async def most_for(first: int, count: int) -> int:
        for number in range(first, count):
            await source.stores.interactions.record(a_call(f"m{number}", response=text))
        tracemalloc.start()
        archive = await source.archive()
        await target.take(archive)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small = await most_for(0, 110)
    large = await most_for(110, 280)
    assert large < small * 1.2
