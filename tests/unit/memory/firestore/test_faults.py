"""Firestore that goes away: what is asked ends in time with a remedy, and nothing is half written."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from google.api_core import exceptions as google
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError

from core.errors import Refused
from core.identity import Identity, RuleStats
from core.types import AgentName
from memory.firestore.client import Client
from memory.firestore.connection import Connection, Overtaken
from memory.firestore.identities import FirestoreIdentityStore
from memory.identities import shipped_identities
from tests.emulator import Emulator, connecting, running_emulator
from tests.stopwatch import stopwatch
from tests.unit.memory.clock import HandClock
from tests.unit.memory.firestore.opened import firestore_identities, own_collection
from tests.unit.memory.firestore.proxy import Moment, Proxy, proxy_to

QA = AgentName.QA
RULE = "Make every test create its own data"


@pytest.fixture
async def proxy(firestore: Emulator) -> AsyncIterator[Proxy]:
    async with proxy_to(firestore) as opened:
        yield opened


@pytest.fixture
def own_emulator() -> Iterator[Emulator]:
    """One that may be killed."""
    yield from running_emulator()


async def wait_until_back(store: FirestoreIdentityStore) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await store.probe()
            except Refused:
                await asyncio.sleep(0.2)
            else:
                return


async def learn(store: FirestoreIdentityStore, *rules: str) -> Identity:
    current = await store.load(QA)
    return await store.save(current.model_copy(update={"learned_rules": rules}), current.version)


@pytest.mark.emulator
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_save_that_was_cut_off_is_made_once(firestore: Emulator, proxy: Proxy, moment: Moment) -> None:
    """After the commit nobody heard that it was done: the next try finds its own version, and makes no other."""
    collection = own_collection()
    async with firestore_identities(proxy.host, collection) as store:
        current = await store.load(QA)
        proxy.mark, proxy.moment, proxy.times = RULE.encode(), moment, 1
        saved = await store.save(current.model_copy(update={"learned_rules": (RULE,)}), 1)
    async with firestore_identities(firestore.host, collection) as direct:
        assert (proxy.cuts, saved.version) == (1, 2)
        assert await direct.load(QA) == saved
        assert [each.version for each in await direct.versions(QA)] == [2, 1]


@pytest.mark.emulator
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_count_that_was_cut_off_counts_once(firestore: Emulator, proxy: Proxy, moment: Moment) -> None:
    collection = own_collection()
    async with firestore_identities(proxy.host, collection) as store:
        await learn(store, RULE)
        proxy.mark, proxy.moment, proxy.times = b"successes", moment, 1
        await store.count_use(QA, [RULE], True, "t1")
        assert proxy.cuts == 1
        assert (await store.load(QA)).rule_stats[RULE] == RuleStats(use_count=1, success_count=1)


@pytest.mark.emulator
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_history_that_was_cut_off_is_taken_whole(firestore: Emulator, proxy: Proxy, moment: Moment) -> None:
    history = [Identity(agent=QA, version=number, learned_rules=(RULE,)) for number in (4, 3)]
    async with firestore_identities(proxy.host) as store:
        await store.load(QA)
        proxy.mark, proxy.moment, proxy.times = RULE.encode(), moment, 1
        assert await store.adopt(history)
        assert list(await store.versions(QA)) == history


@pytest.mark.emulator
async def test_saves_that_never_come_through_are_refused_in_time_and_leave_nothing_half_written(
    firestore: Emulator, proxy: Proxy
) -> None:
    collection = own_collection()
    async with (
        firestore_identities(firestore.host, collection) as direct,
        firestore_identities(proxy.host, collection) as store,
    ):
        before = await learn(direct, "A rule of before")
        proxy.mark, proxy.moment, proxy.times = RULE.encode(), "before", 1_000
        with stopwatch() as spent:
            with pytest.raises(Refused, match="GCP_PROJECT_ID"):
                await store.save(before.model_copy(update={"learned_rules": (RULE,)}), 2)
            assert spent() < 10
        assert await direct.load(QA) == before
        assert [each.version for each in await direct.versions(QA)] == [2, 1]


@pytest.mark.emulator
async def test_silence_ends_within_the_limit_and_then_nobody_waits_for_a_while(proxy: Proxy) -> None:
    proxy.silent = True
    async with firestore_identities(proxy.host, limit_s=0.5, pause_s=60) as store:
        started = time.monotonic()
        with stopwatch() as spent:
            with pytest.raises(Refused, match=r"did not answer within 0\.5 s") as first:
                await store.load(QA)
            assert spent() < 5
        assert time.monotonic() - started > 0.4
        for ask in (
            store.load(QA),
            store.versions(QA),
            store.count_use(QA, [RULE], True, "t1"),
            store.adopt([Identity(agent=QA)]),
        ):
            with pytest.raises(Refused) as again:
                ask.send(None)  # it ends at its first step: there is nothing that it waits for
            assert str(again.value) == str(first.value)
        proxy.silent = False
        await proxy.cut()
        store._connection._limit_s = 60.0
        await wait_until_back(store)  # who wants to know is not put off
        assert "written, read and deleted" in await store.probe()
        assert (await store.load(QA)).version == 1


@pytest.mark.emulator
async def test_an_emulator_killed_in_the_middle_of_saves_is_told_and_found_again(own_emulator: Emulator) -> None:
    """It forgets everything with its process, so that afterwards the shipped identities are there."""
    under_way = asyncio.Event()
    async with firestore_identities(own_emulator.host, "agents", pause_s=0.2) as store:

        async def keep_saving(agent: AgentName) -> None:
            while True:
                current = await store.load(agent)
                if (await store.save(current, current.version)).version > 3:
                    under_way.set()

        savers = [asyncio.create_task(keep_saving(agent)) for agent in AgentName]
        async with asyncio.timeout(120):
            await under_way.wait()
        own_emulator.kill()
        with stopwatch() as spent:
            outcomes = await asyncio.gather(*savers, return_exceptions=True)
            assert spent() < 10
        assert all(isinstance(each, Refused) and "FIRESTORE_EMULATOR_HOST" in str(each) for each in outcomes)
        own_emulator.start()
        await wait_until_back(store)
        for agent in AgentName:
            assert (await store.load(agent)).version == 1


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address that is taken, so that nobody else gets it, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield "{}:{}".format(*taken.getsockname())


async def test_where_nothing_listens_every_method_is_refused_in_time(nowhere: str) -> None:
    async with firestore_identities(nowhere, pause_s=0) as store:
        asks = [
            store.load(QA),
            store.versions(QA),
            store.save(Identity(agent=QA), 1),
            store.count_use(QA, [RULE], True, "t1"),
            store.adopt([Identity(agent=QA)]),
            store.probe(),
        ]
        with stopwatch() as spent:
            outcomes = await asyncio.gather(*asks, return_exceptions=True)
            assert spent() < 10
    for outcome in outcomes:
        assert isinstance(outcome, Refused)
        assert "cannot be reached" in str(outcome)
        assert "GCP_PROJECT_ID" in str(outcome)


async def test_the_way_to_firestore_itself_is_encrypted_and_as_bounded(
    nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an emulator, to a port where nothing listens: the channel is made, and fails."""
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)

    def connect() -> Client:
        options = {"api_endpoint": nowhere}
        return Client(project="p", credentials=AnonymousCredentials(), client_options=options)

    connection = Connection(connect, "a test")
    store = FirestoreIdentityStore(connection, "agents", shipped_identities(), HandClock())
    with pytest.raises(Refused, match="cannot be reached: 503"):
        await store.load(QA)
    await connection.close()


async def test_a_machine_without_credentials_is_told_how_to_have_them() -> None:
    def connect() -> Client:
        raise DefaultCredentialsError("Your default credentials were not found.")

    store = FirestoreIdentityStore(Connection(connect, "a test"), "agents", shipped_identities(), HandClock())
    with pytest.raises(Refused, match="gcloud auth application-default login"):
        await store.load(QA)


@pytest.mark.emulator
async def test_credentials_that_are_long_in_coming_are_looked_for_once(firestore: Emulator) -> None:
    found, looked = threading.Event(), list[float]()

    def connect() -> Client:
        looked.append(time.monotonic())
        found.wait(timeout=250)
        return connecting(firestore.host)()

    connection = Connection(connect, "a test", limit_s=0.3, pause_s=0)
    store = FirestoreIdentityStore(connection, own_collection(), shipped_identities(), HandClock())
    for _ in range(2):
        with pytest.raises(Refused, match=r"no credentials were found within 0\.3 s; give this machine credentials"):
            await store.load(QA)
    found.set()
    connection._limit_s = 60.0
    await wait_until_back(store)
    assert len(looked) == 1
    await connection.close()


@pytest.mark.parametrize(
    ("error", "words", "waits"),
    [
        (google.PermissionDenied("Missing or insufficient permissions."), "roles/datastore.user", True),
        (google.Unauthenticated("Request had invalid credentials."), "roles/datastore.user", True),
        (google.ResourceExhausted("Quota exceeded."), "raise the quota", False),
        (google.NotFound("The database (default) does not exist for project p"), "native mode", False),
        (google.FailedPrecondition("not available for Firestore in Datastore Mode"), "native mode", False),
        (google.InvalidArgument("The value is longer than 1048487 bytes."), "longer than 1048487 bytes", False),
        (google.ServiceUnavailable("connection\n reset"), "cannot be reached: 503 connection reset", True),
        (google.DeadlineExceeded("Deadline Exceeded"), "cannot be reached", True),
        (google.ServiceUnavailable("Getting metadata from plugin failed with error: expired"), "gcloud auth", True),
    ],
)
async def test_what_firestore_answers_becomes_a_sentence_with_a_remedy(
    error: google.GoogleAPICallError, words: str, waits: bool
) -> None:
    connection = Connection(connecting("127.0.0.1:9"), "project p, collection c")
    asked = 0

    async def fail(_: Client) -> None:
        nonlocal asked
        asked += 1
        raise error

    for _ in range(2):
        with pytest.raises(Refused) as raised:
            await connection.run(fail)
        assert words in str(raised.value)
        assert str(raised.value).startswith("Firestore (project p, collection c) ")
        if not waits:
            asked = 0
    assert asked in ((1, 4) if waits else (0,)), "who is away is asked once, four times where it may pass"


async def test_work_that_is_always_overtaken_ends() -> None:
    connection = Connection(connecting("127.0.0.1:9"), "a test", limit_s=6)
    tries: list[float] = []

    async def overtaken(_: Client) -> None:
        tries.append(time.monotonic())
        raise Overtaken("by another")

    with pytest.raises(Refused, match="within 6 s"):
        await connection.run(overtaken)
    assert len(tries) > 2


async def test_what_work_raises_itself_passes_unchanged() -> None:
    connection = Connection(connecting("127.0.0.1:9"), "a test")

    async def fail(_: Client) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        await connection.run(fail)
