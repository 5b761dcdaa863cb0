"""The plan: what the planner promises beside the OpenAPI contract, and what every later agent reads whole."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from core.types import AgentName, Json, Value

FieldType = Literal[
    "string", "text", "integer", "number", "decimal", "boolean", "date", "datetime", "email", "url", "enum",
    "reference", "reference_list",
]  # fmt: skip
Operation = Literal["list", "create", "read", "update", "delete"]
Snake = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Pascal = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$")]
Kebab = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class FieldSpec(Value):
    """One field of an entity.

    `reference` fields are named `<thing>_id` and hold the id of `references`; `reference_list` fields are named
    `<thing>_ids` and mean a many-to-many link. `server_set` fields are in answers only.
    """

    name: Snake
    type: FieldType
    required: bool = True
    unique: bool = False
    max_length: int | None = Field(default=None, ge=1, le=100_000)
    minimum: float | None = None
    maximum: float | None = None
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
    """One entity. Every entity also has `id` (integer), `created_at` and `updated_at` (UTC), set by the server."""

    name: Pascal
    table: Snake
    path: Kebab = Field(description="URL segment of the collection, for example `blog-posts`")
    label: str = Field(description="What a person calls one, for example `Blog post`")
    label_plural: str
    fields: tuple[FieldSpec, ...]
    operations: tuple[Operation, ...] = ("list", "create", "read", "update", "delete")
    access: Literal["public", "login", "owner"] = Field(
        default="public",
        description="public: no token; login: any signed-in user; owner: each user sees and changes only own rows (`owner_id`)",
    )
    unique_together: tuple[tuple[Snake, ...], ...] = ()
    search: tuple[Snake, ...] = Field(default=(), description="string fields that the `q` parameter searches")
    filters: tuple[Snake, ...] = Field(default=(), description="fields that are exact-match query parameters")
    sort: tuple[Snake, ...] = Field(
        default=(), description="fields that the `sort` parameter takes, `-` prefix for descending"
    )

    def field(self, name: str) -> FieldSpec | None:
        return next((field for field in self.fields if field.name == name), None)


class RuleSpec(Value):
    """One business rule: a sentence for everybody, and parameters for those who know the `kind`."""

    id: Snake
    kind: Snake
    entity: Pascal
    statement: str = Field(min_length=1)
    params: dict[str, Json] = Field(default_factory=dict)


class AuthSpec(Value):
    """How the application signs people in. The account entity is not in `entities`."""

    entity: Pascal = "User"
    table: Snake = "users"
    login_field: Literal["email"] = "email"


class AgentPlan(Value):
    """Why one agent takes part and what it is to do."""

    agent: AgentName
    why: str = Field(min_length=1)
    brief: str = ""


class Quality(Value):
    """What the reviewer's scores must reach (0 to 10) for the workflow to go on."""

    minimum_score: float = Field(default=7.0, ge=0, le=10)
    criteria: tuple[str, ...] = ()


class Plan(Value):
    """The whole plan. `ownership` maps an agent to the path globs (fnmatch, `**` for any depth) that only it may write."""

    title: str = Field(min_length=1, max_length=120)
    slug: Kebab
    summary: str
    agents: tuple[AgentPlan, ...]
    entities: tuple[EntitySpec, ...] = Field(min_length=1)
    auth: AuthSpec | None = None
    rules: tuple[RuleSpec, ...] = ()
    ownership: dict[AgentName, tuple[str, ...]]
    covered: tuple[str, ...] = Field(default=(), description="what of the sentence the plan holds, in its words")
    not_covered: tuple[str, ...] = Field(default=(), description="what of the sentence it does not hold, and why")
    quality: Quality = Quality()

    @property
    def has_frontend(self) -> bool:
        return any(entry.agent is AgentName.FRONTEND for entry in self.agents)

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
