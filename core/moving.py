"""What an archive that moves identities and calls between stores is made of, and what became of one that was read.

An archive is a zip file: parts of JSON lines, newest first, and `manifest.json`, written last. Whoever changes one of the
shapes in it so that an earlier release cannot read it raises ARCHIVE_SCHEMA.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from core.identity import Identity
from core.types import AgentName, Value

ARCHIVE_SCHEMA = 1
MANIFEST = "manifest.json"
PART_NAME = r"(identities|memory_diffs|episodes|interactions)/[0-9]{6}\.jsonl"
MAX_ARCHIVE_BYTES = 64 << 30
MAX_MANIFEST_BYTES = 64 << 20
MAX_PART_BYTES = 64 << 20
"""Unpacked: what is in memory at once while an archive is read."""
MAX_PARTS = 200_000

Kind = Literal["identities", "memory_diffs", "episodes", "interactions"]
KINDS: tuple[Kind, ...] = ("identities", "memory_diffs", "episodes", "interactions")
Existing = Literal["keep", "merge", "replace"]
"""What becomes of an identity that has a history of its own: it stays, it takes what it lacks, or it takes the content."""
Outcome = Literal["taken over", "the same", "left alone", "merged", "replaced"]
_OF_A_VERSION = frozenset({"version", "saved_at", "cause", "why", "by", "rule_stats", "schema_version"})


class Part(Value):
    """One file of an archive: so many lines and bytes, unpacked; `sha256` is of these bytes."""

    name: str = Field(pattern=rf"^{PART_NAME}$")
    kind: Kind
    lines: int = Field(ge=0)
    bytes: int = Field(ge=0, le=MAX_PART_BYTES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(Value):
    """`created_at` is Unix time; `counts` are lines by kind."""

    schema_version: int = ARCHIVE_SCHEMA
    created_at: float
    counts: dict[Kind, int]
    parts: tuple[Part, ...] = Field(max_length=MAX_PARTS)


class Moved(Value):
    """So many came in, were there already, or were left out because they belong to a history that was not taken over."""

    new: int = 0
    known: int = 0
    left_out: int = 0


class IdentityMoved(Value):
    """What became of one agent's history; `version` is the current one afterwards."""

    agent: AgentName
    outcome: Outcome
    version: int


class ImportReport(Value):
    """With `dry_run` what would have become of an archive."""

    dry_run: bool
    identities: tuple[IdentityMoved, ...]
    memory_diffs: Moved
    episodes: Moved
    interactions: Moved


def same_content(one: Identity, other: Identity) -> bool:
    """Whether they say the same, whatever their versions and counters."""
    return one.model_dump(exclude=set(_OF_A_VERSION)) == other.model_dump(exclude=set(_OF_A_VERSION))


def is_of(history: Sequence[Identity], newest: Identity) -> bool:
    """Whether `newest` is one of these versions, that is, whether both come from one history."""
    return any(
        each.version == newest.version and each.saved_at == newest.saved_at and same_content(each, newest)
        for each in history
    )


def merged(own: Identity, other: Identity) -> Identity:
    """`own` with what `other` has and it does not; where both say something of one thing, `own` counts."""
    known, on_trial = frozenset(own.rules), frozenset(trial.text for trial in own.trials)
    fresh = [rule for rule in other.rules if rule not in known]
    changes: dict[str, object] = {
        name: _union(getattr(own, name), getattr(other, name)) for name in ("expertise", "past_mistakes", "code_style")
    }
    for name in ("learned_rules", "correction_rules", "disabled", "pinned"):
        changes[name] = (*getattr(own, name), *(rule for rule in getattr(other, name) if rule in fresh))
    changes["trials"] = (
        *(trial for trial in own.trials if trial.text not in fresh),
        *(trial for trial in other.trials if trial.text not in known | on_trial),
    )
    changes["beliefs"] = {**other.beliefs, **own.beliefs}
    changes["origins"] = {**other.origins, **own.origins}
    changes["rule_stats"] = {**other.rule_stats, **own.rule_stats}
    return own.model_copy(update=changes)


def _union(own: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *other)))
