"""How an identity changes by what was learned: rules that come in on trial, rules that leave. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from core.agent_views import RejectedRule
from core.identity import Identity, RuleOrigin, RuleStats, TrialRule
from core.learning import ReflectionAnswer
from core.observing import Observation
from core.rule_gate import GateContext, refusal
from core.rule_words import contradicts
from core.rules import is_weak, wilson

MAX_PROPOSED = 5
MOST_READ = 20
"""Rules of one answer that are looked at."""
MAX_WHY = 300


@dataclass(frozen=True)
class Change:
    """An identity as it is to be, and what is different in it."""

    identity: Identity
    trials: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rejected: tuple[RejectedRule, ...] = ()
    because: tuple[Observation, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> bool:
        return bool(self.trials or self.removed)


def weak_rules(identity: Identity) -> tuple[str, ...]:
    """Standing rules that were told often and helped seldom, without those that are pinned."""
    return tuple(
        rule
        for rule in identity.rules
        if rule not in identity.pinned and is_weak(identity.rule_stats.get(rule, RuleStats()))
    )


def without(identity: Identity, rules: Collection[str]) -> Identity:
    """The identity without these rules, wherever it names them."""
    return identity.model_copy(
        update={
            "learned_rules": _kept(identity.learned_rules, rules),
            "correction_rules": _kept(identity.correction_rules, rules),
            "pinned": _kept(identity.pinned, rules),
            "disabled": _kept(identity.disabled, rules),
            "trials": tuple(trial for trial in identity.trials if trial.text not in rules),
            "origins": {rule: origin for rule, origin in identity.origins.items() if rule not in rules},
        }
    )


def prune(identity: Identity) -> Change:
    """Without its weak rules."""
    weak = weak_rules(identity)
    return Change(without(identity, weak), removed=weak)


def take_in(
    change: Change,
    answer: ReflectionAnswer,
    observations: Sequence[Observation],
    context: GateContext,
    *,
    now: float,
    max_rules: int,
) -> Change:
    """Rules that the gate lets in are on trial. The identity ends with at most `max_rules` learned rules and trials."""
    by_id = {each.finding.finding_id: each for each in observations}
    for number, rule in enumerate(answer.rules[:MOST_READ]):
        why_not = refusal(rule, context)
        if why_not is None and number >= MAX_PROPOSED:
            why_not = f"a reflection brings in at most {MAX_PROPOSED} rules"
        made = None if why_not else _room(change, max_rules)
        if made is None:
            why_not = why_not or f"there are {max_rules} rules, which is the most, and none of them may leave for it"
            change = replace(change, rejected=(*change.rejected, RejectedRule(text=rule.text[:500], reason=why_not)))
            continue
        because = tuple(by_id[name] for name in dict.fromkeys(rule.because) if name in by_id)
        trial = TrialRule(text=rule.text, origin=_origin(rule.why, because, now))
        grown = made.identity.model_copy(update={"trials": (*made.identity.trials, trial)})
        trials = (*made.trials, rule.text)
        change = replace(made, identity=grown, trials=trials, because=(*made.because, *because))
        context = replace(context, trials=(*context.trials, rule.text))
    return change


def promote(identity: Identity, trial: TrialRule, experiment: str) -> Identity:
    """The rule stands from now on. What says the opposite leaves, unless it is pinned."""
    replaced = [rule for rule in identity.rules if rule not in identity.pinned and contradicts(trial.text, rule)]
    left = without(identity, [trial.text, *replaced])
    origin = trial.origin.model_copy(update={"experiment": experiment})
    learned = {"learned_rules": (*left.learned_rules, trial.text), "origins": {**left.origins, trial.text: origin}}
    return left.model_copy(update=learned)


def _room(change: Change, max_rules: int) -> Change | None:
    """With a place for one more rule. First the trial leaves that has waited longest, then the learned rule that did worst.

    None where there is neither: new trials, pinned rules and rules that were never told stay.
    """
    identity = change.identity
    if len(identity.learned_rules) + len(identity.trials) < max_rules:
        return change
    leaves = _longest_waiting(identity, change.trials) or _worst(identity)
    if leaves is None:
        return None
    return replace(change, identity=without(identity, [leaves]), removed=(*change.removed, leaves))


def _longest_waiting(identity: Identity, new: Collection[str]) -> str | None:
    waiting = [trial for trial in identity.trials if trial.text not in new]
    return min(waiting, key=lambda trial: trial.origin.at).text if waiting else None


def _worst(identity: Identity) -> str | None:
    """By the lower end of Wilson's interval, of those that are not pinned and have been told."""
    lows = {
        rule: wilson(min(stats.success_count, stats.use_count), stats.use_count)[0]
        for rule in identity.learned_rules
        if rule not in identity.pinned and (stats := identity.rule_stats.get(rule)) and stats.use_count
    }
    return min(lows, key=lambda rule: lows[rule]) if lows else None


def _origin(why: str, because: Sequence[Observation], now: float) -> RuleOrigin:
    return RuleOrigin(
        by="reflection",
        why=why[:MAX_WHY],
        at=now,
        interactions=tuple(dict.fromkeys(call for each in because for call in each.interactions))[:50],
        tasks=tuple(dict.fromkeys(task for each in because for task in each.tasks)),
        kinds=tuple(dict.fromkeys(each.kind for each in because)),
    )


def _kept(lines: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line not in gone)
