"""View models: everything that the templates say about an application, computed once from its plan."""

from dataclasses import dataclass
from functools import cached_property

from core.plan import EntitySpec, FieldSpec, Plan, RuleSpec
from core.standard.document import page_limits
from core.standard.operations import is_referenced, rules_for, snake
from core.standard.schemas import is_nullable, key_fields
from llm.offline.entity_fields import writable_fields
from llm.offline.python_app.layout import clean
from llm.offline.python_app.names import module_name, relation_name, safe, service_name, test_name


@dataclass(frozen=True)
class Link:
    """A field that points at rows of another entity: `relation` is the attribute, `owned` that users see own rows only."""

    field: FieldSpec
    relation: str
    target: str
    target_table: str
    target_module: str
    owned: bool

    @property
    def many(self) -> bool:
        return self.field.type == "reference_list"


@dataclass(frozen=True)
class SameParent:
    """The row of entity `parent` that `reference` names has in `through` what the child has in `same`."""

    parent: str
    reference: str
    through: str
    same: str


@dataclass(frozen=True)
class Entity:
    """One entity with its names and rules."""

    plan: Plan
    spec: EntitySpec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def one(self) -> str:
        return snake(self.spec.name)

    @property
    def variable(self) -> str:
        """A local variable that holds one row."""
        return safe(self.one)

    @property
    def many(self) -> str:
        return self.spec.table

    @property
    def module(self) -> str:
        return module_name(self.spec)

    @property
    def service(self) -> str:
        return service_name(self.spec)

    @property
    def test_module(self) -> str:
        return test_name(self.spec)

    @property
    def body(self) -> str:
        """The function of the tests that makes a body; pytest would collect one that is called `test_...`."""
        return f"a_{self.one}_body" if self.one.startswith("test") else f"{self.one}_body"

    @property
    def label(self) -> str:
        return clean(self.spec.label).lower()

    @property
    def labels(self) -> str:
        return clean(self.spec.label_plural).lower()

    @property
    def article(self) -> str:
        return "an" if self.label[:1] in "aeiou" else "a"

    @property
    def path(self) -> str:
        return f"/api/{self.spec.path}"

    @property
    def owned(self) -> bool:
        return self.spec.access == "owner"

    @property
    def secured(self) -> bool:
        return self.spec.access != "public"

    @property
    def writable(self) -> tuple[FieldSpec, ...]:
        return writable_fields(self.spec)

    @property
    def referenced(self) -> bool:
        return is_referenced(self.plan, self.spec)

    @property
    def page(self) -> tuple[int, int]:
        return page_limits(self.plan, self.spec)

    @property
    def keys(self) -> frozenset[str]:
        return key_fields(self.plan, self.spec)

    def can(self, operation: str) -> bool:
        return operation in self.spec.operations

    def nullable(self, field: FieldSpec) -> bool:
        return is_nullable(self.plan, self.spec, field)

    def rule(self, kind: str) -> RuleSpec | None:
        """The first rule of that kind: no kind makes sense twice for one entity, but for those of `rules`."""
        return next(iter(self.rules(kind)), None)

    def rules(self, kind: str) -> tuple[RuleSpec, ...]:
        return rules_for(self.plan, self.spec, kind)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every field that points at other rows, `owner_id` too."""
        return tuple(self._link(field) for field in self.spec.fields if field.references)

    @property
    def parents(self) -> tuple[Link, ...]:
        """Links to one row."""
        return tuple(link for link in self.links if not link.many)

    @property
    def lists(self) -> tuple[Link, ...]:
        """Links to many rows."""
        return tuple(link for link in self.links if link.many)

    @property
    def given(self) -> tuple[Link, ...]:
        """Links that a client sends."""
        return tuple(link for link in self.links if not link.field.server_set)

    def link(self, name: str) -> Link:
        return next(link for link in self.links if link.field.name == name)

    @property
    def needs_user(self) -> bool:
        """True when the services must know who asks: for own rows, or for links to rows that are somebody's own."""
        return self.owned or (self.secured and any(link.owned for link in self.given))

    @property
    def unique_together(self) -> tuple[tuple[str, ...], ...]:
        """Sets of fields that no two rows share, of the entity and of its `unique_per` rules."""
        found = list(self.spec.unique_together)
        for rule in self.rules("unique_per"):
            names = rule.params.get("fields")
            group = tuple(str(name) for name in names) if isinstance(names, list) else ()
            if group and group not in found:
                found.append(group)
        return tuple(found)

    @cached_property
    def same_parents(self) -> tuple[SameParent, ...]:
        """Its `same_parent` rules, in the order in which the nearest parent leads to the others."""
        names = ("parent", "reference", "through", "same")
        found = [SameParent(*(str(rule.params[name]) for name in names)) for rule in self.rules("same_parent")]
        return tuple(sorted(found, key=lambda one: sum(other.same == one.reference for other in found)))

    def companions(self, name: str) -> tuple[str, ...]:
        """The link of that name, and those that have to be changed with it."""
        found = [name]
        for one in found:
            for rule in self.same_parents:
                found += [
                    other
                    for other in (rule.reference, rule.same)
                    if one in (rule.reference, rule.same) and other not in found
                ]
        return tuple(found)

    @property
    def conflict(self) -> str:
        """What a client is told when the database refuses a row."""
        rules = [*self.rules("single_active"), *self.rules("unique_per")]
        said = [clean(rule.statement) for rule in rules]
        alone = [field.name for field in self.spec.fields if field.unique or field.name in self.keys]
        stated = {tuple(str(name) for name in _list(rule.params.get("fields"))) for rule in self.rules("unique_per")}
        groups = [" and ".join(group) for group in self.unique_together if group not in stated]
        same = [name.replace("_", " ").removesuffix(" id") for name in (*alone, *groups)]
        if same:
            said.append(f"There is {self.article} {self.label} with the same {' or the same '.join(same)} already.")
        return " ".join(said) or "This conflicts with a change that was made at the same time."

    def _link(self, field: FieldSpec) -> Link:
        target = self.plan.entity(str(field.references))
        if target is None:  # the account, which is not among the entities
            auth = self.plan.auth
            name, table = (auth.entity, auth.table) if auth else ("User", "users")
            return Link(field, relation_name(field, table), name, table, safe(snake(name)), owned=False)
        owned = target.access == "owner"
        return Link(field, relation_name(field, target.table), target.name, target.table, module_name(target), owned)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def entities(plan: Plan) -> tuple[Entity, ...]:
    return tuple(Entity(plan, spec) for spec in plan.entities)


def in_creation_order(plan: Plan) -> tuple[Entity, ...]:
    """Entities with what they point at before them; a cycle is cut where it is met."""
    by_name = {entity.name: entity for entity in entities(plan)}
    ordered: dict[str, Entity] = {}
    visiting: set[str] = set()

    def visit(entity: Entity) -> None:
        if entity.name in ordered or entity.name in visiting:
            return
        visiting.add(entity.name)
        for link in entity.links:
            if link.target in by_name:
                visit(by_name[link.target])
        ordered[entity.name] = entity

    for entity in by_name.values():
        visit(entity)
    return tuple(ordered.values())
