"""What people do with identities and calls: changes by hand, archives, examples to learn from."""

from config import Settings
from core.ports import Room
from core.redaction import Redactor
from tasks.exporting import MovedStores
from tasks.identities import IdentityService, RuleLimits
from tasks.moving import MovingService
from wiring.stores import Stores, SystemClock


def identity_service(settings: Settings, stores: Stores, clock: SystemClock) -> IdentityService:
    """Over whatever stores the settings name."""
    limits = RuleLimits(settings.reflection_max_rule_length, Redactor(settings.secrets))
    return IdentityService(stores.identities, stores.memory_diffs, clock, limits)


def moving_service(settings: Settings, stores: Stores, clock: SystemClock, room: Room) -> MovingService:
    """The same, for what moves as a whole; files that do not outlive a call are made in the data directory."""
    moved = MovedStores(
        identities=stores.identities,
        memory_diffs=stores.memory_diffs,
        episodes=stores.episodes,
        interactions=stores.interactions,
        calls=stores.calls,
    )
    return MovingService(moved, Redactor(settings.secrets), clock, room.check, settings.data_dir)
