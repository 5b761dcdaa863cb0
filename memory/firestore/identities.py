"""Identities of the agents in Firestore: versions by compare-and-set, counters by increments. No transactions, no queries."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from google.cloud.firestore_v1 import AsyncDocumentReference, AsyncWriteBatch, Increment
from google.cloud.firestore_v1.field_path import FieldPath

from core.errors import Conflict, Damaged, Refused
from core.identity import SCHEMA_VERSION, Identity, RuleStats, check_identity
from core.ports import Clock
from core.rules import rule_id
from core.types import AgentName
from memory.firestore.client import Client
from memory.firestore.connection import CALL_S, Connection, Overtaken, commit
from memory.firestore.documents import (
    Document,
    Head,
    head_document,
    read_counters,
    read_version,
    read_version_number,
    version_document,
    with_counters,
)
from memory.identities import KEPT_VERSIONS

MAX_INCREMENTS = 500
"""Firestore's limit for one document in one commit."""
MAX_HISTORY_BYTES = 3_500_000
"""Of a history that is adopted, in one commit; of a larger one the oldest versions stay behind. The emulator takes 4 MiB."""
COUNTED_FOR = timedelta(days=90)
"""Then a TTL policy, where there is one, may delete the mark that a task was counted."""


class FirestoreIdentityStore:
    """IdentityStore over documents of one collection. Every method raises Refused when Firestore is away or denies.

    What a method writes is one commit, which Firestore does wholly or not at all, on the condition that the head is as it
    was read. Counters are moved without that condition, because increments do not get into each other's way.
    """

    def __init__(
        self, connection: Connection, collection: str, shipped: Mapping[AgentName, Identity], clock: Clock
    ) -> None:
        self._connection = connection
        self._collection = collection
        self._shipped = shipped
        self._clock = clock

    async def load(self, agent: AgentName) -> Identity:
        """The current identity; the shipped one, saved as version 1, on first use. Raises Damaged, Refused."""

        async def load(client: Client) -> Identity:
            head = await self._head(client, agent)
            if not head.version:
                return await self._first(client, agent, head)
            snapshot = await self._version(client, agent, head.version).get(retry=None, timeout=CALL_S)
            if not snapshot.exists and (await self._head(client, agent)).version != head.version:
                raise Overtaken("it was forgotten after ten saves")
            return with_counters(read_version(agent, head.version, snapshot), head.counters)

        return await self._connection.run(load)

    async def save(self, identity: Identity, expected_version: int) -> Identity:
        """Store as version `expected_version + 1`. Raises Conflict (field `version`) after another save, InvalidInput."""
        agent, token = identity.agent, uuid.uuid4().hex
        told = {"version": expected_version + 1, "saved_at": self._clock.now(), "schema_version": SCHEMA_VERSION}
        wanted = check_identity(identity.model_copy(update=told))

        async def save(client: Client) -> Identity:
            head = await self._ensured(client, agent)
            if head.version >= wanted.version and (ours := await self._made_with(client, agent, wanted.version, token)):
                return ours
            if head.version != expected_version:
                raise Conflict(
                    f"{agent} is at version {head.version}, not {expected_version}; load it again", version=head.version
                )
            stored = _settled(wanted, head.counters)
            batch = client.batch()
            self._put_head(client, batch, agent, head, head_document(stored.version, stored.rule_stats))
            batch.set(self._version(client, agent, stored.version), version_document(stored, token))
            if stored.version > KEPT_VERSIONS:
                batch.delete(self._version(client, agent, stored.version - KEPT_VERSIONS))
            await commit(batch)
            return stored

        return await self._connection.run(save)

    async def versions(self, agent: AgentName) -> Sequence[Identity]:
        """The last 10 versions, newest first, without those that cannot be read; the shipped one when none was saved yet."""

        async def read(client: Client) -> Sequence[Identity]:
            head = await self._head(client, agent)
            if not head.version:
                return (await self._first(client, agent, head),)
            numbers = range(head.version, max(0, head.version - KEPT_VERSIONS), -1)
            asked = [self._version(client, agent, number) for number in numbers]
            answers = client.get_all(asked, retry=None, timeout=CALL_S)
            held = {snapshot.id: snapshot async for snapshot in answers}
            found = []
            for number in numbers:
                with suppress(Damaged, Refused):
                    found.append(read_version(agent, number, held[str(number)]))
            return tuple(found)

        return await self._connection.run(read)

    async def count_use(self, agent: AgentName, rules: Sequence[str], success: bool, task_id: str) -> None:
        """Move the counters of those `rules` that the agent still holds, once for each task; makes no new version."""
        name = "successes" if success else "failures"

        async def count(client: Client) -> None:
            mark = self._agent(client, agent).collection("counted").document(quote(task_id, safe=""))
            head = await self._ensured(client, agent)
            if (await mark.get(retry=None, timeout=CALL_S)).exists:
                return
            held = [each for each in dict.fromkeys(map(rule_id, rules)) if each in head.counters]
            batch = client.batch()
            batch.create(mark, self._mark(success))
            if len(held) > MAX_INCREMENTS:
                numbers = {_path(each, name): _number(head.counters[each], success) + 1 for each in held}
                self._put_head(client, batch, agent, head, numbers)
            elif held:
                batch.update(self._agent(client, agent), {_path(each, name): Increment(1) for each in held})
            await commit(batch)

        await self._connection.run(count)

    async def adopt(self, versions: Sequence[Identity]) -> bool:
        """Take a whole history, newest first, where there is none but the shipped version. Raises InvalidInput."""
        checked = [check_identity(version) for version in versions[:KEPT_VERSIONS]]
        if not checked:
            return False
        agent, newest, token = checked[0].agent, checked[0], uuid.uuid4().hex
        kept = _fitting({version.version: version_document(version, token) for version in checked})

        async def adopt(client: Client) -> bool:
            head = await self._head(client, agent)
            if head.version == newest.version and await self._made_with(client, agent, newest.version, token):
                return True
            if head.version > 1:
                return False
            batch = client.batch()
            self._put_head(client, batch, agent, head, head_document(newest.version, newest.rule_stats))
            if 1 not in kept:
                batch.delete(self._version(client, agent, 1))
            for number, document in kept.items():
                batch.set(self._version(client, agent, number), document)
            await commit(batch)
            return True

        return await self._connection.run(adopt)

    async def probe(self) -> str:
        """Write a document, read it and delete it, even while Firestore is thought to be away; where that was. Raises Refused."""

        async def probe(client: Client) -> str:
            scratch = client.collection(self._collection).document(f"check-{uuid.uuid4().hex[:8]}")
            await scratch.set({"at": datetime.now(UTC)}, retry=None, timeout=CALL_S)
            found = await scratch.get(retry=None, timeout=CALL_S)
            await scratch.delete(retry=None, timeout=CALL_S)
            if not found.exists:
                raise Refused(f"Firestore does not give back what was written into the collection {self._collection}")
            return f"a document in the collection {self._collection} was written, read and deleted"

        return await self._connection.run(probe, anyway=True)

    async def _ensured(self, client: Client, agent: AgentName) -> Head:
        """The head, the shipped version being stored when there is none."""
        head = await self._head(client, agent)
        if not head.version:
            await self._first(client, agent, head)
            head = await self._head(client, agent)
        return head

    async def _head(self, client: Client, agent: AgentName) -> Head:
        """The head; of one that is gone or damaged the number is that of the newest version, until a save mends it."""
        snapshot = await self._agent(client, agent).get(retry=None, timeout=CALL_S)
        document = snapshot.to_dict() or {}
        version = read_version_number(document)
        if version is None:
            listed = self._agent(client, agent).collection("versions").list_documents(retry=None, timeout=CALL_S)
            version = max([int(each.id) async for each in listed if each.id.isdecimal()], default=0)
        return Head(version, read_counters(document), snapshot.update_time if snapshot.exists else None)

    async def _first(self, client: Client, agent: AgentName, head: Head) -> Identity:
        told = {"version": 1, "saved_at": self._clock.now(), "cause": "shipped", "why": "shipped with the release"}
        shipped = self._shipped.get(agent, Identity(agent=agent)).model_copy(update=told)
        first = _settled(shipped, {})
        batch = client.batch()
        self._put_head(client, batch, agent, head, head_document(1, first.rule_stats))
        batch.set(self._version(client, agent, 1), version_document(first, uuid.uuid4().hex))
        await commit(batch)
        return first

    async def _made_with(self, client: Client, agent: AgentName, number: int, token: str) -> Identity | None:
        """That version, if it was made with this token: by an earlier try, the answer to which was lost."""
        snapshot = await self._version(client, agent, number).get(retry=None, timeout=CALL_S)
        made = (snapshot.to_dict() or {}).get("token") == token
        return read_version(agent, number, snapshot) if made else None

    def _put_head(
        self, client: Client, batch: AsyncWriteBatch, agent: AgentName, head: Head, changes: Document
    ) -> None:
        """Into the head, if it is still as it was read."""
        if head.updated is None:
            batch.create(self._agent(client, agent), changes)
        else:
            unchanged = client.write_option(last_update_time=head.updated)
            batch.update(self._agent(client, agent), changes, option=unchanged)

    def _agent(self, client: Client, agent: AgentName) -> AsyncDocumentReference:
        reference: AsyncDocumentReference = client.collection(self._collection).document(agent.value)
        return reference

    def _version(self, client: Client, agent: AgentName, number: int) -> AsyncDocumentReference:
        reference: AsyncDocumentReference = self._agent(client, agent).collection("versions").document(str(number))
        return reference

    def _mark(self, success: bool) -> Document:
        now = datetime.fromtimestamp(self._clock.now(), UTC)
        return {"success": success, "at": now, "expires_at": now + COUNTED_FOR}


def _settled(identity: Identity, held: Mapping[str, RuleStats]) -> Identity:
    """With the counters that are held of rules that stay, its own of those that come, and none of those that leave."""
    stats = {rule: held.get(rule_id(rule)) or identity.rule_stats.get(rule, RuleStats()) for rule in identity.rules}
    return identity.model_copy(update={"rule_stats": stats})


def _path(rule: str, name: str) -> str:
    """Ids of rules may begin with a digit, which a path has to quote."""
    return FieldPath("counters", rule, name).to_api_repr()


def _number(stats: RuleStats, success: bool) -> int:
    return stats.success_count if success else stats.use_count - stats.success_count


def _fitting(documents: Mapping[int, Document]) -> dict[int, Document]:
    """The first of them, as many as fit into one commit, and one at least."""
    kept: dict[int, Document] = {}
    size = 0
    for number, document in documents.items():
        size += len(document["body"].encode()) + 100 * len(document["counters"])
        if kept and size > MAX_HISTORY_BYTES:
            break
        kept[number] = document
    return kept
