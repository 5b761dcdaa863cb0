"""`autonomy rule try`: have the service try a rule and do what the result says."""

from cli.agent_words import describe_experiment
from cli.agents import RuleWish, find_rule
from cli.errors import CommandFailed, ExitCode
from cli.host import Target, reach
from cli.screens import Screen

HELPS = ("promoted", "kept")


async def try_rule(target: Target, wish: RuleWish, screen: Screen, *, wait: bool) -> ExitCode:
    """Begin the experiment, or join the one under way. With `wait` the exit code says whether the rule helps."""
    async with reach(target, work=False) as client:
        if client.inside and not wait:
            raise CommandFailed(
                ExitCode.REFUSED,
                "no service is running, so that the experiment would end with this command: give --wait, or start one with "
                "`autonomy serve`",
            )
        rule = find_rule(await client.identity(wish.agent), wish)
        found = await client.try_rule(wish.agent, rule.rule_id)
        if not wait:
            screen.finish(found.model_dump(mode="json"), describe_experiment(found))
            return ExitCode.COMPLETED
        screen.say(describe_experiment(found))
        ended = await client.wait_for_experiment(wish.agent, rule.rule_id)
    screen.finish(ended.model_dump(mode="json"), describe_experiment(ended))
    return ExitCode.COMPLETED if ended.verdict in HELPS else ExitCode.FAILED
