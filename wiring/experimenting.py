"""Experiments with rules as the service runs them: on held-out tasks, in applications beside it."""

import asyncio
from collections.abc import Collection

from config import Settings
from core.learning import ExperimentResult
from core.ports import SandboxProvider
from core.types import AgentName
from wiring.stores import Stores


class ServiceExperiments:
    """RuleExperiments over the service's identities and its ledger, one at a time, whoever asks.

    One task at a time, too: the machine is somebody's, and nobody waits.

    Loads what evaluations need with the first experiment.
    """

    def __init__(self, settings: Settings, stores: Stores, sandbox: SandboxProvider | None) -> None:
        self._settings = settings
        self._stores = stores
        self._sandbox = sandbox
        self._turn = asyncio.Lock()

    async def run(
        self,
        agent: AgentName,
        rule: str,
        *,
        kinds: Collection[str] = (),
        leave_out: Collection[str] = (),
        account: str | None = None,
    ) -> ExperimentResult:
        from wiring import evaluating  # an arm is an application, which this module is a part of

        async with self._turn:
            await asyncio.to_thread(evaluating.forget_killed, self._settings)
            ledger, identities = self._stores.ledger, self._stores.identities
            arms = evaluating.Arms(self._settings, identities, ledger, parallel=1, sandbox=self._sandbox)
            results = await asyncio.to_thread(evaluating.results_of, self._settings)
            experiments = evaluating.rule_experiments(self._settings, arms, results)
            return await experiments.run(agent, rule, kinds=kinds, leave_out=leave_out, account=account)
