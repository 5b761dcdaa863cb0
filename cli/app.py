"""`autonomy`: the commands, their options, and how they end."""

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import commands, evaluating, exports, governing, identities, keys
from cli.commands import MailboxAction
from cli.host import Target, load_settings, model_changes, own_version, serve
from cli.mcp import MCP_HOST, MCP_PORT, HttpPlace, serve_http, serve_stdio
from cli.running import run
from cli.screens import JsonScreen, LineScreen, Screen
from core.budget import check_cap

app = typer.Typer(
    name="autonomy",
    help="One sentence becomes an application that is built, tested, reviewed, approved by you and published.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")
app.add_typer(evaluating.app, name="eval")
app.add_typer(identities.app)
app.add_typer(exports.app)


def _check_cap(usd: float | None) -> float | None:
    try:
        return usd if usd is None else check_cap(usd)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Budget = Annotated[float | None, typer.Option(help="Cap in US dollars.", metavar="USD", callback=_check_cap)]
Server = Annotated[str | None, typer.Option(metavar="URL", help="Drive the server at this address.")]
TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


def main() -> None:
    """Run what the arguments ask for."""
    app()


@app.command("build")
def build_command(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="What to build, in a sentence or a few.")],
    yes: Annotated[bool, typer.Option("--yes", help="Approve without asking (approval questions only).")] = False,
    as_json: AsJson = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the approved files to DIR/<task id>/.", metavar="DIR")
    ] = None,
    budget: Budget = None,
    max_iterations: Annotated[int | None, typer.Option(help="Rounds of repair before you are asked.")] = None,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run no generated code; checks are not executed.")
    ] = False,
    server: Server = None,
    model: Annotated[str | None, typer.Option(help="Model of every agent.", metavar="NAME")] = None,
) -> None:
    """Build an application from SENTENCE, and ask you before anything is published."""
    options = commands.BuildOptions(sentence, yes, output, budget, max_iterations, not no_sandbox)
    screen = _screen(as_json=as_json)
    run(lambda: commands.build(Target(load_settings(**model_changes(model)), server, own_model=model), options, screen))


@app.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on (API_HOST, 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port, 0 for a free one (API_PORT, 8000).")] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Serve other machines without API_KEY.")] = False,
) -> None:
    """Serve the API until Ctrl-C; its documentation is at /docs."""
    run(lambda: serve(load_settings(api_host=host, api_port=port), insecure=insecure))


@app.command("tasks")
def tasks_command(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20, server: Server = None
) -> None:
    """List the newest tasks."""
    run(lambda: commands.tasks(Target(load_settings(), server), limit, LineScreen(interactive=False)))


@app.command("show")
def show_command(
    task_id: TaskId,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on showing what happens; asks what is to be asked.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Show a task: plan, tests, review, cost, pull request."""
    screen = _screen(as_json=as_json) if follow or as_json else LineScreen(interactive=False)
    run(lambda: commands.show(Target(load_settings(), server), task_id, screen, follow=follow))


@app.command("reply")
def reply_command(
    task_id: TaskId,
    message: Annotated[
        str, typer.Argument(metavar="[TEXT]", help='In your own words: "ship it", "add search", "abort".')
    ] = "",
    budget: Annotated[
        float | None,
        typer.Option(help="The new cap that a question about money asks for.", metavar="USD", callback=_check_cap),
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--go-on", help="Go on without more: the day has changed, or the price will do.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Answer a task's question, and follow the task to its end."""
    screen = _screen(as_json=as_json)
    options = commands.ReplyOptions(message, budget, go_on)
    run(lambda: commands.reply(Target(load_settings(), server), task_id, options, screen))


@app.command("replay")
def replay_command(
    task_id: TaskId,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Times as fast as it happened; at once when left out.", metavar="X")
    ] = None,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Tell what happened to a task, from its log: no model is asked, nothing runs."""
    screen = _screen(as_json=True) if as_json else LineScreen(interactive=False)
    run(lambda: commands.replay(Target(load_settings(), server), task_id, screen, speed))


@app.command("checkpoints")
def checkpoints_command(task_id: TaskId, server: Server = None) -> None:
    """List the points of a task's run that `fork` can go on from."""
    run(lambda: commands.checkpoints(Target(load_settings(), server), task_id, LineScreen(interactive=False)))


@app.command("fork")
def fork_command(
    task_id: TaskId,
    at: Annotated[
        str | None, typer.Option(help="Number or id of the checkpoint; the newest when left out.", metavar="POINT")
    ] = None,
    feedback: Annotated[str, typer.Option(help="What is to be different this time.", metavar="TEXT")] = "",
    budget: Budget = None,
    max_iterations: Annotated[int | None, typer.Option(help="Rounds of repair before you are asked.")] = None,
    same_request: Annotated[
        bool, typer.Option("--same-request", help="Publish onto the task's pull request, as one more commit.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve without asking (approval questions only).")] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Go on from a point of a task's past as a new task. Model calls behind that point are paid again."""
    options = commands.ForkOptions(at, feedback, budget, max_iterations, yes, same_request)
    screen = _screen(as_json=as_json)
    run(lambda: commands.fork(Target(load_settings(), server), task_id, options, screen))


@app.command("cancel")
def cancel_command(task_id: TaskId, server: Server = None) -> None:
    """End a task; its files and history stay."""
    run(lambda: commands.cancel(Target(load_settings(), server), task_id, LineScreen(interactive=False)))


@app.command("doctor")
def doctor_command() -> None:
    """Try every part that a task needs on this machine, and say how to mend what fails."""
    run(lambda: commands.doctor(Target(load_settings()), LineScreen(interactive=False)))


@app.command("models")
def models_command(
    check: Annotated[
        bool, typer.Option("--check", help="Ask every model for one word, which costs a fraction of a cent.")
    ] = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Show which model each agent has and why, its price, and whether its key is there."""
    screen = JsonScreen() if as_json else LineScreen(interactive=False)
    run(lambda: commands.models(Target(load_settings(), server), screen, check=check))


@app.command("audit")
def audit_command(
    name: Annotated[str | None, typer.Option(help="Only what the key of this name did.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    server: Server = None,
) -> None:
    """Show who did what over the API, the newest first."""
    run(lambda: governing.audit(Target(load_settings(), server), name, limit, LineScreen(interactive=False)))


@app.command("demo")
def demo_command(
    task_id: TaskId,
    again: Annotated[bool, typer.Option("--again", help="Afresh, with an empty database.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End it.")] = False,
    server: Server = None,
) -> None:
    """Serve the application of a task for people to try; says where."""
    screen = LineScreen(interactive=False)
    run(lambda: governing.demo(Target(load_settings(), server), task_id, screen, again=again, stop=stop))


@app.command("mcp")
def mcp_command(
    http: Annotated[bool, typer.Option("--http", help="Listen for hosts over HTTP instead.")] = False,
    host: Annotated[str | None, typer.Option(help=f"Address to listen on ({MCP_HOST}).")] = None,
    port: Annotated[int | None, typer.Option(help=f"Port, 0 for a free one ({MCP_PORT}).")] = None,
    server: Server = None,
) -> None:
    """Let an assistant drive tasks: a server of the Model Context Protocol on stdin and stdout."""
    if not http and (host is not None or port is not None):
        raise typer.BadParameter("--host and --port are for --http")
    place = HttpPlace(host or MCP_HOST, MCP_PORT if port is None else port)
    run(lambda: _serve_mcp(Target(load_settings(), server, via="mcp"), place if http else None))


async def _serve_mcp(target: Target, place: HttpPlace | None) -> None:
    await (serve_stdio(target) if place is None else serve_http(target, place))


@app.command("mailbox")
def mailbox_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of MODEL_*=mailbox/DIR.")],
    action: Annotated[MailboxAction, typer.Argument(help="What to do.")] = MailboxAction.LIST,
    request_id: Annotated[str, typer.Argument(metavar="ID", help="The request to show or to answer.")] = "",
    file: Annotated[str, typer.Argument(metavar="FILE", help="The answer; - reads stdin.")] = "-",
) -> None:
    """List the requests of a mailbox model, show one, or answer one from a file."""
    run(lambda: commands.mailbox(folder, action, request_id, file, LineScreen(interactive=False)))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autonomy {own_version()}")
        raise typer.Exit


@app.callback()
def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


def _screen(*, as_json: bool) -> Screen:
    if as_json:
        return JsonScreen()
    if sys.stdin.isatty() and sys.stdout.isatty():
        screen: Screen = importlib.import_module("cli.live").LiveScreen()  # rich is for a terminal alone
        return screen
    return LineScreen(interactive=False)
