"""What every KeyRing promises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.access import ApiKey, KeyLimits, KeyRequest, Role
from core.errors import Conflict, NotFound
from memory.api_keys import SqliteKeyRing, any_usable
from tests.unit.memory.stores import Stores, sqlite_stores

ADMIN = KeyRequest(name="ada", role=Role.ADMIN)
VIEWER = KeyRequest(name="vera", role=Role.VIEWER)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with sqlite_stores(tmp_path) as opened:
        yield opened


async def opened(stores: Stores) -> SqliteKeyRing:
    """The ring as a new process sees it."""
    return await SqliteKeyRing.open(stores.database, stores.clock)


async def test_a_key_is_known_by_its_secret_alone_and_after_a_restart(stores: Stores) -> None:
    ring = await opened(stores)
    key, secret = await ring.create(ADMIN, by="")
    for each in (ring, await opened(stores)):
        assert each.identify(secret) == key
        assert each.in_use()
        assert each.named("ada") == key
        for wrong in ("", "aut", "aut__", secret[:-1], f"{secret}x", key.key_id, f"aut_{key.key_id}_", "aut_\ud800_x"):
            assert each.identify(wrong) is None


async def test_no_secret_is_stored(stores: Stores) -> None:
    _, secret = await (await opened(stores)).create(ADMIN, by="")
    await stores.database.write(lambda connection: connection.execute("PRAGMA user_version").fetchone()[0])
    stored = b"".join(path.read_bytes() for path in stores.database.path.parent.iterdir())
    assert b"ada" in stored
    assert secret.rsplit("_", 1)[-1].encode() not in stored


async def test_a_revoked_key_opens_nothing_more(stores: Stores) -> None:
    ring = await opened(stores)
    await ring.create(ADMIN, by="")
    key, secret = await ring.create(VIEWER, by="ada")
    stores.clock.time = 4_000.0
    assert (await ring.revoke(key.key_id)).revoked_at == 4_000.0
    assert (await ring.revoke(key.key_id)).revoked_at == 4_000.0
    for each in (ring, await opened(stores)):
        assert each.identify(secret) is None
        assert each.named("vera") is None
    with pytest.raises(NotFound):
        await ring.revoke("ffffffff")


async def test_a_key_ends_when_its_time_is_over(stores: Stores) -> None:
    ring = await opened(stores)
    await ring.create(ADMIN, by="")
    key, secret = await ring.create(VIEWER.model_copy(update={"expires_days": 1.0}), by="ada")
    stores.clock.time += 86_399.0
    assert ring.identify(secret) == key
    stores.clock.time += 1.0
    assert ring.identify(secret) is None


async def test_the_first_key_is_an_admins_and_the_last_admin_stays(stores: Stores) -> None:
    ring = await opened(stores)
    with pytest.raises(Conflict, match="admin first"):
        await ring.create(VIEWER, by="")
    admin, _ = await ring.create(ADMIN, by="")
    viewer, _ = await ring.create(VIEWER, by="ada")
    with pytest.raises(Conflict, match="last key with the role admin"):
        await ring.revoke(admin.key_id)
    await ring.revoke(viewer.key_id)
    await ring.revoke(admin.key_id)
    assert not ring.in_use()


async def test_names_in_use_are_unique_also_at_the_same_time(stores: Stores) -> None:
    ring = await opened(stores)
    outcomes = await asyncio.gather(*(ring.create(ADMIN, by="") for _ in range(6)), return_exceptions=True)
    made = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(made) == 1
    assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome not in made)
    assert [key.name for key in await ring.list()] == ["ada"]


async def test_a_revoked_name_keeps_its_limits_until_it_is_taken_again(stores: Stores) -> None:
    ring = await opened(stores)
    await ring.create(ADMIN, by="")
    limited = KeyRequest(name="bob", role=Role.OPERATOR, limits=KeyLimits(daily_budget_usd=2.0, active_tasks=3))
    key, _ = await ring.create(limited, by="ada")
    await ring.revoke(key.key_id)
    assert (ring.daily_budget_usd("bob"), ring.most_active("bob")) == (2.0, 3)
    await ring.create(limited.model_copy(update={"limits": KeyLimits()}), by="ada")
    assert (ring.daily_budget_usd("bob"), ring.most_active("bob")) == (None, None)
    assert ring.daily_budget_usd("nobody") is None


async def test_another_process_sees_whether_keys_are_in_use(stores: Stores, tmp_path: Path) -> None:
    assert not any_usable(tmp_path / "nothing.db", 0.0)
    (tmp_path / "text.db").write_text("no database")
    assert not any_usable(tmp_path / "text.db", 0.0)
    assert not any_usable(stores.database.path, stores.clock.now())
    key: ApiKey = (await (await opened(stores)).create(ADMIN, by=""))[0]
    assert any_usable(stores.database.path, key.created_at)
