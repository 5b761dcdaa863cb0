"""Experiments in real applications: in the process of another one, paid by its account, and leaving nothing behind."""

from pathlib import Path

import pytest

from config import Settings, model_setting
from core.errors import BudgetExceeded
from core.types import AgentName
from evals.arms import ArmSpec
from evals.datasets import load_suite
from evals.experiments import HeldOutExperiments
from evals.results import Results
from tests.unit.memory.stores import sqlite_stores
from tests.workflows.house import open_house
from wiring.evaluating import Arms

pytestmark = pytest.mark.sandbox
RULE = "Answer 404 for what is not there."
ACCOUNT = "experiments"


@pytest.mark.parametrize("agent", [AgentName.BACKEND, AgentName.ORCHESTRATOR], ids=["alone", "whole round"])
async def test_an_account_that_does_not_suffice_ends_an_experiment_and_nothing_stays_set_aside(
    tmp_path: Path, agent: AgentName
) -> None:
    priced = {model_setting(agent): "offline/scaffold?price=5"}
    settings = Settings(_env_file=None, data_dir=tmp_path, autonomy_offline=True, **priced)  # type: ignore[arg-type]  # names of fields
    async with sqlite_stores(tmp_path) as service:
        await service.ledger.open(ACCOUNT, 0.000_001)
        arms = Arms(settings, service.identities, service.ledger)
        results = Results(tmp_path / "results.db")
        tasks = load_suite("held-out")[:1]
        experiments = HeldOutExperiments(arms.open, results, count=1, task_budget_usd=0.5, tasks=tasks)
        with pytest.raises(BudgetExceeded, match="an experiment cannot be paid to its end"):
            await experiments.run(agent, RULE, account=ACCOUNT)
        spend = await service.ledger.spend(ACCOUNT)
        assert (spend.spent_usd, spend.reserved_usd) == (0.0, 0.0)
    assert not list((tmp_path / "evals" / "arms").iterdir())


async def test_two_arms_work_beside_a_service_that_runs_in_the_same_process(tmp_path: Path) -> None:
    async with open_house(tmp_path / "service") as house:
        identities = house.application.api.identities
        settings = Settings(_env_file=None, data_dir=tmp_path, autonomy_offline=True)
        arms = Arms(settings, identities)
        with_rule, without = ArmSpec(with_rule=(AgentName.BACKEND, RULE)), ArmSpec()
        async with arms.open(with_rule) as told, arms.open(without) as untold:
            assert RULE in (await told.identities.load(AgentName.BACKEND)).active_rules
            assert RULE not in (await untold.identities.load(AgentName.BACKEND)).active_rules
            assert told.fingerprint == untold.fingerprint
        assert RULE not in (await identities.load(AgentName.BACKEND)).rules
