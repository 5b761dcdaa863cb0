"""What the effect store counts for people who look from outside."""

from pathlib import Path

from core.effects import EffectKey
from tests.unit.memory.stores import sqlite_stores


def delivery(seq: int) -> EffectKey:
    return EffectKey(task_id="t1", node="notify", iteration=seq, kind="webhook:published")


async def test_deliveries_that_are_neither_made_nor_given_up_are_waiting(tmp_path: Path) -> None:
    async with sqlite_stores(tmp_path) as stores:
        effects = stores.effects
        assert await effects.waiting() == {}
        for channel in ("log", "webhook"):
            await effects.position(channel)
        await effects.feed("webhook", 0, [(delivery(seq), {}) for seq in range(1, 5)])
        await effects.begin(EffectKey(task_id="t1", node="join", iteration=0, kind="commit:x"), {})
        assert await effects.waiting() == {"log": 0, "webhook": 4}
        await effects.finish(delivery(1), {})
        await effects.postpone(delivery(2), "gone", None)
        await effects.postpone(delivery(3), "busy", 1e12)
        assert await effects.waiting() == {"log": 0, "webhook": 2}
