"""Experiments that people ask for, in the whole service: a rule that spoils what an agent writes is found out and leaves."""

import time
from pathlib import Path

import pytest

from cli.agents import RuleWish
from cli.errors import ExitCode
from cli.host import Target
from cli.screens import LineScreen
from cli.trying import try_rule
from config import Settings
from core.agent_views import MemoryDiffFilter
from core.rules import rule_id
from core.types import AgentName
from llm.offline.poison import POISON
from tests.api.service import client_of, listening, until
from tests.workflows.house import House, open_house

pytestmark = [pytest.mark.sandbox, pytest.mark.toolchain]
AGENT = AgentName.QA
RULE = POISON[AGENT][0]
WISH = RuleWish(AGENT, rule_id(RULE)[:8])
PATH = f"/agents/{AGENT}/rules/{rule_id(RULE)}/experiment"
OBEDIENT = "offline/apprentice?rate=0"


async def learn(house: House, rule: str) -> None:
    """`rule` stands, as if it had been learned."""
    identities = house.application.api.identities
    current = await identities.load(AGENT)
    await identities.save(current.model_copy(update={"learned_rules": (*current.learned_rules, rule)}), current.version)


@pytest.mark.timeout(600)
async def test_a_rule_that_spoils_the_work_is_pruned_because_a_person_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        open_house(tmp_path, model_qa=OBEDIENT, experiment_tasks=4, rule_experiments="manual") as house,
        listening(house.application) as place,
        client_of(place) as http,
    ):
        await learn(house, RULE)
        target = Target(Settings(_env_file=None, data_dir=tmp_path), f"unix:{place}")
        assert await try_rule(target, WISH, LineScreen(interactive=False), wait=True) is ExitCode.FAILED
        said = capsys.readouterr().out
        assert f"{AGENT}: pruned: {RULE}" in said
        assert RULE not in (await house.application.api.identities.load(AGENT)).rules
        shown = (await http.get(PATH)).json()
        (diff,) = await house.application.api.memory_diffs.list(MemoryDiffFilter(agent=AGENT))
        assert (diff.diff_id, diff.removed, diff.to_version, diff.by) == (shown["diff_id"], (RULE,), 3, "cli")
        assert shown["result"]["high"] < 0
        assert shown["result"]["tasks"] == 4


async def test_the_end_of_the_service_cuts_an_experiment_off_and_leaves_nothing_but_word_of_it(tmp_path: Path) -> None:
    arms = tmp_path / "evals" / "arms"
    async with open_house(tmp_path, model_qa=OBEDIENT, experiment_tasks=4) as house:
        await learn(house, RULE)
        async with listening(house.application) as place, client_of(place) as http:
            begun = await http.post(PATH)
            assert (begun.status_code, begun.json()["state"]) == (202, "running")

            async def works() -> bool:
                return any(arms.glob("*/autonomy.db"))

            await until(works)
        ending = time.monotonic()
    assert time.monotonic() - ending < 15.0
    assert not list(arms.iterdir())
    async with open_house(tmp_path) as house, listening(house.application) as place, client_of(place) as http:
        (diff,) = await house.application.api.memory_diffs.list(MemoryDiffFilter(agent=AGENT))
        assert (diff.diff_id, diff.to_version) == (begun.json()["attempt_id"], None)
        assert diff.why == f"ended early: the service was ended meanwhile (the rule: {RULE})"
        assert RULE in (await house.application.api.identities.load(AGENT)).rules
        assert (await http.get(PATH)).status_code == 404
