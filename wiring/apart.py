"""What an application that is opened beside the service does in its own way: a trial of something, which is thrown away."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from config import Settings
from core.ports import Engine, IdentityStore, Ledger
from engine.dbos_engine import DbosEngine
from wiring.stores import Stores


@dataclass(frozen=True)
class Apart:
    """`engine` runs its tasks, `identities` says who its agents are, `paying` wraps its ledger for those who pay for it."""

    engine: Engine
    identities: IdentityStore
    paying: Callable[[Ledger], Ledger] = lambda ledger: ledger

    def stores(self, stores: Stores) -> Stores:
        ledger = self.paying(stores.ledger)
        return replace(stores, identities=self.identities, last_known=self.identities, ledger=ledger)


def engine_of(settings: Settings, apart: Apart | None) -> Engine:
    """The service's own engine, or that of who stands beside it."""
    if apart is not None:
        return apart.engine
    return DbosEngine(settings.data_dir / "engine.db", max_concurrent=settings.max_concurrent_tasks)
