"""`autonomy export`, `export finetune` and `import`: their arguments."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from cli import moving
from cli.agents import known_agent
from cli.errors import CommandFailed, ExitCode
from cli.host import Target, load_settings
from cli.moving import ExampleOptions
from cli.running import run
from cli.screens import JsonScreen, LineScreen, Screen

ARCHIVE = "archive"
Server = Annotated[str | None, typer.Option(metavar="URL", help="Drive the server at this address.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


class ArchiveByDefault(TyperGroup):
    """`export FILE` is `export archive FILE`: what is no command is a file."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # click's own type
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [ARCHIVE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer()
export_app = typer.Typer(
    cls=ArchiveByDefault, help="Take what agents are and did elsewhere: `export FILE` writes an archive of all of it."
)
app.add_typer(export_app, name="export")


class FormatName(StrEnum):
    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    SHAREGPT = "sharegpt"


class OutcomeName(StrEnum):
    CLEAN = "clean"
    ACCEPTED = "accepted"
    ALL = "all"


def _screen(*, as_json: bool = False) -> Screen:
    return JsonScreen() if as_json else LineScreen(interactive=False)


@export_app.command(ARCHIVE)
def archive_command(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The archive; autonomy-DATE.zip when left out.")
    ] = None,
    server: Server = None,
) -> None:
    """Write identities with their versions, memory diffs, episodes and calls into one archive."""
    place = file or Path(time.strftime("autonomy-%Y-%m-%d.zip"))
    run(lambda: moving.export_archive(Target(load_settings(), server), place, _screen()))


@export_app.command("finetune")
def finetune_command(
    format_name: Annotated[FormatName, typer.Option("--format", help="Whose format.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where train.jsonl, validation.jsonl and manifest.json go.")],
    agent: Annotated[str | None, typer.Option(metavar="AGENT", help="Only the calls of this agent.")] = None,
    outcome: Annotated[
        OutcomeName,
        typer.Option(
            help="clean: nothing came back to the agent; accepted: the task completed; all: whatever came of it."
        ),
    ] = OutcomeName.CLEAN,
    since: Annotated[float | None, typer.Option(min=0, metavar="DAYS", help="Only of the last DAYS.")] = None,
    split: Annotated[float, typer.Option(min=0, max=0.5, help="Share of the tasks that are for validation.")] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="Another number gives other tasks.")] = 0,
    max_chars: Annotated[int, typer.Option(min=100, max=4_000_000, help="Longer examples are left out.")] = 100_000,
    without_identity: Annotated[
        bool,
        typer.Option(
            "--without-identity", help="Take the agent's rules out, for a model that is to know them by itself."
        ),
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Write calls to learn from, without duplicates and secrets, and check the files as a trainer would."""

    async def export() -> ExitCode:
        options = ExampleOptions(
            format=format_name.value,
            agent=None if agent is None else known_agent(agent),
            outcome=outcome.value,
            since_days=since,
            split=split,
            seed=seed,
            max_chars=max_chars,
            identity=not without_identity,
        )
        return await moving.export_examples(Target(load_settings(), server), out, options, _screen(as_json=as_json))

    run(export)


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive of `export`.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look through it, say what would be, change nothing.")
    ] = False,
    merge: Annotated[
        bool, typer.Option("--merge", help="Add to identities with a history of their own what they lack.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Give them the archive's content, as a new version.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Take an archive in. The same again changes nothing; what was cut off is completed."""

    async def take() -> ExitCode:
        if merge and replace:
            raise CommandFailed(ExitCode.USAGE, "--merge and --replace are two different things: give one")
        existing: moving.Existing = "merge" if merge else "replace" if replace else "keep"
        target = Target(load_settings(), server)
        return await moving.import_archive(target, file, existing, _screen(as_json=as_json), dry_run=dry_run)

    run(take)
