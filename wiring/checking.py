"""Which parts of the service can be tried, and how each of them is."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from config import Settings
from graph.context import GraphContext
from wiring.adapters import greet_e2b, wants_e2b
from wiring.model_setup import ModelChecker
from wiring.models import find_model_problems
from wiring.part_checks import Part, PartChecker, Tried, Try, try_code_host, try_models, try_sandbox, try_storage
from wiring.stores import Stores

if TYPE_CHECKING:
    from wiring.chat import Chat


def part_checker(
    settings: Settings, stores: Stores, context: GraphContext, chat: "Chat | None", models: ModelChecker
) -> PartChecker:
    async def introduce(chat: "Chat") -> Tried:
        return Tried(True, await chat.introduce())

    async def greet() -> Tried:
        return Tried(True, await greet_e2b(settings))

    async def look() -> Tried:
        return await try_models(await find_model_problems(settings, models.models.table), models.look)

    async def keep(try_identities: Callable[[], Awaitable[str]]) -> Tried:
        return Tried(True, await try_identities())

    tries: dict[Part, Try | None] = {
        "storage": partial(try_storage, settings.data_dir, stores.database),
        "sandbox": partial(try_sandbox, context.sandbox),
        "code_host": partial(try_code_host, context.code_host),
        "telegram": partial(introduce, chat) if chat else None,
        "models": look,
        "e2b": greet if wants_e2b(settings) else None,
        "identities": partial(keep, stores.try_identities) if stores.try_identities else None,
        "analytics": stores.analytics.check if stores.analytics else None,
    }
    return PartChecker(tries, settings.secrets)
