"""Experiments of the service wait for each other, whoever asks for them."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config import Settings
from core.types import AgentName
from wiring import evaluating
from wiring.experimenting import ServiceExperiments
from wiring.stores import Stores


class Counting:
    """How many are under way at once."""

    now = most = 0

    async def run(self, *args: Any, **options: Any) -> str:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.05)
        self.now -= 1
        return "a result"


async def test_one_runs_at_a_time_and_one_that_is_cut_off_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting()
    monkeypatch.setattr(evaluating, "rule_experiments", lambda *_: counting)
    stores = cast(Stores, SimpleNamespace(identities=None, ledger=None))
    experiments = ServiceExperiments(Settings(_env_file=None, data_dir=tmp_path), stores, None)
    cut_off, *others = [asyncio.create_task(experiments.run(AgentName.QA, f"rule {number}")) for number in range(3)]
    await asyncio.sleep(0)
    cut_off.cancel()
    assert [await each for each in others] == ["a result", "a result"]
    assert counting.most == 1
