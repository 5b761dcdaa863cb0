"""`autonomy keys`: its commands and their options."""

from typing import Annotated

import typer

from cli import governing
from cli.host import Target, load_settings
from cli.running import run
from cli.screens import JsonScreen, LineScreen

app = typer.Typer(help="Keys with names and roles, for those who may use the service.", no_args_is_help=True)
ROLES = "viewer, operator, approver or admin"
Server = Annotated[str | None, typer.Option(metavar="URL", help="Drive the server at this address.")]


@app.command("create")
def create_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose it is: logs and votes show this name.")],
    role: Annotated[str, typer.Option(help=f"What it may do: {ROLES}.")],
    per_minute: Annotated[int | None, typer.Option(min=1, help="Requests a minute.")] = None,
    active_tasks: Annotated[int | None, typer.Option(min=1, help="Tasks that wait or run at once.")] = None,
    daily_budget: Annotated[float | None, typer.Option(min=0, metavar="USD", help="US dollars a day.")] = None,
    expires_days: Annotated[
        float | None, typer.Option(min=0, metavar="DAYS", help="It ends after so many days.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")] = False,
    server: Server = None,
) -> None:
    """Make a key; it is shown this once. From the first one on nobody comes in without a key."""
    options = governing.KeyOptions(name, role, per_minute, active_tasks, daily_budget, expires_days)
    screen = JsonScreen() if as_json else LineScreen(interactive=False)
    run(lambda: governing.create_key(Target(load_settings(), server), options, screen))


@app.command("list")
def list_command(server: Server = None) -> None:
    """List every key, revoked ones too; never a secret."""
    run(lambda: governing.list_keys(Target(load_settings(), server), LineScreen(interactive=False)))


@app.command("revoke")
def revoke_command(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="The key's id, as `keys list` shows it.")],
    server: Server = None,
) -> None:
    """Take a key back: from then on it opens nothing."""
    run(lambda: governing.revoke_key(Target(load_settings(), server), key_id, LineScreen(interactive=False)))
