"""Who an agent is, apart from any model: a document that is rendered into prompts and grows by reflection."""

import json
from collections.abc import Iterable
from typing import Literal

from pydantic import Field, ValidationError

from core.errors import Damaged, InvalidInput, Refused
from core.types import AgentName, Value

Cause = Literal["", "shipped", "reflection", "rollback", "rule_changed", "experiment", "import"]
"""What made a version; empty where nobody said."""
SCHEMA_VERSION = 1
"""Of the document. A release reads documents of its own schema and of earlier ones."""
MAX_LINE_CHARS = 1_000
MAX_LINES = 300
MAX_IDENTITY_BYTES = 900_000
"""As JSON; documents of Firestore end at 1 MiB."""


class RuleStats(Value):
    use_count: int = Field(default=0, ge=0)
    success_count: int = Field(default=0, ge=0)


class RuleOrigin(Value):
    """Where a rule comes from. `by` is `reflection`, or who put it there; `at` is Unix time.

    `interactions` are ids of the model calls, `tasks` the tasks and `kinds` the kinds of findings that it was drawn from;
    `experiment` is the one that showed it to help.
    """

    by: str = ""
    why: str = ""
    at: float = 0.0
    interactions: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    experiment: str = ""


class TrialRule(Value):
    """A rule that is not told yet: it has to help in an experiment first."""

    text: str
    origin: RuleOrigin = RuleOrigin()


class Identity(Value):
    """Persistent identity of one agent; `version` grows by one with every save.

    `pinned` and `disabled` are texts of rules: a pinned one is never pruned, a disabled one is kept and not told.
    `trials` are told in experiments only. `origins` says where rules come from, by their texts; the release's own have none.
    `saved_at` (Unix time; 0 for versions of earlier releases), `cause`, `why` and `by` tell of this version.
    """

    agent: AgentName
    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    expertise: tuple[str, ...] = ()
    learned_rules: tuple[str, ...] = ()
    past_mistakes: tuple[str, ...] = ()
    correction_rules: tuple[str, ...] = ()
    code_style: tuple[str, ...] = ()
    beliefs: dict[str, str] = Field(default_factory=dict)
    rule_stats: dict[str, RuleStats] = Field(default_factory=dict)
    version: int = Field(default=1, ge=1)
    pinned: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    trials: tuple[TrialRule, ...] = ()
    origins: dict[str, RuleOrigin] = Field(default_factory=dict)
    saved_at: float = 0.0
    cause: Cause = ""
    why: str = ""
    by: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Every standing rule once, learned ones first; disabled ones too, trials not."""
        return tuple(dict.fromkeys((*self.learned_rules, *self.correction_rules)))

    @property
    def active_rules(self) -> tuple[str, ...]:
        """The rules that prompts hold."""
        off = frozenset(self.disabled)
        return tuple(rule for rule in self.rules if rule not in off)


def render_identity(identity: Identity) -> str:
    """Text for prompts, without disabled and trial rules; byte-identical until the identity's words change."""
    parts = [f"{title}:\n" + "\n".join(f"- {line}" for line in lines) for title, lines in told(identity) if lines]
    return "\n".join(parts)


def told(identity: Identity) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sections that prompts hold, in their order: title and lines."""
    off = frozenset(identity.disabled)
    return (
        ("Expertise", identity.expertise),
        ("Rules learned", tuple(rule for rule in identity.learned_rules if rule not in off)),
        ("Past mistakes to avoid", identity.past_mistakes),
        ("Correction rules", tuple(rule for rule in identity.correction_rules if rule not in off)),
        ("Code style", identity.code_style),
        ("Beliefs", tuple(f"{key}: {identity.beliefs[key]}" for key in sorted(identity.beliefs))),
    )


def read_identity(agent: AgentName, version: int, body: str | bytes) -> Identity:
    """A stored version. Raises Refused when a newer release wrote it, Damaged when it cannot be read (fields: `version`)."""
    try:
        document = json.loads(body)
        schema = document.get("schema_version", 1) if isinstance(document, dict) else 1
        if isinstance(schema, int) and schema > SCHEMA_VERSION:
            raise Refused(
                f"version {version} of {agent} was written by a newer release (schema {schema}, this release knows "
                f"{SCHEMA_VERSION}); start the newer release, or roll back to an earlier version",
                version=version,
            )
        identity = Identity.model_validate_json(body)
        if identity.agent is not agent:
            raise ValueError(f"agent: it is that of {identity.agent}")
        return identity
    except (ValueError, RecursionError) as error:  # JSON's, pydantic's and our own
        raise Damaged(
            f"version {version} of {agent} cannot be read ({_fault(error)}); roll back to an earlier version",
            version=version,
        ) from error


def _fault(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)[:200]
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:200]


def check_identity(identity: Identity) -> Identity:
    """`identity`, if it is one that every store takes. Raises InvalidInput, which names the field and the limit."""
    for field, lines in _lines(identity):
        for place, line in enumerate(lines, 1):
            if place > MAX_LINES:
                raise InvalidInput(
                    f"{field}: has more than {MAX_LINES} entries, which is the most", field=field, limit=MAX_LINES
                )
            if not line.strip():
                raise InvalidInput(f"{field}: an entry is empty", field=field)
            if len(line) > MAX_LINE_CHARS:
                raise InvalidInput(
                    f"{field}: an entry has {len(line):,} characters, and {MAX_LINE_CHARS:,} is the most",
                    field=field,
                    limit=MAX_LINE_CHARS,
                )
    size = len(identity.model_dump_json().encode())
    if size > MAX_IDENTITY_BYTES:
        raise InvalidInput(
            f"identity: has {size:,} bytes, and {MAX_IDENTITY_BYTES:,} is the most",
            field="identity",
            limit=MAX_IDENTITY_BYTES,
        )
    return identity


def _lines(identity: Identity) -> Iterable[tuple[str, Iterable[str]]]:
    for field in (
        "expertise",
        "learned_rules",
        "past_mistakes",
        "correction_rules",
        "code_style",
        "pinned",
        "disabled",
    ):
        yield field, getattr(identity, field)
    yield "beliefs", (f"{key}: {value}" for key, value in identity.beliefs.items())
    yield "trials", (trial.text for trial in identity.trials)
    yield "origins", (rule for rule in identity.origins)
