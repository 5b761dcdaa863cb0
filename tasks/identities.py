"""What a user can do with identities: make an earlier version the current one; pin, disable, add and delete rules."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.access import Actor
from core.agent_views import NewRule, Rollback, RuleChange
from core.errors import Conflict, Damaged, InvalidInput, Refused
from core.identity import Cause, Identity, RuleOrigin
from core.ports import Clock, IdentityStore, MemoryDiffLog
from core.redaction import Redactor
from core.rules import find_rule, find_version, memory_diff
from core.rules import rule_id as id_of
from core.types import AgentName, JsonObject

log = logging.getLogger(__name__)
_MAX_WHY = 500


@dataclass(frozen=True)
class RuleLimits:
    """What a rule of a person may be: so many characters, and nothing that `redactor` would take out."""

    max_chars: int
    redactor: Redactor


@dataclass(frozen=True)
class _Told:
    """What a version says of how it was made."""

    cause: Cause
    why: str
    actor: Actor


class IdentityService:
    """The one implementation of core.ports.IdentityCommands.

    The version is saved first, by compare-and-set, and says of itself what made it; then the log of memory diffs is told.
    A crash between the two leaves a version that the log does not know. `mend` writes what is missing from the versions
    themselves, under the same ids, at every start and before every change: until then the log says less than there is,
    and never anything that is not so.
    """

    def __init__(self, identities: IdentityStore, diffs: MemoryDiffLog, clock: Clock, limits: RuleLimits) -> None:
        self._identities = identities
        self._diffs = diffs
        self._clock = clock
        self._limits = limits

    async def roll_back(self, agent: AgentName, wanted: Rollback, actor: Actor) -> Identity:
        """A new version with the content of an earlier one; rules that stay keep their counters.

        Raises Conflict when another version than the expected one is current, or the wanted one is; NotFound.
        """
        versions = await self._begin(agent, wanted.expected_version)
        if wanted.version == wanted.expected_version:
            raise Conflict(f"{agent} is at version {wanted.version} already", version=wanted.version)
        earlier = find_version(versions, wanted.version)
        told = _Told("rollback", f"rolled back to version {wanted.version}", actor)
        return await self._save(versions[0], earlier, wanted.expected_version, told)

    async def change_rule(self, agent: AgentName, rule_id: str, change: RuleChange, actor: Actor) -> Identity:
        """A new version in which the rule is pinned or not, disabled or not; none where it is so already.

        Raises Conflict when another version than the expected one is current, NotFound for an unknown rule.
        """
        current = (await self._begin(agent, change.expected_version))[0]
        rule = find_rule(current, rule_id)
        changes: dict[str, tuple[str, ...]] = {}
        done: list[str] = []
        for name, held, wanted, off in (
            ("pinned", current.pinned, change.pinned, "no longer pinned"),
            ("disabled", current.disabled, change.disabled, "enabled"),
        ):
            if wanted is not None and wanted != (rule in held):
                changes[name] = (*held, rule) if wanted else tuple(each for each in held if each != rule)
                done.append(name if wanted else off)
        if not changes:
            return current
        why = f"{' and '.join(done)}: {rule}"
        content = current.model_copy(update=changes)
        return await self._save(current, content, change.expected_version, _Told("rule_changed", why, actor))

    async def add_rule(self, agent: AgentName, wanted: NewRule, actor: Actor) -> Identity:
        """A new version with one more correction; a rule that was on trial is told from then on.

        Raises InvalidInput for a text that is empty, too long or holds a secret, Conflict when the rule is there already or
        another version than the expected one is current.
        """
        text = self._acceptable(wanted.text, "text", self._limits.max_chars)
        why = self._acceptable(wanted.why, "why", _MAX_WHY) if wanted.why.strip() else "added by a person"
        current = (await self._begin(agent, wanted.expected_version))[0]
        if text in current.rules:
            raise Conflict(f"{agent} has this rule already", rule_id=id_of(text))
        origin = RuleOrigin(by=actor.name or actor.via, why=why, at=self._clock.now())
        changes = {
            "correction_rules": (*current.correction_rules, text),
            "trials": tuple(trial for trial in current.trials if trial.text != text),
            "origins": {**current.origins, text: origin},
        }
        told = _Told("rule_changed", f"added: {text}", actor)
        return await self._save(current, current.model_copy(update=changes), wanted.expected_version, told)

    async def delete_rule(self, agent: AgentName, rule_id: str, expected_version: int, actor: Actor) -> Identity:
        """A new version without the rule, be it told or on trial; its counters go, too.

        Raises Conflict when it is pinned or another version than the expected one is current, NotFound.
        """
        current = (await self._begin(agent, expected_version))[0]
        rule = find_rule(current, rule_id, trials=True)
        if rule in current.pinned:
            raise Conflict(f"rule {rule_id} of {agent} is pinned; let it go first", rule_id=rule_id)
        changes: dict[str, object] = {
            name: tuple(each for each in getattr(current, name) if each != rule)
            for name in ("learned_rules", "correction_rules", "disabled")
        }
        changes["trials"] = tuple(trial for trial in current.trials if trial.text != rule)
        for name in ("origins", "rule_stats"):
            changes[name] = {each: value for each, value in getattr(current, name).items() if each != rule}
        told = _Told("rule_changed", f"deleted: {rule}", actor)
        return await self._save(current, current.model_copy(update=changes), expected_version, told)

    def _acceptable(self, text: str, field: str, limit: int) -> str:
        """`text` on one line. Raises InvalidInput."""
        line = " ".join(text.split())
        if not line:
            raise InvalidInput(f"{field}: must not be empty", field=field)
        if len(line) > limit:
            raise InvalidInput(
                f"{field}: has {len(line):,} characters, and {limit:,} is the most", field=field, limit=limit
            )
        if self._limits.redactor.text(line) != line:
            raise InvalidInput(
                f"{field}: holds what looks like a key or a secret, which models would be told", field=field
            )
        return line

    async def mend(self) -> None:
        """Tell the log of every kept version that a person made and that it does not know yet; not while the store is away."""
        try:
            for agent in AgentName:
                await self._mend(await self._identities.versions(agent))
        except Refused as error:
            log.warning("identities cannot be read, so that agents work with those that were shipped: %s", error)

    async def _begin(self, agent: AgentName, expected_version: int) -> Sequence[Identity]:
        """The kept versions, newest first, with the log brought up to them. Raises Conflict naming both versions."""
        present, versions = await self._present(agent), await self._identities.versions(agent)
        if present != expected_version:
            fields: JsonObject = {"version": present, "expected_version": expected_version}
            raise Conflict(f"{agent} is at version {present}, not {expected_version}; look at it again", **fields)
        await self._mend(versions)
        return versions

    async def _present(self, agent: AgentName) -> int:
        """The number of the current version, which may be one that cannot be read."""
        try:
            return (await self._identities.load(agent)).version
        except (Damaged, Refused) as error:
            if not isinstance(version := error.fields.get("version"), int):
                raise
            return version

    async def _mend(self, versions: Sequence[Identity]) -> None:
        """Oldest first. The oldest kept version has nothing left to be compared with."""
        for after, before in reversed(list(pairwise(versions))):
            if diff := memory_diff(before, after):
                await self._diffs.record(diff)

    async def _save(self, current: Identity, content: Identity, expected_version: int, told: _Told) -> Identity:
        says = {"cause": told.cause, "why": told.why, "by": told.actor.name or told.actor.via}
        saved = await self._identities.save(content.model_copy(update=says), expected_version)
        if diff := memory_diff(current, saved):
            await self._diffs.record(diff)
        return saved
