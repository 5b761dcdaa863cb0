"""Archives and examples for fine-tuning, from and to files of this machine."""

import asyncio
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cli.errors import CommandFailed, ExitCode
from cli.host import Target, reach
from cli.screens import Screen
from client.base import Json
from client.moving import ImportReport, Moved
from core.finetuning import FileCheck, FinetuneManifest, Format, check_file

Existing = Literal["keep", "merge", "replace"]
TRAIN, VALIDATION, MANIFEST = "train.jsonl", "validation.jsonl", "manifest.json"
DAY_S = 86_400


async def export_archive(target: Target, file: Path, screen: Screen) -> ExitCode:
    """Everything that agents are and did, into one file that is not there yet."""
    _make_place(file)
    async with reach(target, work=False) as client:
        await client.export_archive(file)
    screen.say([f"{file}: {_size(file):,} bytes. It holds every prompt and answer: keep it as you keep the stores"])
    return ExitCode.COMPLETED


async def import_archive(target: Target, file: Path, existing: Existing, screen: Screen, *, dry_run: bool) -> ExitCode:
    """Take an archive in, and say what became of it."""
    _size(file)
    async with reach(target, work=False) as client:
        report = await client.import_archive(file, existing=existing, dry_run=dry_run)
    screen.finish(report.model_dump(mode="json"), describe_import(report))
    return ExitCode.COMPLETED


def describe_import(report: ImportReport) -> Iterator[str]:
    """A line for each agent, one for each log."""
    if report.dry_run:
        yield "nothing was changed; this is what would be"
    for each in report.identities:
        yield f"{each.agent:<15} {each.outcome}, at version {each.version}"
    for name, moved in (
        ("calls", report.interactions),
        ("episodes", report.episodes),
        ("memory diffs", report.memory_diffs),
    ):
        yield f"{name}: {_describe_moved(moved)}"
    if any(each.outcome == "left alone" for each in report.identities):
        yield "who is left alone has a history of its own here: --merge adds what it lacks, --replace takes the archive's"


def _describe_moved(moved: Moved) -> str:
    left = f", {moved.left_out:,} of a history that was not taken over" if moved.left_out else ""
    return f"{moved.new:,} new, {moved.known:,} there already{left}"


@dataclass(frozen=True)
class ExampleOptions:
    """What `export finetune` asks for; None leaves it to the service."""

    format: Literal["openai", "anthropic", "sharegpt"]
    agent: str | None = None
    outcome: Literal["clean", "accepted", "all"] = "clean"
    since_days: float | None = None
    split: float = 0.1
    seed: int = 0
    max_chars: int = 100_000
    identity: bool = True


async def export_examples(target: Target, folder: Path, options: ExampleOptions, screen: Screen) -> ExitCode:
    """The examples into `folder`, looked at as a trainer would. Fails when a trainer would refuse them."""
    _make_folder(folder)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as apart:
        packed = Path(apart) / "examples.zip"
        async with reach(target, work=False) as client:
            await client.export_examples(
                packed,
                format=options.format,
                agent=options.agent,
                outcome=options.outcome,
                since=None if options.since_days is None else time.time() - options.since_days * DAY_S,
                split=options.split,
                seed=options.seed,
                max_chars=options.max_chars,
                identity=options.identity,
            )
        await asyncio.to_thread(_unpack, packed, Path(apart), folder)
    manifest = FinetuneManifest.model_validate_json((folder / MANIFEST).read_bytes())
    checks = await asyncio.to_thread(check_folder, folder, Format(options.format))
    document: dict[str, Json] = {
        "manifest": manifest.model_dump(mode="json"),
        "checks": {name: check.model_dump(mode="json") for name, check in checks.items()},
    }
    screen.finish(document, describe_examples(folder, manifest, checks))
    return ExitCode.FAILED if any(check.problems for check in checks.values()) else ExitCode.COMPLETED


def check_folder(folder: Path, wanted: Format) -> dict[str, FileCheck]:
    """What was written, read again line by line."""
    checks = {}
    for name in (TRAIN, VALIDATION):
        with (folder / name).open("rb") as lines:
            checks[name] = check_file(wanted, lines, training=name == TRAIN)
    return checks


def describe_examples(folder: Path, manifest: FinetuneManifest, checks: dict[str, FileCheck]) -> Iterator[str]:
    """What was written, what was left out and why, and whether a trainer takes it."""
    yield f"{manifest.read:,} calls looked at, {manifest.train + manifest.validation:,} written"
    for reason, number in sorted(manifest.left_out.items(), key=lambda pair: -pair[1]):
        yield f"  left out, {reason}: {number:,}"
    for name, check in checks.items():
        yield f"{folder / name}: {check.examples:,} examples, about {check.tokens_estimated:,} tokens"
        yield from (f"  {problem}" for problem in check.problems)


def _unpack(packed: Path, apart: Path, folder: Path) -> None:
    """The three files by their names and no others, each put in its place when it is whole."""
    with zipfile.ZipFile(packed) as archive:
        for name in (TRAIN, VALIDATION, MANIFEST):
            with archive.open(name) as source, (apart / name).open("wb") as file:
                shutil.copyfileobj(source, file)
            (apart / name).replace(folder / name)


def _make_place(file: Path) -> None:
    """Raises CommandFailed when it is taken."""
    if file.exists():
        raise CommandFailed(ExitCode.USAGE, f"{file} is there already; name another FILE")
    _make_folder(file.absolute().parent)


def _size(file: Path) -> int:
    """In bytes. Raises CommandFailed when there is no such file."""
    if not file.is_file():
        raise CommandFailed(ExitCode.USAGE, f"there is no file {file}")
    return file.stat().st_size


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandFailed(ExitCode.USAGE, f"{folder} cannot be made: {error.strerror}") from error
