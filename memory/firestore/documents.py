"""What the documents of an agent hold, and how they are read; tolerant where a document was changed by hand.

The head `agents/{agent}`: the number of the current version, and the counters of its rules by their ids. A version
`agents/{agent}/versions/{number}`: the identity as JSON without counters, and the counters as they were saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import DocumentSnapshot

from core.errors import Damaged
from core.identity import Identity, RuleStats, read_identity
from core.rules import rule_id
from core.types import AgentName

Document = dict[str, Any]
"""As Firestore's client takes and gives it."""


@dataclass(frozen=True)
class Head:
    """`version` is 0 where nothing is stored yet; `updated` is when the document was last written, None where there is none."""

    version: int
    counters: Mapping[str, RuleStats]
    updated: datetime | None


def head_document(version: int, stats: Mapping[str, RuleStats]) -> Document:
    return {"version": version, "counters": _counters(stats)}


def read_version_number(document: Mapping[str, object]) -> int | None:
    """None where the head does not say it."""
    number = document.get("version")
    return number if isinstance(number, int) and number > 0 else None


def read_counters(document: Mapping[str, object]) -> dict[str, RuleStats]:
    """By ids of rules. Failures are what is stored beside successes, so that a use moves one number."""
    held = document.get("counters")
    found = {}
    for name, counter in held.items() if isinstance(held, dict) else ():
        successes, failures = _number(counter, "successes"), _number(counter, "failures")
        found[str(name)] = RuleStats(use_count=max(0, successes + failures), success_count=max(0, successes))
    return found


def version_document(identity: Identity, token: str) -> Document:
    """`token` tells a save by whoever made it, should the answer to it be lost."""
    body = identity.model_dump_json(exclude={"rule_stats"})
    return {"body": body, "counters": _counters(identity.rule_stats), "token": token}


def read_version(agent: AgentName, number: int, snapshot: DocumentSnapshot[Any]) -> Identity:
    """With the counters as they were saved. Raises Damaged, Refused (fields: `version`)."""
    document = snapshot.to_dict()
    if document is None:
        raise Damaged(f"version {number} of {agent} is missing; roll back to an earlier version", version=number)
    body = document.get("body")
    identity = read_identity(agent, number, body if isinstance(body, (str, bytes)) else "")
    return with_counters(identity.model_copy(update={"version": number}), read_counters(document))


def with_counters(identity: Identity, counters: Mapping[str, RuleStats]) -> Identity:
    ids = {rule: rule_id(rule) for rule in identity.rules}
    stats = {rule: counters[name] for rule, name in ids.items() if name in counters}
    return identity.model_copy(update={"rule_stats": stats})


def _counters(stats: Mapping[str, RuleStats]) -> Document:
    return {
        rule_id(rule): {"successes": each.success_count, "failures": each.use_count - each.success_count}
        for rule, each in stats.items()
    }


def _number(counter: object, name: str) -> int:
    value = counter.get(name) if isinstance(counter, dict) else None
    return value if isinstance(value, int) else 0
