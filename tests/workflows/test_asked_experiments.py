"""An experiment that a person asks for, in the whole service, which ends before it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from core.agent_views import MemoryDiffFilter
from core.rules import rule_id
from core.types import AgentName
from llm.offline.poison import POISON
from tests.api.service import client_of, listening, until
from tests.stopwatch import stopwatch
from tests.workflows.house import House, open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
AGENT = AgentName.QA
RULE = POISON[AGENT][0]
PATH = f"/agents/{AGENT}/rules/{rule_id(RULE)}/experiment"
OBEDIENT = "offline/apprentice?rate=0"


async def learn(house: House, rule: str) -> None:
    """`rule` stands, as if it had been learned."""
    identities = house.application.api.identities
    current = await identities.load(AGENT)
    await identities.save(current.model_copy(update={"learned_rules": (*current.learned_rules, rule)}), current.version)


async def test_the_end_of_the_service_cuts_an_experiment_off_and_leaves_nothing_but_word_of_it(tmp_path: Path) -> None:
    arms = tmp_path / "evals" / "arms"
    async with AsyncExitStack() as service:
        house = await service.enter_async_context(open_house(tmp_path, model_qa=OBEDIENT, experiment_tasks=4))
        await learn(house, RULE)
        async with listening(house.application) as place, client_of(place) as http:
            begun = await http.post(PATH)
            assert (begun.status_code, begun.json()["state"]) == (202, "running")

            async def works() -> bool:
                return any(arms.glob("*/autonomy.db"))

            await until(works)
        with stopwatch() as spent:
            await service.aclose()
            assert spent() < 15.0
    assert not list(arms.iterdir())
    async with open_house(tmp_path) as house, listening(house.application) as place, client_of(place) as http:
        (diff,) = await house.application.api.memory_diffs.list(MemoryDiffFilter(agent=AGENT))
        assert (diff.diff_id, diff.to_version) == (begun.json()["attempt_id"], None)
        assert diff.why == f"ended early: the service was ended meanwhile (the rule: {RULE})"
        assert RULE in (await house.application.api.identities.load(AGENT)).rules
        assert (await http.get(PATH)).status_code == 404
