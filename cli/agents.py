"""Agents from the terminal: who they are, what they learned, and changes of that by a person."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from cli.agent_words import describe_agent, describe_agents, describe_diff
from cli.client import Client
from cli.errors import CommandFailed, ExitCode
from cli.host import Target, reach
from cli.screens import Screen
from cli.typing_in import read_line
from client.agents import IdentityAnswer, MemoryDiff, Rule, Trial
from client.base import Json
from core.types import AgentName

SHOWN_DIFFS = 5


def known_agent(name: str) -> str:
    """`name`, if an agent is called so. Raises CommandFailed, which names them all."""
    if name not in list(AgentName):
        raise CommandFailed(ExitCode.USAGE, f"there is no agent {name!r}; the agents are {', '.join(AgentName)}")
    return name


async def show_agents(target: Target, screen: Screen) -> ExitCode:
    """One line each."""
    async with reach(target, work=False) as client:
        found = await client.agents()
    document: dict[str, Json] = {"agents": [each.model_dump(mode="json") for each in found]}
    screen.finish(document, describe_agents(found))
    return ExitCode.COMPLETED


async def show_agent(target: Target, agent: str, version: int | None, screen: Screen) -> ExitCode:
    """Everything about one, as it is now or was in a version that is kept."""
    async with reach(target, work=False) as client:
        shown = await (client.identity(agent) if version is None else client.version(agent, version))
        versions = await client.versions(agent)
        diffs = [diff async for diff in _last_diffs(client, agent)] if version is None else []
    document: dict[str, Json] = {
        **shown.model_dump(mode="json"),
        "kept": [each.model_dump(mode="json") for each in versions],
        "memory_diffs": [each.model_dump(mode="json") for each in diffs],
    }
    screen.finish(document, describe_agent(shown, versions, diffs))
    return ExitCode.COMPLETED


async def show_diff(target: Target, agent: str, base: int, version: int, screen: Screen) -> ExitCode:
    """What differs between two kept versions."""
    async with reach(target, work=False) as client:
        diff = await client.version_diff(agent, version, base=base)
    screen.finish(diff.model_dump(mode="json"), describe_diff(diff))
    return ExitCode.COMPLETED


async def roll_back(target: Target, agent: str, version: int, screen: Screen, *, yes: bool) -> ExitCode:
    """Show what would change, ask, and go back from the very version that was shown."""
    async with reach(target, work=False) as client:
        current = (await client.identity(agent)).identity.version
        if current == version:
            raise CommandFailed(ExitCode.FAILED, f"{agent} is at version {version} already")
        screen.say(describe_diff(await client.version_diff(agent, version, base=current)))
        await _confirm(screen, f"make version {version} of {agent} the current one?", yes=yes)
        now = await client.roll_back(agent, version, expected_version=current)
    screen.finish(
        now.model_dump(mode="json"), [f"{agent} is at version {now.identity.version}, which is version {version} again"]
    )
    return ExitCode.COMPLETED


async def _last_diffs(client: Client, agent: str) -> AsyncIterator[MemoryDiff]:
    shown = 0
    async for diff in client.memory_diffs(agent, page_size=SHOWN_DIFFS):
        yield diff
        shown += 1
        if shown == SHOWN_DIFFS:
            return


@dataclass(frozen=True)
class RuleWish:
    """`rule` is an id or the beginning of one; `trials`: it may be one on trial."""

    agent: str
    rule: str
    trials: bool = False


async def change_rule(
    target: Target, wish: RuleWish, screen: Screen, *, pinned: bool | None = None, disabled: bool | None = None
) -> ExitCode:
    """Pin a rule or disable it, or the reverse."""
    async with reach(target, work=False) as client:
        shown = await client.identity(wish.agent)
        rule = find_rule(shown, wish)
        now = await client.change_rule(
            wish.agent, rule.rule_id, expected_version=shown.identity.version, pinned=pinned, disabled=disabled
        )
    return _tell(screen, now, rule)


async def delete_rule(target: Target, wish: RuleWish, screen: Screen, *, yes: bool) -> ExitCode:
    """Take a rule away, after asking."""
    async with reach(target, work=False) as client:
        shown = await client.identity(wish.agent)
        rule = find_rule(shown, wish)
        await _confirm(screen, f"delete rule {rule.rule_id[:8]} of {wish.agent}: {rule.text}?", yes=yes)
        now = await client.delete_rule(wish.agent, rule.rule_id, expected_version=shown.identity.version)
    return _tell(screen, now, rule)


async def add_rule(target: Target, agent: str, text: str, why: str, screen: Screen) -> ExitCode:
    """Put a rule there as a correction."""
    async with reach(target, work=False) as client:
        shown = await client.identity(agent)
        now = await client.add_rule(agent, text, why=why, expected_version=shown.identity.version)
    return _tell(screen, now, now.rules[-1])


def find_rule(shown: IdentityAnswer, wish: RuleWish) -> Rule | Trial:
    """The one rule whose id begins so. Raises CommandFailed: none, or several, which it names."""
    rules: Sequence[Rule | Trial] = (*shown.rules, *(shown.trials if wish.trials else ()))
    found = [rule for rule in rules if rule.rule_id.startswith(wish.rule)] if wish.rule else []
    if len(found) == 1:
        return found[0]
    agent, named = wish.agent, "; ".join(f"{rule.rule_id}: {rule.text}" for rule in found)
    if found:
        raise CommandFailed(ExitCode.USAGE, f"{len(found)} rules of {agent} begin with {wish.rule}: {named}")
    raise CommandFailed(ExitCode.FAILED, f"{agent} has no rule {wish.rule!r}; `autonomy agent {agent}` lists them")


def _tell(screen: Screen, now: IdentityAnswer, rule: Rule | Trial) -> ExitCode:
    why = now.identity.why or "nothing changed"
    screen.finish(
        now.model_dump(mode="json"),
        [f"{rule.rule_id[:8]}  {why}; {now.identity.agent} is at version {now.identity.version}"],
    )
    return ExitCode.COMPLETED


async def _confirm(screen: Screen, question: str, *, yes: bool) -> None:
    """Raises CommandFailed when the answer is not yes, or nobody can be asked."""
    if yes:
        return
    if not screen.interactive:
        raise CommandFailed(ExitCode.WAITING, f"{question} Nobody can be asked here: give --yes")
    answer = await read_line(f"{question} [y/N] ")
    if (answer or "").strip().lower() not in ("y", "yes"):
        raise CommandFailed(ExitCode.FAILED, "nothing was changed")
