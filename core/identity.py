"""Who an agent is, apart from any model: a document that is rendered into prompts and grows by reflection."""

from pydantic import Field

from core.types import AgentName, Value


class RuleStats(Value):
    use_count: int = Field(default=0, ge=0)
    success_count: int = Field(default=0, ge=0)


class Identity(Value):
    """Persistent identity of one agent; `version` grows by one with every save."""

    agent: AgentName
    expertise: tuple[str, ...] = ()
    learned_rules: tuple[str, ...] = ()
    past_mistakes: tuple[str, ...] = ()
    correction_rules: tuple[str, ...] = ()
    code_style: tuple[str, ...] = ()
    beliefs: dict[str, str] = Field(default_factory=dict)
    rule_stats: dict[str, RuleStats] = Field(default_factory=dict)
    version: int = Field(default=1, ge=1)


def render_identity(identity: Identity) -> str:
    """Text for prompts; byte-identical until the identity's words change (counters are left out)."""
    sections = (
        ("Expertise", identity.expertise),
        ("Rules learned", identity.learned_rules),
        ("Past mistakes to avoid", identity.past_mistakes),
        ("Correction rules", identity.correction_rules),
        ("Code style", identity.code_style),
        ("Beliefs", tuple(f"{key}: {identity.beliefs[key]}" for key in sorted(identity.beliefs))),
    )
    parts = [f"{title}:\n" + "\n".join(f"- {line}" for line in lines) for title, lines in sections if lines]
    return "\n".join(parts)
