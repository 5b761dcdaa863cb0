"""Identities for a trial: those of the service as they are now, with or without one rule; nothing is ever written back."""

from collections.abc import Sequence

from core.errors import Refused
from core.identity import Identity
from core.ports import IdentityStore
from core.types import AgentName


class TrialIdentities:
    """IdentityStore around another. Counters do not move, and nothing is saved."""

    def __init__(
        self,
        inner: IdentityStore,
        *,
        with_rule: tuple[AgentName, str] | None = None,
        without_rule: tuple[AgentName, str] | None = None,
    ) -> None:
        self._inner = inner
        self._with = with_rule
        self._without = without_rule

    async def load(self, agent: AgentName) -> Identity:
        identity = await self._inner.load(agent)
        if self._without is not None and self._without[0] is agent:
            identity = _without(identity, self._without[1])
        if self._with is not None and self._with[0] is agent:
            identity = _with(identity, self._with[1])
        return identity

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        raise Refused(f"{identity.agent}: an evaluation changes no identity")

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        return (await self.load(agent),)

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool, task_id: str) -> None:
        """A trial is no use of a rule."""

    async def adopt(self, versions: Sequence[Identity]) -> bool:
        return False


def _with(identity: Identity, rule: str) -> Identity:
    if rule in identity.active_rules:
        return identity
    told = (*(each for each in identity.learned_rules if each != rule), rule)
    disabled = tuple(each for each in identity.disabled if each != rule)
    return identity.model_copy(update={"learned_rules": told, "disabled": disabled})


def _without(identity: Identity, rule: str) -> Identity:
    return identity.model_copy(
        update={
            "learned_rules": tuple(each for each in identity.learned_rules if each != rule),
            "correction_rules": tuple(each for each in identity.correction_rules if each != rule),
        }
    )
