"""Agents, their rules, versions and what changed them, in plain lines."""

import time
from collections.abc import Iterable, Iterator, Sequence

from client.agents import Experiment, IdentityAnswer, MemoryDiff, Rule, Trial, Version, VersionDiff
from client.insight import Agent, Identity, Record, RuleOrigin

_SECTIONS = (
    ("expertise", "expertise"),
    ("past mistakes to avoid", "past_mistakes"),
    ("code style", "code_style"),
)


def when(ts: float) -> str:
    """A moment for people; versions of early releases have none."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(ts)) if ts else "-"


def describe_agents(agents: Sequence[Agent]) -> Iterator[str]:
    """A table; the share is of tasks in which nothing that blocks came back to the agent."""
    rows = [("agent", "model", "version", "rules", "on trial", "weak", "first pass", "95 % between", "rounds")]
    rows += [
        (
            *(each.agent, each.model, str(each.identity_version), str(each.rules), str(each.trials), str(each.weak)),
            *_record(each.record),
        )
        for each in agents
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _record(record: Record) -> tuple[str, str, str]:
    if record.rate is None or record.rounds is None:
        return "-", "-", "-"
    share = f"{record.rate:.0%} of {record.tasks}"
    return share, between(record.low, record.high), f"{record.rounds:.1f}"


def between(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{low:.0%} and {high:.0%}"


def describe_agent(shown: IdentityAnswer, versions: Sequence[Version], diffs: Sequence[MemoryDiff]) -> Iterator[str]:
    """Everything that `autonomy agent` prints."""
    identity = shown.identity
    yield f"{identity.agent}, version {identity.version}{_made(identity)}"
    for title, field in _SECTIONS:
        yield from _lines(title, getattr(identity, field))
    yield from _lines("beliefs", [f"{key}: {value}" for key, value in sorted(identity.beliefs.items())])
    yield from ("", "rules:" if shown.rules else "no rules yet")
    for rule in shown.rules:
        yield from _describe_rule(rule)
    if shown.trials:
        yield from ("", "on trial (told in experiments only):")
        for trial in shown.trials:
            yield from _describe_trial(trial)
    yield from ("", "versions:")
    yield from (f"  {line}" for line in map(_describe_version, versions))
    if diffs:
        yield from ("", "what changed it last:")
        for diff in diffs:
            yield from (f"  {line}" for line in describe_memory_diff(diff))


def _made(identity: Identity) -> str:
    by = f" by {identity.by}" if identity.by else ""
    return f" ({when(identity.saved_at)}{by}: {identity.why})" if identity.why else ""


def _lines(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"{title}:")
        yield from (f"  {line}" for line in found)


def _describe_rule(rule: Rule) -> Iterator[str]:
    marks = [name for name, held in (("pinned", rule.pinned), ("disabled", rule.disabled), ("weak", rule.weak)) if held]
    told = f" [{', '.join(marks)}]" if marks else ""
    yield f"  {rule.rule_id[:8]}  {rule.text}{told}"
    used = (
        f"told in {rule.use_count}, {rule.success_count} went well ({rule.rate:.0%}; 95 % between {between(rule.low, rule.high)})"
        if rule.rate is not None
        else "not told in a finished task yet"
    )
    yield f"            {rule.source}; {used}"
    if rule.origin is not None:
        yield f"            {describe_origin(rule.origin)}"


def _describe_trial(trial: Trial) -> Iterator[str]:
    yield f"  {trial.rule_id[:8]}  {trial.text}"
    yield f"            {describe_origin(trial.origin)}"


def describe_origin(origin: RuleOrigin) -> str:
    """Who put a rule there, when, why, and what stands behind it."""
    parts = [f"by {origin.by or 'nobody named'}, {when(origin.at)}", origin.why]
    if origin.tasks:
        parts.append(f"from tasks {', '.join(origin.tasks)}")
    if origin.experiment:
        parts.append(f"shown to help by experiment {origin.experiment}")
    return "; ".join(filter(None, parts))


def _describe_version(version: Version) -> str:
    by = f" (by {version.by})" if version.by else ""
    mark = "  <- current" if version.current else ""
    return f"{version.version:>4}  {when(version.saved_at)}  {version.rules} rules  {version.why}{by}{mark}"


def describe_memory_diff(diff: MemoryDiff) -> Iterator[str]:
    """A line for what it was, and one for each rule that came, went or was turned away."""
    to = f"to version {diff.to_version}" if diff.to_version is not None else "nothing saved"
    by = f" by {diff.by}" if diff.by else ""
    dry = ", dry run" if diff.dry_run else ""
    test = f", experiment {diff.experiment}" if diff.experiment else ""
    yield f"{when(diff.ts)}  {diff.kind}{by}{dry}{test}: from version {diff.from_version}, {to}{_because(diff.why)}"
    yield from (f"    + {text}" for text in diff.added)
    yield from (f"    ? {text} (on trial)" for text in diff.trials)
    yield from (f"    - {text}" for text in diff.removed)
    yield from (f"    x {each.text} ({each.reason})" for each in diff.rejected)


def _because(why: str) -> str:
    return f"; {why}" if why else ""


def describe_diff(diff: VersionDiff) -> Iterator[str]:
    """What differs, section by section."""
    yield f"{diff.agent}: from version {diff.base} to version {diff.version}"
    for section in diff.sections:
        yield f"{section.name}:"
        yield from (f"  + {line}" for line in section.added)
        yield from (f"  - {line}" for line in section.removed)
    if not diff.sections:
        yield "the same in every section"


def describe_experiment(found: Experiment) -> Iterator[str]:
    """How it goes, or what came of it."""
    if found.state == "running":
        yield f"{found.agent}: rule {found.rule_id[:8]} is being tried: {found.rule}"
        yield f"what comes of it is among the memory diffs of `autonomy agent {found.agent}`"
        return
    yield f"{found.agent}: {found.verdict or found.state}: {found.rule}"
    if found.error:
        yield f"  {found.error}"
    if (result := found.result) is not None:
        counts = f"{result.with_rule:.2f} findings a task with the rule, {result.without_rule:.2f} without"
        yield f"  {counts}, over {result.tasks} held-out tasks"
        harm = "; more in all" if result.harms else ""
        yield f"  {result.difference:+.2f} fewer, 95 % from {result.low:+.2f} to {result.high:+.2f}{harm}"
        yield f"  ${result.cost_usd:.4f}, {result.seconds:.0f} s, experiment {result.experiment_id}"
        saved = f"version {found.to_version}" if found.to_version is not None else "nothing was changed"
        yield f"  {saved}, memory diff {found.diff_id or '-'}"
