"""What a plan can say wrongly beside its schema, told to the planner before a contract is made from it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from core.plan import RULE_KINDS, EntitySpec, Plan, RuleSpec
from core.types import BUILDERS, AgentName

_NEEDED = frozenset({AgentName.BACKEND, AgentName.DATABASE, AgentName.QA})
_OF_EVERY_ROW = frozenset({"id", "created_at", "updated_at"})
_SEARCHABLE = frozenset({"string", "text", "email", "url"})


def plan_problems(plan: Plan) -> list[str]:
    """Everything that is wrong with a plan, as sentences; empty when there is nothing."""
    return [
        *_crew(plan),
        *_names(plan),
        *(problem for entity in plan.entities for problem in _entity(plan, entity)),
        *(problem for rule in plan.rules for problem in _rule(rule)),
    ]


def _crew(plan: Plan) -> Iterator[str]:
    taking_part = {entry.agent for entry in plan.agents}
    for agent in sorted(_NEEDED - taking_part):
        yield f"{agent} must take part"
    for agent in sorted({*BUILDERS, AgentName.QA, AgentName.DEVOPS} & taking_part):
        if not plan.ownership.get(agent):
            yield f"{agent} has no paths in `ownership`"


def _names(plan: Plan) -> Iterator[str]:
    """Entities, tables and paths stand for one thing each."""
    auth = plan.auth
    for what, taken in (
        ("name", [*(entity.name for entity in plan.entities), *([auth.entity] if auth else [])]),
        ("table", [*(entity.table for entity in plan.entities), *([auth.table] if auth else [])]),
        ("path", [*(entity.path for entity in plan.entities), *(["auth"] if auth else [])]),
    ):
        for name in _twice(taken):
            by_auth = " (`auth` has one)" if auth and name in (auth.entity, auth.table, "auth") else ""
            yield f"two entities have the {what} {name}{by_auth}"


def _entity(plan: Plan, entity: EntitySpec) -> Iterator[str]:
    names = [field.name for field in entity.fields]
    for name in _twice(names):
        yield f"{entity.name} has two fields {name}"
    for name in sorted(_OF_EVERY_ROW & set(names)):
        yield f"{entity.name}.{name} is there without being said"
    known = {*names, *_OF_EVERY_ROW}
    for member in ("search", "filters", "sort"):
        for name in getattr(entity, member):
            if name not in known:
                yield f"{entity.name}.{member} names {name}, which is no field of it"
    for name in entity.search:
        found = entity.field(name)
        if name in _OF_EVERY_ROW or (found and found.type not in _SEARCHABLE):
            yield f"{entity.name}.search names {name}, which is no text"
    for group in entity.unique_together:
        for name in group:
            if name not in known:
                yield f"{entity.name}.unique_together names {name}, which is no field of it"
    for name in entity.public_operations:
        if name not in entity.operations:
            yield f"{entity.name}.public_operations names {name}, which is none of its operations"
    owner = entity.field("owner_id")
    if entity.access == "owner" and not (
        owner and owner.server_set and plan.auth and owner.references == plan.auth.entity
    ):
        yield f"{entity.name} is its owner's, so that it needs a server-set reference `owner_id` to the account entity"


def _rule(rule: RuleSpec) -> Iterator[str]:
    """Params that a known kind cannot do without. Rules of other kinds are their statements."""
    kind = RULE_KINDS.get(rule.kind)
    missing = [name for name in kind.params if name not in (*rule.params, *kind.optional)] if kind else []
    if missing:
        yield f"rule {rule.id} of kind {rule.kind} lacks the params {', '.join(missing)}"


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
