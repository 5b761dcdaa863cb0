"""Says when a task has spent most of its budget, once for each cap that it has had."""

from core.effects import EffectKey, EffectStatus
from core.errors import NotFound
from core.events import BudgetAlert, TaskUpsert
from core.ports import EffectStore, EventLog, Ledger

SHARE = 0.8
CENTS = 100


class BudgetAlerts:
    """Reads the log as it grows. What was missed while the service was down is said at the task's next change."""

    def __init__(self, events: EventLog, ledger: Ledger, effects: EffectStore) -> None:
        self._events = events
        self._ledger = ledger
        self._effects = effects

    async def run(self) -> None:
        """Until it is cancelled, or the log is closed."""
        async for stored in self._events.subscribe():
            event = stored.event
            if isinstance(event, TaskUpsert) and event.total_cost_usd > 0 and not event.status.final:
                await self._look(stored.task_id, event.total_cost_usd)

    async def _look(self, task_id: str, spent_usd: float) -> None:
        try:
            cap_usd = (await self._ledger.spend(task_id)).cap_usd
        except NotFound:  # it is shown before it has an account
            return
        if not cap_usd or spent_usd < SHARE * cap_usd:
            return
        key = EffectKey(task_id=task_id, node="budget", iteration=round(cap_usd * CENTS), kind="alert")
        if (await self._effects.begin(key, {"cap_usd": cap_usd})).status is EffectStatus.DONE:
            return
        alert = BudgetAlert(share=spent_usd / cap_usd, spent_usd=spent_usd, cap_usd=cap_usd)
        await self._effects.finish(key, {"spent_usd": spent_usd}, (alert,))
