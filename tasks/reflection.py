"""An agent looks back on its finished tasks: rules that it may need come in on trial, rules that did not help leave."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from agents.context import AgentContext, Brief
from agents.conversation import Conversation, MalformedAnswer
from core.agent_views import MemoryDiff, MemoryDiffFilter
from core.budget import REFLECTION_TOKENS, reflection_account
from core.computing import compute
from core.episodes import Episode, EpisodeFilter
from core.errors import BudgetExceeded, Conflict, ContextOverflow, Diverged, InvalidInput
from core.finding_kinds import kind_of
from core.identity import Identity, RuleStats
from core.learning import ReflectionAnswer
from core.observing import Observation, named_reflection, observe, reflection_id
from core.ports import Clock, EpisodeLog, InteractionLog, Ledger, MemoryDiffLog
from core.redaction import Redactor
from core.rule_changes import Change, prune, take_in
from core.rule_gate import MIN_RULE_LENGTH, GateContext, Gone
from core.rule_words import specific_words
from core.rules import memory_diff, rule_id
from core.types import AgentName, JsonObject
from tasks.recovery import end_cut_off_calls

log = logging.getLogger(__name__)
MOST_EPISODES = 500
LOOK_BACK = 50
"""Reflected episodes among which a reflection may be that did not come to its end."""
SAVE_ATTEMPTS = 5
GONE_S = 30 * 86_400.0
"""A rule that has left is not let in again so long, unless it is needed in many tasks."""
CALLER = "learning"


@dataclass(frozen=True)
class ReflectionPolicy:
    """The settings of reflection. `tries` says whether an experiment will decide on the weak rules of an agent."""

    interval: int = 3
    max_rule_length: int = 200
    max_rules: int = 40
    budget_usd: float = 0.05
    dry_run: bool = False
    tries: Callable[[AgentName], bool] = lambda agent: False
    redactor: Redactor = field(default_factory=Redactor)


@dataclass(frozen=True)
class ReflectionStores:
    diffs: MemoryDiffLog
    episodes: EpisodeLog
    ledger: Ledger
    interactions: InteractionLog


@dataclass(frozen=True)
class _Reflection:
    """One reflection: its name, the episodes that it is on, and what came back in them."""

    name: str
    agent: AgentName
    episodes: tuple[Episode, ...]
    observations: tuple[Observation, ...]
    dry_run: bool


@dataclass(frozen=True)
class _Past:
    """The rules that left of late, and what is known of how tasks went: those of this reflection at least."""

    gone: Mapping[str, Gone]
    episodes: tuple[Episode, ...]


class Reflector:
    """One reflection of an agent at a time, each in steps of which every one can be the last before a crash.

    First its episodes are marked with its name; then the model is asked, whose answer is in the journal; then the new version
    is saved, which names the reflection; then the log of memory diffs is told, by which it is done. Who comes next ends what a
    crash left: with the version that is there, or by doing it again with the same episodes. A dry run marks them, too.
    """

    def __init__(
        self, context: AgentContext, stores: ReflectionStores, clock: Clock, policy: ReflectionPolicy | None = None
    ) -> None:
        self._context = context
        self._identities = context.identities
        self._diffs = stores.diffs
        self._stores = stores
        self._clock = clock
        self._policy = policy or ReflectionPolicy()
        self._locks: dict[AgentName, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ended: set[str] = set()

    async def reflect(self, agent: AgentName, *, dry_run: bool | None = None) -> MemoryDiff | None:
        """On every finished task that the agent has not looked back on; None when there is none.

        `dry_run` None: as the settings say. Raises ModelError, BudgetExceeded of the day, Damaged, Refused; then it is still to
        be done.
        """
        async with self._locks[agent]:
            return await self._reflect(agent, self._policy.dry_run if dry_run is None else dry_run, at_least=1)

    async def reflect_when_due(self, agent: AgentName) -> MemoryDiff | None:
        """The same, once the interval is full or a reflection was cut off."""
        async with self._locks[agent]:
            return await self._reflect(agent, self._policy.dry_run, at_least=self._policy.interval)

    async def _reflect(self, agent: AgentName, dry_run: bool, at_least: int) -> MemoryDiff | None:
        if (begun := await self._cut_off(agent)) is not None:
            return await self._end_of(begun, dry_run)
        query = EpisodeFilter(agent=agent, reflected=False, limit=MOST_EPISODES)
        episodes = await self._stores.episodes.list(query)
        if len(episodes) < at_least:
            return None
        task_ids = [episode.task_id for episode in episodes]
        name = reflection_id(agent, task_ids)
        await self._stores.episodes.reflected(agent, task_ids, name)
        return await self._think(_reflection(name, agent, episodes, dry_run))

    async def _cut_off(self, agent: AgentName) -> tuple[str, tuple[Episode, ...]] | None:
        """A reflection whose episodes are marked and of which the log of memory diffs knows nothing."""
        query = EpisodeFilter(agent=agent, reflected=True, limit=LOOK_BACK)
        names = dict.fromkeys(episode.reflected for episode in await self._stores.episodes.list(query))
        for name in names:
            if name in self._ended:
                continue
            if not await self._is_known(name):
                every = await self._stores.episodes.list(query.model_copy(update={"limit": MOST_EPISODES}))
                return name, tuple(episode for episode in every if episode.reflected == name)
            self._ended.add(name)
        return None

    async def _is_known(self, diff_id: str) -> bool:
        try:
            await self._diffs.list(MemoryDiffFilter(before=diff_id, limit=1))
        except InvalidInput:  # by which the log says that it has no such diff
            return False
        return True

    async def _end_of(self, begun: tuple[str, tuple[Episode, ...]], dry_run: bool) -> MemoryDiff:
        name, episodes = begun
        agent = episodes[0].agent
        versions = await self._identities.versions(agent)
        for after, before in pairwise(versions):
            made = after.cause == "reflection" and named_reflection(after.why) == name
            if made and (diff := memory_diff(before, after)):
                return await self._tell(diff)
        await end_cut_off_calls([name], self._context.events, self._stores.interactions)
        return await self._think(_reflection(name, agent, episodes, dry_run))

    async def _think(self, reflection: _Reflection) -> MemoryDiff:
        identity = await self._identities.load(reflection.agent)
        if not reflection.observations:
            return await self._save(reflection, ReflectionAnswer(), "nothing came back")
        try:
            answer = await self._ask(reflection, identity)
        except (MalformedAnswer, ContextOverflow, Diverged) as error:  # the same question would be answered alike
            return await self._save(reflection, ReflectionAnswer(), f"no answer that can be used: {error}"[:300])
        except BudgetExceeded as error:
            if error.fields.get("account") != reflection_account(reflection.name):
                raise
            text = f"REFLECTION_BUDGET_USD (${self._policy.budget_usd:g}) does not suffice for the question"
            return await self._save(reflection, ReflectionAnswer(), text)
        return await self._save(reflection, answer, "")

    async def _ask(self, reflection: _Reflection, identity: Identity) -> ReflectionAnswer:
        account = reflection_account(reflection.name)
        await self._stores.ledger.open(account, self._policy.budget_usd, CALLER)
        sentences = "\n".join(episode.sentence[:300] for episode in reflection.episodes[:10])
        brief = Brief(
            task_id=reflection.name,
            step="reflect",
            sentence=sentences,
            account=account,
            max_output_tokens=REFLECTION_TOKENS,
        )
        conversation = Conversation(reflection.agent, brief, self._context, "json")
        with self._context.tracing.turn(reflection.name, reflection.agent, brief.step, 0):
            return await conversation.json(
                brief.step,
                ReflectionAnswer,
                tasks=len(reflection.episodes),
                clean=sum(episode.succeeded for episode in reflection.episodes),
                observed=[each.finding for each in reflection.observations],
                rules=_told(identity),
                min_length=MIN_RULE_LENGTH,
                max_length=self._policy.max_rule_length,
            )

    async def _save(self, reflection: _Reflection, answer: ReflectionAnswer, trouble: str) -> MemoryDiff:
        """Raises Conflict when the identity changed again and again meanwhile."""
        past = await self._past(reflection)
        for attempt in range(SAVE_ATTEMPTS):
            current = await self._identities.load(reflection.agent)
            change = await compute(self._change, reflection, current, answer, past)
            diff = _diff(reflection, current, change, _why(reflection, change, trouble), self._clock.now())
            if reflection.dry_run or not change.changed:
                return await self._tell(diff)
            told = {"cause": "reflection", "why": diff.why, "by": ""}
            try:
                saved = await self._identities.save(change.identity.model_copy(update=told), current.version)
            except Conflict:
                if attempt + 1 == SAVE_ATTEMPTS:
                    raise
                continue
            return await self._tell(diff.model_copy(update={"to_version": saved.version, "ts": saved.saved_at}))
        raise AssertionError("the last attempt returns or raises")

    def _change(self, reflection: _Reflection, identity: Identity, answer: ReflectionAnswer, past: _Past) -> Change:
        policy = self._policy
        pruned = Change(identity) if policy.tries(reflection.agent) else prune(identity)
        context = _gate(reflection, pruned.identity, answer, past, policy)
        now = self._clock.now()
        return take_in(pruned, answer, reflection.observations, context, now=now, max_rules=policy.max_rules)

    async def _past(self, reflection: _Reflection) -> _Past:
        if not (gone := await self._gone(reflection.agent)):
            return _Past({}, reflection.episodes)
        query = EpisodeFilter(agent=reflection.agent, limit=MOST_EPISODES)
        return _Past(gone, tuple(await self._stores.episodes.list(query)))

    async def _gone(self, agent: AgentName) -> dict[str, Gone]:
        """Rules that have left of late, with why they are not let in again."""
        since = self._clock.now() - GONE_S
        gone: dict[str, Gone] = {}
        for diff in await self._diffs.list(MemoryDiffFilter(agent=agent, limit=MOST_EPISODES)):
            if diff.dry_run or diff.ts < since:
                continue
            day = time.strftime("%Y-%m-%d", time.gmtime(diff.ts))
            said = (
                f"tried on {day} and did not help"
                if diff.kind == "experiment"
                else f"it left on {day}: {diff.why[:200]}"
            )
            for rule in diff.removed:
                gone.setdefault(rule, Gone(said, diff.ts))
        return gone

    async def _tell(self, diff: MemoryDiff) -> MemoryDiff:
        await self._diffs.record(diff)
        self._ended.add(diff.diff_id)
        log.info("%s: %s", diff.agent, diff.why)
        return diff


def _reflection(name: str, agent: AgentName, episodes: Sequence[Episode], dry_run: bool) -> _Reflection:
    return _Reflection(name, agent, tuple(episodes), observe(episodes), dry_run)


def _gate(
    reflection: _Reflection,
    identity: Identity,
    answer: ReflectionAnswer,
    past: _Past,
    policy: ReflectionPolicy,
) -> GateContext:
    places = [finding.file for episode in reflection.episodes for finding in episode.findings if finding.file]
    return GateContext(
        max_length=policy.max_rule_length,
        rules=identity.rules,
        pinned=identity.pinned,
        trials=tuple(trial.text for trial in identity.trials),
        known=(*identity.expertise, *identity.code_style, *identity.past_mistakes),
        specific=specific_words([*(episode.sentence for episode in reflection.episodes), *places]),
        task_ids=frozenset(episode.task_id for episode in reflection.episodes),
        tried={rule: gone for rule, gone in past.gone.items() if rule not in identity.rules},
        evidence=_evidence(reflection.observations, past.episodes),
        obsolete=frozenset(answer.obsolete),
        redactor=policy.redactor,
    )


def _evidence(observations: Sequence[Observation], episodes: Sequence[Episode]) -> dict[str, dict[str, float]]:
    """Of each finding that was observed, the tasks in which its kind came back, and when they ended."""
    ended: dict[str, dict[str, float]] = defaultdict(dict)
    for episode in episodes:
        for finding in episode.findings:
            ended[kind_of(finding, episode.sentence)][episode.task_id] = episode.ended_at
    return {each.finding.finding_id: ended[each.kind] for each in observations}


def _told(identity: Identity) -> list[JsonObject]:
    told: list[JsonObject] = []
    for rule in identity.active_rules:
        stats = identity.rule_stats.get(rule, RuleStats())
        rate = round(stats.success_count / stats.use_count, 2) if stats.use_count else None
        told.append({"id": rule_id(rule), "text": rule, "uses": stats.use_count, "rate": rate})
    return told


def _why(reflection: _Reflection, change: Change, trouble: str) -> str:
    counts = (
        (len(change.trials), "on trial"),
        (len(change.removed), "removed"),
        (len(change.rejected), "refused"),
    )
    done = ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing changes"
    said = f"{done}; {trouble}" if trouble else done
    return f"{reflection.name} on {len(reflection.episodes)} tasks: {said}"


def _diff(reflection: _Reflection, current: Identity, change: Change, why: str, now: float) -> MemoryDiff:
    because = change.because or reflection.observations
    return MemoryDiff(
        diff_id=reflection.name,
        agent=reflection.agent,
        ts=now,
        kind="reflection",
        dry_run=reflection.dry_run,
        from_version=current.version,
        to_version=None,
        removed=change.removed,
        trials=change.trials,
        rejected=change.rejected,
        interactions=tuple(dict.fromkeys(call for each in because for call in each.interactions)),
        why=why,
    )
