"""`autonomy eval rule`: a rule is tried on held-out tasks, and what the result says is done."""

from cli.agent_words import describe_experiment
from cli.agents import RuleWish, find_rule
from cli.errors import CommandFailed, ExitCode
from cli.host import Target, evaluating, reach
from cli.screens import Screen
from client.agents import IdentityAnswer
from core.rules import rule_id
from core.types import AgentName
from evals import report

HELPS = ("promoted", "kept")
MOST_CHARS = 1_000


async def try_rule(target: Target, wish: RuleWish, screen: Screen, *, wait: bool) -> ExitCode:
    """Begin the experiment with a rule that the agent has, or join the one under way; measure a text that it does not have.

    With `wait`, and of a text, the exit code says whether the rule helps.
    """
    async with reach(target, work=False) as client:
        shown = await client.identity(wish.agent)
        if _is_new(shown, wish.rule):
            return await _measure(target, wish, screen)
        if client.inside and not wait:
            raise CommandFailed(
                ExitCode.REFUSED,
                "no service is running, so that the experiment would end with this command: leave --no-wait out, or start one "
                "with `autonomy serve`",
            )
        by_text = rule_id(wish.rule) if _is_text(wish.rule) else wish.rule
        rule = find_rule(shown, RuleWish(wish.agent, by_text, trials=True))
        found = await client.try_rule(wish.agent, rule.rule_id)
        if not wait:
            screen.finish(found.model_dump(mode="json"), describe_experiment(found))
            return ExitCode.COMPLETED
        screen.say(describe_experiment(found))
        ended = await client.wait_for_experiment(wish.agent, rule.rule_id)
    screen.finish(ended.model_dump(mode="json"), describe_experiment(ended))
    return ExitCode.COMPLETED if ended.verdict in HELPS else ExitCode.FAILED


async def _measure(target: Target, wish: RuleWish, screen: Screen) -> ExitCode:
    """In a process of its own, beside a service that may run; nothing is changed, whatever comes out."""
    if len(wish.rule) > MOST_CHARS:
        raise CommandFailed(ExitCode.USAGE, f"RULE has more than {MOST_CHARS:,} characters, which is the most")
    async with evaluating(target.settings, parallel=2) as evaluations:
        count = target.settings.experiment_tasks
        screen.say([f"{wish.agent}: {count} held-out tasks, each with and without: {wish.rule}"])
        result = await evaluations.experiments.run(AgentName(wish.agent), wish.rule)
    lines = [*report.experiment_lines(result), f"  {wish.agent} does not have it: nothing was changed"]
    screen.finish(result.model_dump(mode="json") | {"helps": result.helps}, lines)
    return ExitCode.COMPLETED if result.helps else ExitCode.FAILED


def _is_new(shown: IdentityAnswer, rule: str) -> bool:
    known = {each.text for each in shown.rules} | {each.text for each in shown.trials}
    return _is_text(rule) and rule not in known


def _is_text(rule: str) -> bool:
    """Ids have no blanks."""
    return len(rule.split()) > 1
