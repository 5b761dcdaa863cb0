"""Identities of a trial: those of the service, plus or minus one rule, and nothing is ever written back."""

from pathlib import Path

import pytest

from core.errors import Refused
from core.identity import Identity
from core.types import AgentName
from evals.identities import TrialIdentities
from tests.unit.memory.stores import sqlite_stores

BACKEND = AgentName.BACKEND
RULE = "Answer 404 for what is not there."


async def test_one_agent_is_told_one_rule_more_and_the_service_is_not(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        before = await stores.identities.load(BACKEND)
        trial = TrialIdentities(stores.identities, with_rule=(BACKEND, RULE))
        assert (await trial.load(BACKEND)).active_rules == (*before.learned_rules, RULE, *before.correction_rules)
        assert RULE not in (await trial.load(AgentName.QA)).rules
        await trial.count_use(BACKEND, [RULE, *before.rules], True, "task")
        with pytest.raises(Refused, match="an evaluation changes no identity"):
            await trial.save(before, before.version)
        assert await trial.adopt([before]) is False
        assert await stores.identities.load(BACKEND) == before


async def test_a_standing_rule_is_left_out_wherever_it_stands(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        identity = Identity(agent=BACKEND, learned_rules=(RULE, "Another."), correction_rules=(RULE,))
        await stores.identities.save(identity, 1)
        trial = TrialIdentities(stores.identities, without_rule=(BACKEND, RULE))
        assert (await trial.load(BACKEND)).rules == ("Another.",)


async def test_a_disabled_rule_is_told_where_it_is_tried(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        await stores.identities.save(Identity(agent=BACKEND, learned_rules=(RULE,), disabled=(RULE,)), 1)
        trial = TrialIdentities(stores.identities, with_rule=(BACKEND, RULE))
        assert (await trial.load(BACKEND)).active_rules == (RULE,)
