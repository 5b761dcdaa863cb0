"""`autonomy agents`, `agent`, `rollback` and `rule ...`: their arguments."""

import sys
from typing import Annotated

import typer

from cli import agents
from cli.agents import RuleWish, known_agent
from cli.errors import CommandFailed, ExitCode
from cli.host import Target, load_settings
from cli.running import run
from cli.screens import JsonScreen, LineScreen, Screen

app = typer.Typer()
rule_app = typer.Typer(help="Change the rules of an agent; every change makes a new version.", no_args_is_help=True)
app.add_typer(rule_app, name="rule")

Server = Annotated[str | None, typer.Option(metavar="URL", help="Drive the server at this address.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Agent = Annotated[str, typer.Argument(metavar="AGENT", help="The agent, as `autonomy agents` names it.")]
RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, or a beginning that only it has.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def _screen(*, as_json: bool = False) -> Screen:
    return JsonScreen() if as_json else LineScreen(interactive=sys.stdin.isatty() and sys.stdout.isatty())


@app.command("agents")
def agents_command(as_json: AsJson = False, server: Server = None) -> None:
    """List the agents: model, version of the identity, rules, and how often nothing came back to them."""
    run(lambda: agents.show_agents(Target(load_settings(), server), _screen(as_json=as_json)))


@app.command("agent")
def agent_command(
    agent: Agent,
    version: Annotated[int | None, typer.Option(min=1, help="As it was in this version.", metavar="N")] = None,
    diff: Annotated[
        tuple[int, int] | None, typer.Option(help="What differs from version A to version B.", metavar="A B")
    ] = None,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Show an agent: its rules and how they did, rules on trial, versions, and what changed it last."""
    screen = _screen(as_json=as_json)

    async def show() -> ExitCode:
        target = Target(load_settings(), server)
        if diff is None:
            return await agents.show_agent(target, known_agent(agent), version, screen)
        if version is not None or min(diff) < 1:
            raise CommandFailed(ExitCode.USAGE, "--diff takes two versions from 1 on, and no --version")
        return await agents.show_diff(target, known_agent(agent), *diff, screen)

    run(show)


@app.command("rollback")
def rollback_command(
    agent: Agent,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The version to go back to.")],
    yes: Yes = False,
    as_json: AsJson = False,
    server: Server = None,
) -> None:
    """Make an earlier version of an agent the current one, as a new version; counters of rules stay."""
    screen = _screen(as_json=as_json)
    run(lambda: agents.roll_back(Target(load_settings(), server), known_agent(agent), version, screen, yes=yes))


def _change(agent: str, rule: str, server: str | None, *, pinned: bool | None = None, off: bool | None = None) -> None:
    async def change() -> ExitCode:
        target, wish = Target(load_settings(), server), RuleWish(known_agent(agent), rule)
        return await agents.change_rule(target, wish, _screen(), pinned=pinned, disabled=off)

    run(change)


@rule_app.command("pin")
def pin_command(agent: Agent, rule: RuleId, server: Server = None) -> None:
    """Keep a rule from being pruned."""
    _change(agent, rule, server, pinned=True)


@rule_app.command("unpin")
def unpin_command(agent: Agent, rule: RuleId, server: Server = None) -> None:
    """Let a pinned rule go."""
    _change(agent, rule, server, pinned=False)


@rule_app.command("disable")
def disable_command(agent: Agent, rule: RuleId, server: Server = None) -> None:
    """Keep a rule, and tell it no more."""
    _change(agent, rule, server, off=True)


@rule_app.command("enable")
def enable_command(agent: Agent, rule: RuleId, server: Server = None) -> None:
    """Tell a disabled rule again."""
    _change(agent, rule, server, off=False)


@rule_app.command("delete")
def delete_command(agent: Agent, rule: RuleId, yes: Yes = False, server: Server = None) -> None:
    """Take a rule away, or one on trial; a pinned one is refused."""

    async def delete() -> ExitCode:
        target, wish = Target(load_settings(), server), RuleWish(known_agent(agent), rule, trials=True)
        return await agents.delete_rule(target, wish, _screen(), yes=yes)

    run(delete)


@rule_app.command("add")
def add_command(
    agent: Agent,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The rule, as prompts are to hold it.")],
    why: Annotated[str, typer.Option(help="Why it is there.", metavar="TEXT")] = "",
    server: Server = None,
) -> None:
    """Put a rule there as a correction; it is told from then on, and not tried first."""

    async def add() -> ExitCode:
        return await agents.add_rule(Target(load_settings(), server), known_agent(agent), text, why, _screen())

    run(add)
