"""What becomes of an agent's history that comes from another store: decided for all agents first, then done one by one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.access import Actor
from core.errors import Conflict, Damaged, Refused
from core.identity import Identity, check_identity
from core.moving import Existing, IdentityMoved, Outcome, is_of, merged, same_content
from core.ports import IdentityStore, MemoryDiffLog
from core.rules import memory_diff
from core.types import AgentName

History = tuple[Identity, ...]
"""Versions of one agent, newest first."""


@dataclass(frozen=True)
class Plan:
    """What is to become of `history`. `content` is to be saved on top of `current`, None where nothing is.

    `one_history`: the archive's versions are, or become, those of this store.
    """

    history: History
    current: Identity
    outcome: Outcome
    content: Identity | None = None
    one_history: bool = False

    @property
    def agent(self) -> AgentName:
        return self.current.agent

    @property
    def version(self) -> int:
        """The current one afterwards."""
        if self.outcome == "taken over":
            return self.history[0].version
        return self.current.version + (self.content is not None)

    @property
    def moved(self) -> IdentityMoved:
        return IdentityMoved(agent=self.agent, outcome=self.outcome, version=self.version)


class Adoption:
    """Histories into an IdentityStore, and what was saved on top of others into the log of memory diffs."""

    def __init__(self, identities: IdentityStore, diffs: MemoryDiffLog) -> None:
        self._identities = identities
        self._diffs = diffs

    async def plan(self, history: History, existing: Existing) -> Plan:
        """Raises InvalidInput when what would be saved is over a limit."""
        newest, held = history[0], await self._identities.versions(history[0].agent)
        plan = Plan(history, await self._current(newest.agent, held), "the same")
        if is_of(held, newest):
            return replace(plan, one_history=True)
        same = same_content(plan.current, newest)
        if plan.current.version == 1 and (newest.version > 1 or (same and not _used(plan.current))):
            return replace(plan, outcome="taken over", one_history=True)
        if same:
            return plan
        if existing == "keep":
            return replace(plan, outcome="left alone")
        content = check_identity(newest if existing == "replace" else merged(plan.current, newest))
        if same_content(content, plan.current):
            return plan
        return replace(plan, outcome="replaced" if existing == "replace" else "merged", content=content)

    async def do(self, plan: Plan, actor: Actor) -> None:
        """Raises Conflict when the identity was changed since it was planned for."""
        if plan.outcome == "taken over" and not await self._identities.adopt(plan.history):
            raise Conflict(f"{plan.agent} was changed meanwhile; import again")
        if plan.content is None:
            return
        why = f"{plan.outcome} by version {plan.history[0].version} of an archive"
        says = {"cause": "import", "why": why, "by": actor.name or actor.via}
        saved = await self._identities.save(plan.content.model_copy(update=says), plan.current.version)
        if diff := memory_diff(plan.current, saved):
            await self._diffs.record(diff)

    async def _current(self, agent: AgentName, held: Sequence[Identity]) -> Identity:
        """The current version; for one that cannot be read the newest that can, under its number."""
        try:
            return await self._identities.load(agent)
        except (Damaged, Refused) as error:
            if not isinstance(version := error.fields.get("version"), int):
                raise
            return (held[0] if held else Identity(agent=agent)).model_copy(update={"version": version})


def _used(identity: Identity) -> bool:
    """Whether rules have been counted: counters of one's own are not given away for those of others."""
    return any(stats.use_count for stats in identity.rule_stats.values())
