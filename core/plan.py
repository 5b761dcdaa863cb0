"""The plan: what the planner promises beside the OpenAPI contract, and what every later agent works from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypeAliasType

from core.ownership import CI_PATHS, ShippedBy, usual_ownership, with_ci_of
from core.types import AgentName, Json, Value

FieldType = Literal[
    "string", "text", "integer", "number", "decimal", "boolean", "date", "datetime", "email", "url", "enum",
    "reference", "reference_list",
]  # fmt: skip
Operation = Literal["list", "create", "read", "update", "delete"]
Snake = TypeAliasType("Snake", Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="snake_case")])
Pascal = TypeAliasType("Pascal", Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$", description="PascalCase")])
Kebab = TypeAliasType("Kebab", Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$", description="kebab-case")])
EXACT = 2**53
"""Up to here a float holds every integer."""


def _whole(bound: int | float) -> int | float:
    """`1.0` is `1`: a bound of integers is written as one wherever it is shown."""
    return int(bound) if isinstance(bound, float) and abs(bound) <= EXACT and bound.is_integer() else bound


Bound = Annotated[int | float, Field(allow_inf_nan=False), AfterValidator(_whole)]


class FieldSpec(Value):
    """A `reference` is named `<thing>_id`, a `reference_list` `<thing>_ids` (many to many); `server_set` is in answers only."""

    name: Snake
    type: FieldType
    required: bool = True
    unique: bool = False
    max_length: int | None = Field(default=None, ge=1, le=100_000)
    minimum: Bound | None = None
    maximum: Bound | None = None
    values: tuple[str, ...] = ()
    default: Json = None
    references: Pascal | None = None
    server_set: bool = False
    description: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.type in ("reference", "reference_list") and self.references is None:
            raise ValueError(f"field {self.name}: a {self.type} needs `references`")
        if self.type == "enum" and not self.values:
            raise ValueError(f"field {self.name}: an enum needs `values`")
        return self


class EntitySpec(Value):
    """One entity, without `id`, `created_at` and `updated_at`, which each has."""

    name: Pascal
    table: Snake
    path: Kebab = Field(description="URL segment of the collection: `blog-posts`")
    label: str = Field(description="for people: `Blog post`")
    label_plural: str
    fields: tuple[FieldSpec, ...]
    operations: tuple[Operation, ...] = ("list", "create", "read", "update", "delete")
    access: Literal["public", "login", "owner"] = Field(
        default="public",
        description="without a token; every row by any signed-in user, but for what a rule says; own rows only (`owner_id`)",
    )
    public_operations: tuple[Operation, ...] = Field(
        default=(), description="of `operations`, those that need no token all the same, for every row"
    )
    unique_together: tuple[tuple[Snake, ...], ...] = ()
    search: tuple[Snake, ...] = Field(default=(), description="string fields that `q` searches")
    filters: tuple[Snake, ...] = Field(default=(), description="fields that are query parameters")
    sort: tuple[Snake, ...] = Field(default=(), description="fields that `sort` takes, `-` in front for descending")

    def field(self, name: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True)
class RuleKind:
    """A kind of rule that is known: what it means for the rule's `entity`, and its params, with a word where one is needed.

    `optional` are params that may be null or left out.
    """

    meaning: str
    params: Mapping[str, str]
    optional: tuple[str, ...] = ()


RULE_KINDS: Mapping[str, RuleKind] = {
    "capacity": RuleKind(
        "no more rows point to a row of `parent` than its `field` says; else 409",
        {"parent": "", "reference": "", "field": "integer field of the parent"},
    ),
    "unique_per": RuleKind("no two rows agree in all `fields`; else 409", {"fields": "[field]"}),
    "status_flow": RuleKind(
        "`field` starts as `initial` and moves along `transitions`; else 409",
        {"field": "", "initial": "", "transitions": "{value: [next]}"},
    ),
    "single_active": RuleKind(
        "at most one open row per `reference`; `POST /{id}/return` sets `returned_field` and ends it",
        {"reference": "", "returned_field": "server-set optional datetime"},
    ),
    "counter_redirect": RuleKind(
        "`GET /r/{key}` answers 307 to the target and counts",
        {"key_field": "unique", "target_field": "url", "count_field": "server-set integer"},
    ),
    "totals": RuleKind(
        "`GET /totals` sums `value` by each of `group_by`",
        {"value": "", "date": "", "group_by": '[field], or "month" of `date`'},
        optional=("date",),
    ),
    "child_summary": RuleKind(
        "`GET /{id}/<child>-summary`: count, sum and average of the child's `value`",
        {"child": "", "reference": "", "value": ""},
        optional=("value",),
    ),
    "csv_export": RuleKind("`GET /export.csv` answers all rows as CSV", {}),
    "low_stock": RuleKind(
        "`GET /low-stock?threshold=` lists rows with at most that",
        {"field": "", "threshold": "the default"},
    ),
    "no_overlap": RuleKind(
        "spans of rows with the same `reference` do not overlap; else 409",
        {"reference": "", "start": "", "end": ""},
    ),
    "ordered_fields": RuleKind(
        "`end` is after `start`; else 422",
        {"start": "", "end": ""},
    ),
    "page_size": RuleKind("a page has `default` rows, at most `maximum`", {"default": "", "maximum": ""}),
}
"""What generated applications and their tests know by kind. A rule of another kind is its statement."""


class RuleSpec(Value):
    """`params` are for those who know the `kind`."""

    id: Snake
    kind: Snake
    entity: Pascal
    statement: str = Field(min_length=1)
    params: dict[str, Json] = Field(default_factory=dict)


class AuthSpec(Value):
    """How people sign in. The account entity is not in `entities`."""

    entity: Pascal = "User"
    table: Snake = "users"
    login_field: Literal["email"] = "email"


class AgentPlan(Value):
    """Why it takes part, and what it is to do."""

    agent: AgentName
    why: str = Field(min_length=1)
    brief: str = ""


class Plan(Value):
    """What is built, and by whom."""

    title: str = Field(min_length=1, max_length=120)
    slug: Kebab
    summary: str
    agents: tuple[AgentPlan, ...]
    entities: tuple[EntitySpec, ...] = Field(min_length=1)
    auth: AuthSpec | None = None
    rules: tuple[RuleSpec, ...] = ()
    ownership: dict[AgentName, tuple[str, ...]] = Field(
        default_factory=dict,
        description="globs (`**`: any depth) of paths that only this agent may write; left out for the usual layout",
    )
    covered: tuple[str, ...] = Field(default=(), description="what of the sentence is in it, in its words")
    not_covered: tuple[str, ...] = Field(default=(), description="what is not, and why")
    code_host: SkipJsonSchema[ShippedBy] = "github"
    """Not the planner's to say, so its schema does not show it: see `shipped_by`."""

    @model_validator(mode="before")
    @classmethod
    def _usual_ownership(cls, data: Any) -> Any:
        """Those who take part own the usual paths where the plan does not say which."""
        if not isinstance(data, dict) or data.get("ownership"):
            return data
        entries = data.get("agents") or ()
        names = {entry.get("agent") if isinstance(entry, dict) else getattr(entry, "agent", None) for entry in entries}
        usual = usual_ownership({*names, AgentName.PLANNER})
        host = next((one for one in CI_PATHS if one == data.get("code_host")), None)
        return {**data, "ownership": with_ci_of(host, usual) if host else usual}

    def shipped_by(self, code_host: ShippedBy) -> Self:
        """The plan for an application whose CI is that of `code_host`; itself when it is so already."""
        if self.code_host == code_host:
            return self
        return self.model_copy(update={"code_host": code_host, "ownership": with_ci_of(code_host, self.ownership)})

    @property
    def has_frontend(self) -> bool:
        return any(entry.agent is AgentName.FRONTEND for entry in self.agents)

    @property
    def has_references(self) -> bool:
        return any(field.references for entity in self.entities for field in entity.fields)

    def entity(self, name: str) -> EntitySpec | None:
        return next((entity for entity in self.entities if entity.name == name), None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = {entity.name for entity in self.entities} | ({self.auth.entity} if self.auth else set())
        for entity in self.entities:
            for field in entity.fields:
                if field.references and field.references not in names:
                    raise ValueError(f"{entity.name}.{field.name} references unknown entity {field.references}")
            if entity.access != "public" and self.auth is None:
                raise ValueError(f"{entity.name} needs a signed-in user, but the plan has no `auth`")
        for rule in self.rules:
            if rule.entity not in names:
                raise ValueError(f"rule {rule.id} names unknown entity {rule.entity}")
        return self
