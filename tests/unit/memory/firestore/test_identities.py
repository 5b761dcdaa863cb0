"""What identities in Firestore promise beyond the contract: many writers at once, and documents that others wrote."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.firestore_v1 import DELETE_FIELD, AsyncDocumentReference

from core.errors import Conflict, Damaged, InvalidInput, Refused
from core.identity import MAX_IDENTITY_BYTES, MAX_LINE_CHARS, MAX_LINES, Identity, RuleStats
from core.rules import rule_id
from core.types import AgentName
from memory.firestore.identities import MAX_HISTORY_BYTES, FirestoreIdentityStore
from tests.emulator import Emulator, connecting
from tests.unit.memory.firestore.opened import firestore_identities, own_collection

pytestmark = pytest.mark.emulator
QA = AgentName.QA
PATIENT_S = 120.0
"""For a method: many writers at once may take longer on a busy machine than anybody is to wait."""
RULE, OTHER = "Make every test create its own data", "Ask for the second page, too"


@pytest.fixture
def collection() -> str:
    return own_collection()


@pytest.fixture
async def store(firestore: Emulator, collection: str) -> AsyncIterator[FirestoreIdentityStore]:
    async with firestore_identities(firestore.host, collection, limit_s=PATIENT_S) as opened:
        yield opened


@pytest.fixture
async def head(firestore: Emulator, collection: str) -> AsyncIterator[AsyncDocumentReference]:
    """The agent's document, as somebody with a console sees it."""
    client = connecting(firestore.host)()
    yield client.collection(collection).document("qa_agent")
    await client.close()


async def learn(store: FirestoreIdentityStore, *rules: str) -> Identity:
    current = await store.load(QA)
    return await store.save(current.model_copy(update={"learned_rules": rules}), current.version)


async def documents(head: AsyncDocumentReference, name: str) -> list[str]:
    return sorted([each.id async for each in head.collection(name).list_documents()])


async def test_of_eight_saves_at_once_one_wins_and_seven_are_conflicts_that_name_the_version(
    firestore: Emulator, collection: str
) -> None:
    """Each through a connection of its own, as from eight machines."""

    async def save(number: int) -> Identity:
        async with firestore_identities(firestore.host, collection, limit_s=PATIENT_S) as mine:
            return await mine.save(Identity(agent=QA, beliefs={"by": str(number)}), expected_version=1)

    outcomes = await asyncio.gather(*map(save, range(8)), return_exceptions=True)
    conflicts = [each for each in outcomes if isinstance(each, Conflict)]
    winners = [each for each in outcomes if isinstance(each, Identity)]
    assert (len(conflicts), len(winners)) == (7, 1)
    assert {each.fields["version"] for each in conflicts} == {2}
    async with firestore_identities(firestore.host, collection, limit_s=PATIENT_S) as store:
        assert await store.load(QA) == winners[0]


async def test_fifty_tasks_counted_at_once_are_all_counted(store: FirestoreIdentityStore) -> None:
    await learn(store, RULE)
    await asyncio.gather(*(store.count_use(QA, [RULE], number % 2 == 0, f"t{number}") for number in range(50)))
    assert (await store.load(QA)).rule_stats[RULE] == RuleStats(use_count=50, success_count=25)


async def test_saves_come_through_while_counters_move_and_lose_none(store: FirestoreIdentityStore) -> None:
    await learn(store, RULE)

    async def count() -> None:
        for number in range(30):
            await store.count_use(QA, [RULE], True, f"t{number}")

    async def save() -> None:
        for number in range(8):
            await learn(store, RULE, f"Rule number {number} of the test")

    await asyncio.gather(count(), save())
    current = await store.load(QA)
    assert current.version == 10
    assert current.rule_stats[RULE] == RuleStats(use_count=30, success_count=30)


async def test_all_rules_that_an_agent_can_hold_are_counted_together(store: FirestoreIdentityStore) -> None:
    """More than Firestore increments in one commit."""
    first = await store.load(QA)
    learned = tuple(f"Learned rule number {number}" for number in range(MAX_LINES))
    corrections = tuple(f"Correction number {number}" for number in range(MAX_LINES))
    rules = {"learned_rules": learned, "correction_rules": corrections}
    current = await store.save(first.model_copy(update=rules), 1)
    await asyncio.gather(*(store.count_use(QA, current.rules, number > 0, f"t{number}") for number in range(3)))
    stats = (await store.load(QA)).rule_stats
    assert len(stats) == 2 * MAX_LINES
    assert set(stats.values()) == {RuleStats(use_count=3, success_count=2)}


async def test_two_processes_write_at_once(firestore: Emulator, store: FirestoreIdentityStore, collection: str) -> None:
    await learn(store, RULE)
    child = Path(__file__).with_name("counting.py")
    async with asyncio.timeout(200):
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(child), firestore.host, collection, RULE, stdout=subprocess.PIPE
        )
        counts = [store.count_use(QA, [RULE], False, f"here-{number}") for number in range(20)]
        _, (said, _) = await asyncio.gather(asyncio.gather(*counts), process.communicate())
    assert (process.returncode, json.loads(said)) == (0, {"counted": 20, "version": 3})
    current = await store.load(QA)
    assert current.version == 3
    assert current.rule_stats[RULE] == RuleStats(use_count=40, success_count=20)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"body": '{"agent": "qa'}, Damaged, "cannot be read"),
        ({"body": '{"agent": "planner"}'}, Damaged, "it is that of planner"),
        ({"body": 7}, Damaged, "cannot be read"),
        ({"body": DELETE_FIELD}, Damaged, "cannot be read"),
        ({"body": '{"agent": "qa_agent", "schema_version": 99}'}, Refused, "newer release"),
        (None, Damaged, "is missing"),
    ],
)
async def test_a_version_that_cannot_be_read_is_named_and_can_be_rolled_back(
    store: FirestoreIdentityStore,
    head: AsyncDocumentReference,
    changes: dict[str, Any] | None,
    error: type[Exception],
    words: str,
) -> None:
    good = await learn(store, RULE)
    await learn(store, RULE, OTHER)
    await store.count_use(QA, [RULE], True, "t1")
    version = head.collection("versions").document("3")
    await (version.update(changes) if changes else version.delete())
    with pytest.raises(error, match=words) as raised:
        await store.load(QA)
    assert isinstance(raised.value, (Damaged, Refused))
    assert raised.value.fields["version"] == 3
    assert [each.version for each in await store.versions(QA)] == [2, 1]
    mended = await store.save(good, expected_version=3)
    assert await store.load(QA) == mended
    assert mended.rule_stats[RULE] == RuleStats(use_count=1, success_count=1), "counters stand apart from versions"


@pytest.mark.parametrize("spoiled", [{"version": "two"}, {"version": 0, "counters": []}, None])
async def test_a_head_that_was_spoiled_by_hand_goes_on_from_the_newest_version(
    store: FirestoreIdentityStore, head: AsyncDocumentReference, spoiled: dict[str, Any] | None
) -> None:
    saved = await learn(store, RULE)
    await (head.set(spoiled) if spoiled else head.delete())
    assert (await store.load(QA)).learned_rules == saved.learned_rules
    assert [each.version for each in await store.versions(QA)] == [2, 1]
    await store.count_use(QA, [RULE], True, "t1")
    assert (await learn(store, OTHER)).version == 3
    assert await store.load(QA) == (await store.versions(QA))[0]


async def test_counters_that_were_spoiled_by_hand_begin_anew(
    store: FirestoreIdentityStore, head: AsyncDocumentReference
) -> None:
    await learn(store, RULE, OTHER)
    await head.update({"counters": {rule_id(RULE): "many", rule_id(OTHER): {"successes": 3, "failures": None}}})
    stats = (await store.load(QA)).rule_stats
    assert stats == {RULE: RuleStats(), OTHER: RuleStats(use_count=3, success_count=3)}


async def test_ten_versions_are_kept_as_documents_and_no_more(
    store: FirestoreIdentityStore, head: AsyncDocumentReference
) -> None:
    for number in range(12):
        await learn(store, f"Rule number {number} of the test")
    await store.count_use(QA, [RULE], True, "a/task")
    assert await documents(head, "versions") == sorted(str(number) for number in range(4, 14))
    assert await documents(head, "counted") == ["a%2Ftask"]
    assert ((await head.get()).to_dict() or {}).keys() == {"version", "counters"}


async def test_the_largest_identity_of_incompressible_text_fits_with_its_counters(
    store: FirestoreIdentityStore,
) -> None:
    """Umlauts take two bytes each; every rule has counters."""
    rules = tuple(f"{number:03d} {'ü' * (MAX_LINE_CHARS - 4)}" for number in range(MAX_LINES))
    beliefs = {str(number): "b" * (MAX_LINE_CHARS - 10) for number in range(290)}
    wanted = Identity(
        agent=QA, learned_rules=rules, correction_rules=tuple(map(str, range(MAX_LINES))), beliefs=beliefs
    )
    assert len(wanted.model_dump_json().encode()) > MAX_IDENTITY_BYTES * 0.95
    saved = await store.save(wanted, expected_version=1)
    await store.count_use(QA, saved.rules, True, "t1")
    assert (await store.load(QA)).learned_rules == rules
    with pytest.raises(InvalidInput, match="identity: has"):
        await store.save(wanted.model_copy(update={"why": "w" * 100_000}), expected_version=2)
    assert (await store.load(QA)).version == 2


async def test_of_a_history_too_large_for_one_commit_the_oldest_versions_stay_behind(
    store: FirestoreIdentityStore, head: AsyncDocumentReference
) -> None:
    rules = tuple(f"{number:03d} {'w' * 990}" for number in range(MAX_LINES))
    history = [Identity(agent=QA, version=number, learned_rules=rules, expertise=rules) for number in range(12, 2, -1)]
    assert await store.adopt(history)
    kept = await store.versions(QA)
    assert list(kept) == history[: len(kept)]
    assert len(kept) == MAX_HISTORY_BYTES // len(history[0].model_dump_json())
    assert (await learn(store, RULE)).version == 13


async def test_of_two_histories_at_once_one_is_taken(firestore: Emulator, collection: str) -> None:
    async def adopt(name: str) -> bool:
        async with firestore_identities(firestore.host, collection, limit_s=PATIENT_S) as mine:
            return await mine.adopt([Identity(agent=QA, version=number, why=name) for number in (9, 8, 7)])

    assert sorted(await asyncio.gather(*map(adopt, "abcd"))) == [False, False, False, True]
    async with firestore_identities(firestore.host, collection, limit_s=PATIENT_S) as store:
        assert len({each.why for each in await store.versions(QA)}) == 1


async def test_a_probe_leaves_nothing_behind(
    store: FirestoreIdentityStore, collection: str, firestore: Emulator
) -> None:
    assert collection in await store.probe()
    client = connecting(firestore.host)()
    assert [each.id async for each in client.collection(collection).list_documents()] == []
    await client.close()
