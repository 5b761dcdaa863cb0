"""A process that counts and saves beside others: `counting.py HOST COLLECTION RULE`."""

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

from core.types import AgentName
from tests.unit.memory.firestore.opened import firestore_identities


async def main(host: str, collection: str, rule: str) -> None:
    async with firestore_identities(host, collection, limit_s=120.0) as store:
        for number in range(20):
            await store.count_use(AgentName.QA, [rule], True, f"there-{number}")
        current = await store.load(AgentName.QA)
        saved = await store.save(current.model_copy(update={"why": "from the child"}), current.version)
    sys.stdout.write(json.dumps({"counted": 20, "version": saved.version}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
