"""Pure rules over identities: how the rules of an agent did, what its versions are, and what differs between two of them."""

import hashlib
import math
from collections.abc import Sequence

from core.agent_views import (
    WEAK_RATE,
    WEAK_USES,
    IdentityAnswer,
    IdentitySection,
    MemoryDiff,
    RuleView,
    TrialView,
    VersionDiff,
    VersionView,
)
from core.episodes import Episode, Record
from core.errors import NotFound
from core.identity import Identity, RuleStats, render_identity, told
from core.observing import named_experiment, named_reflection

Z_95 = 1.959963984540054
"""Of the normal distribution: 95 % lie within so many deviations."""


def rule_id(text: str) -> str:
    """What a rule is called by: the first 16 hexadecimal digits of the SHA-256 of its text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def wilson(successes: int, uses: int) -> tuple[float, float]:
    """Wilson's interval of 95 % for a share of successes, within 0 and 1. Raises ValueError without any use."""
    if uses < 1 or not 0 <= successes <= uses:
        raise ValueError(f"{successes} of {uses} is no share")
    share, square = successes / uses, Z_95 * Z_95
    middle = (share + square / (2 * uses)) / (1 + square / uses)
    margin = Z_95 / (1 + square / uses) * math.sqrt(share * (1 - share) / uses + square / (4 * uses * uses))
    low = 0.0 if successes == 0 else max(0.0, middle - margin)
    high = 1.0 if successes == uses else min(1.0, middle + margin)
    return low, high


def record_of(episodes: Sequence[Episode]) -> Record:
    """How an agent did in these."""
    tasks, first = len(episodes), sum(each.clean for each in episodes)
    if not tasks:
        return Record()
    low, high = wilson(first, tasks)
    rounds = sum(each.rounds for each in episodes) / tasks
    return Record(tasks=tasks, first_pass=first, rate=first / tasks, low=low, high=high, rounds=rounds)


def is_weak(stats: RuleStats) -> bool:
    """Whether a rule was told often enough to say that it does not help."""
    return stats.use_count >= WEAK_USES and stats.success_count / stats.use_count < WEAK_RATE


def view_rules(identity: Identity) -> tuple[RuleView, ...]:
    """Every rule once, learned ones first."""
    return tuple(_view_rule(identity, rule) for rule in identity.rules)


def _view_rule(identity: Identity, rule: str) -> RuleView:
    stats = identity.rule_stats.get(rule, RuleStats())
    uses, successes = stats.use_count, min(stats.success_count, stats.use_count)
    low, high = wilson(successes, uses) if uses else (None, None)
    return RuleView(
        rule_id=rule_id(rule),
        text=rule,
        source="learned" if rule in identity.learned_rules else "correction",
        use_count=uses,
        success_count=successes,
        rate=successes / uses if uses else None,
        low=low,
        high=high,
        weak=is_weak(stats),
        pinned=rule in identity.pinned,
        disabled=rule in identity.disabled,
        origin=identity.origins.get(rule),
    )


def view_trials(identity: Identity) -> tuple[TrialView, ...]:
    """The rules on trial, in their order."""
    return tuple(
        TrialView(rule_id=rule_id(trial.text), text=trial.text, origin=trial.origin) for trial in identity.trials
    )


def find_rule(identity: Identity, wanted: str, *, trials: bool = False) -> str:
    """The text of the rule with this id, with `trials` also of one on trial. Raises NotFound."""
    for rule in (*identity.rules, *(trial.text for trial in identity.trials if trials)):
        if rule_id(rule) == wanted:
            return rule
    raise NotFound(f"{identity.agent} has no rule {wanted} in version {identity.version}", field="rule_id")


def view_versions(versions: Sequence[Identity]) -> tuple[VersionView, ...]:
    """Of the kept versions, newest first."""
    return tuple(
        VersionView(
            version=each.version,
            saved_at=each.saved_at,
            why=each.why,
            by=each.by,
            rules=len(each.rules),
            current=each is versions[0],
        )
        for each in versions
    )


def answer_with(identity: Identity, versions: Sequence[Identity]) -> IdentityAnswer:
    return IdentityAnswer(
        identity=identity,
        rules=view_rules(identity),
        trials=view_trials(identity),
        versions=tuple(each.version for each in versions),
    )


def find_version(versions: Sequence[Identity], wanted: int) -> Identity:
    """That one of the kept versions. Raises NotFound, which says what is kept."""
    for each in versions:
        if each.version == wanted:
            return each
    kept = ", ".join(str(each.version) for each in versions)
    raise NotFound(f"version {wanted} of {versions[0].agent} is not kept; kept are {kept}", field="version")


def diff_versions(base: Identity, other: Identity) -> VersionDiff:
    """What differs from `base` to `other`, by the sections of prompts; then which rules are on trial, pinned and disabled."""
    pairs = [
        *((title, lines, after[1]) for (title, lines), after in zip(told(base), told(other), strict=True)),
        ("On trial", _trial_texts(base), _trial_texts(other)),
        ("Pinned", base.pinned, other.pinned),
        ("Disabled", base.disabled, other.disabled),
    ]
    sections = [
        IdentitySection(name=name, added=_missing(after, before), removed=_missing(before, after))
        for name, before, after in pairs
    ]
    return VersionDiff(
        agent=other.agent,
        base=base.version,
        version=other.version,
        sections=tuple(section for section in sections if section.added or section.removed),
        before=render_identity(base),
        after=render_identity(other),
    )


def memory_diff(before: Identity, after: Identity) -> MemoryDiff | None:
    """What the log of memory diffs holds of a version, as far as the versions tell; None where they do not say what made it.

    Whoever makes a version by learning tells the log more, under the same id.
    """
    if after.cause not in ("rollback", "rule_changed", "reflection", "experiment", "import"):
        return None
    named = named_reflection(after.why) if after.cause == "reflection" else None
    texts = (_trial_texts(before), _trial_texts(after))
    new = [trial for trial in after.trials if trial.text not in texts[0]]
    origins = [trial.origin for trial in new] if after.cause == "reflection" else []
    return MemoryDiff(
        diff_id=named or f"{after.agent}-v{after.version}",
        agent=after.agent,
        ts=after.saved_at,
        kind=after.cause,
        from_version=before.version,
        to_version=after.version,
        added=_missing(after.rules, before.rules),
        removed=_missing((*before.rules, *texts[0]), (*after.rules, *texts[1])),
        trials=tuple(trial.text for trial in new),
        experiment=named_experiment(after.why) if after.cause == "experiment" else "",
        interactions=tuple(dict.fromkeys(call for origin in origins for call in origin.interactions)),
        why=after.why,
        by=after.by,
    )


def _trial_texts(identity: Identity) -> tuple[str, ...]:
    return tuple(trial.text for trial in identity.trials)


def _missing(lines: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Those of `lines` that `others` do not have."""
    known = frozenset(others)
    return tuple(line for line in lines if line not in known)
