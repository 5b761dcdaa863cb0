"""What the templates show of an entity: names, addresses, and the pieces of TypeScript that its fields become."""

from dataclasses import dataclass
from functools import cached_property

from core.plan import EntitySpec, Plan, RuleSpec
from core.standard.document import page_limits
from core.standard.operations import rules_for, snake
from llm.offline.entity_fields import display_field, writable_fields
from llm.offline.react_app.fields import NUMERIC, FieldView, Target
from llm.offline.react_app.imports import Export
from llm.offline.react_app.rules import (
    Children,
    Summary,
    Totals,
    children_of,
    summaries_of,
    totals_of,
    transitions_of,
)
from llm.offline.react_app.text import WIDTH, camel, element, in_sentence, js, jsx, listing, object_key

STOCK_FIELDS = ("quantity", "stock", "in_stock", "stock_level", "units")


@dataclass(frozen=True)
class EntityView:
    """One entity of the plan as the templates read it."""

    plan: Plan
    spec: EntitySpec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def path(self) -> str:
        return self.spec.path

    @property
    def url(self) -> str:
        return f"/api/{self.path}"

    @property
    def id_param(self) -> str:
        return f"{snake(self.name)}_id"

    @property
    def item_url(self) -> str:
        return f"{self.url}/{{{self.id_param}}}"

    @property
    def label(self) -> str:
        return self.spec.label

    @property
    def noun(self) -> str:
        return in_sentence(self.spec.label)

    @property
    def plural(self) -> str:
        return self.spec.label_plural

    @property
    def plural_noun(self) -> str:
        return in_sentence(self.plural)

    @property
    def secured(self) -> bool:
        return self.spec.access != "public"

    @property
    def can_read(self) -> bool:
        return "read" in self.spec.operations

    @property
    def can_create(self) -> bool:
        return "create" in self.spec.operations

    @property
    def can_edit(self) -> bool:
        return self.can_read and "update" in self.spec.operations

    @property
    def can_delete(self) -> bool:
        return "delete" in self.spec.operations

    @property
    def has_form(self) -> bool:
        return self.can_create or self.can_edit

    @property
    def mutates(self) -> bool:
        return self.has_form or self.can_delete or self.returns is not None

    @property
    def form_imports(self) -> str:
        names = [f"Edit{self.name}"] if self.can_edit else []
        return ", ".join([*names, *([f"New{self.name}"] if self.can_create else [])])

    @property
    def body_type(self) -> str:
        return f"{self.name}{'Create' if self.can_create else 'Update'}"

    @cached_property
    def shown(self) -> tuple[FieldView, ...]:
        """Every field but the owner of the row, who is the one that looks at it."""
        account = self.plan.auth.entity if self.plan.auth else None
        return tuple(
            FieldView(self.plan, self.spec, field)
            for field in self.spec.fields
            if not (field.server_set and field.references == account)
        )

    @cached_property
    def written(self) -> tuple[FieldView, ...]:
        return tuple(FieldView(self.plan, self.spec, field) for field in writable_fields(self.spec))

    @cached_property
    def narrowing(self) -> tuple[FieldView, ...]:
        fields = (self.spec.field(name) for name in self.spec.filters)
        return tuple(FieldView(self.plan, self.spec, field) for field in fields if field and not field.server_set)

    def _rule(self, kind: str) -> RuleSpec | None:
        return next(iter(rules_for(self.plan, self.spec, kind)), None)

    # The module that calls the API

    @property
    def page_size(self) -> int:
        return page_limits(self.plan, self.spec)[0]

    @property
    def sorts_constant(self) -> str:
        return f"{camel(self.name)}Sorts"

    @property
    def constants(self) -> tuple[str, ...]:
        found = [constant for field in self.shown if (constant := field.constant())]
        if self.spec.sort:
            names = [js(sign + name) for name in self.spec.sort for sign in ("", "-")]
            query = f'readonly {self.name}Query["sort"][]'
            found.append(listing(f"export const {self.sorts_constant} = [", names, f"] as const satisfies {query};"))
        return tuple(found)

    @property
    def is_referenced(self) -> bool:
        """True when rows of an entity that has pages name rows of this one."""
        return any(
            field.references == self.name
            for other in self.plan.entities
            if "list" in other.operations
            for field in other.fields
        )

    @property
    def options_query(self) -> str:
        _, maximum = page_limits(self.plan, self.spec)
        limit = "MAX_OPTIONS" if maximum >= 100 else str(maximum)
        named = display_field(self.spec)
        order = f', sort: "{named.name}"' if named and named.name in self.spec.sort else ""
        return f"{{ limit: {limit}{order} }}"

    @property
    def row_title(self) -> str:
        """An expression for what a row is called."""
        named = display_field(self.spec)
        if named is None:
            return f"`{self.label} #${{row.id}}`"
        optional = FieldView(self.plan, self.spec, named).nullable
        return f"row.{named.name} || `{self.label} #${{row.id}}`" if optional else f"row.{named.name}"

    @property
    def name_lambda(self) -> str:
        return f"(row) => {self.row_title}"

    @property
    def exports(self) -> tuple[Export, ...]:
        """What the entity's module and pages export to other modules."""
        module, name = f"@/api/{self.path}", self.name
        types = [f"{name}{suffix}" for suffix in ("Read", "Create", "Update", "Query", "LowQuery", "TotalsQuery")]
        hooks = [f"use{verb}{name}" for verb in ("Create", "Update", "Delete", "Return")]
        hooks += [f"use{name}{suffix}" for suffix in ("List", "LowList", "Row", "Options", "Totals")]
        hooks += [f"use{name}{summary.child}Summary" for summary in self.summaries]
        constants = [field.values_constant for field in self.shown if field.spec.type == "enum"]
        values = [*hooks, *constants, self.sorts_constant, f"export{name}Csv"]
        return (
            *(Export(item, module) for item in values),
            *(Export(item, module, is_type=True) for item in types),
            Export(f"{name}Totals", f"@/pages/{self.path}/{name}Totals"),
        )

    # The list

    @property
    def query_lines(self) -> tuple[str, ...]:
        lines = ['q: view.text("q")'] if self.spec.search else []
        if self.spec.sort:
            lines.append(f'sort: view.oneOf("sort", {self.sorts_constant})')
        return (*lines, *(field.query() for field in self.narrowing))

    @property
    def _naming(self) -> FieldView | None:
        """The field whose cell leads to the row's own page."""
        named = display_field(self.spec)
        return next((field for field in self.shown if field.spec == named), next(iter(self.shown), None))

    @property
    def columns(self) -> tuple[str, ...]:
        found = [self._column(field) for field in self.shown]
        if self.short_links:
            link = "<ExternalLink url={shortLink(row)} />"
            found.append(f'    {{ header: "Short link", cell: (row) => {link} }},')
        for name, label in (("created_at", "Created at"), ("updated_at", "Updated at")):
            if name in self.spec.sort:
                cell = f"cell: (row) => formatDateTime(row.{name})"
                found.append(f'    {{ header: "{label}", sort: "{name}", kind: "moment", {cell} }},')
        return tuple(found)

    def _naming_text(self, field: FieldView) -> str:
        """What the cell that leads to the row's page says; a row's number stands in for an empty value."""
        if not field.nullable:
            return field.text()
        if field.spec == display_field(self.spec):
            return self.row_title
        return f"row.{field.name} === null ? {self.row_title} : {field.text()}"

    def _column(self, field: FieldView) -> str:
        node = field.node(short=True)
        if field == self._naming and self.can_read:
            text = self._naming_text(field)
            node = f"<Link to={{`/{self.path}/${{row.id}}`}}>{{{text}}}</Link>"
        members = [f"header: {js(field.label)}"]
        if field.name in self.spec.sort:
            members.append(f'sort: "{field.name}"')
        if field.spec.type in NUMERIC:
            members.append('kind: "numeric"')
        elif field.spec.type in ("date", "datetime"):
            members.append('kind: "moment"')
        members.append(f"cell: (row) => {node}")
        short = f"    {{ {', '.join(members)} }},"
        return short if len(short) <= WIDTH else "\n".join(["    {", *(f"      {item}," for item in members), "    },"])

    def filters(self, indent: int) -> tuple[str, ...]:
        """What narrows the list, the search first."""
        search = element("TextFilter", ["view={view}", 'name="q"', 'label="Search"'], indent)
        return (*([search] if self.spec.search else []), *(field.filter(indent) for field in self.narrowing))

    @property
    def single_filter(self) -> str:
        """The attribute of the page for the only thing that narrows the list."""
        (control,) = self.filters(0)
        short = f"      filters={{{control}}}"
        return short if len(short) <= WIDTH else f"      filters={{\n{self.filters(8)[0]}\n      }}"

    @property
    def list_options(self) -> tuple[Target, ...]:
        return _targets([*self.shown, *self.narrowing])

    @property
    def low_stock(self) -> RuleSpec | None:
        return self._rule("low_stock")

    @property
    def low_label(self) -> str:
        field = str(self.low_stock.params.get("field")) if self.low_stock else ""
        return "Low stock" if field in STOCK_FIELDS else f"Low {field.replace('_', ' ')}"

    @property
    def low_threshold(self) -> int:
        given = self.low_stock.params.get("threshold") if self.low_stock else None
        return given if isinstance(given, int) else 5

    @property
    def exports_csv(self) -> bool:
        return self._rule("csv_export") is not None

    @property
    def returns(self) -> str | None:
        """The field that says when something was given back, where there is such a rule."""
        rule = self._rule("single_active")
        return str(rule.params["returned_field"]) if rule else None

    @property
    def short_links(self) -> str | None:
        rule = self._rule("counter_redirect")
        return str(rule.params["key_field"]) if rule else None

    # The form

    @property
    def controls(self) -> tuple[str, ...]:
        return tuple(field.control(editable=self.can_edit) for field in self.written)

    @property
    def read_lines(self) -> tuple[str, ...]:
        return tuple(field.reader(editable=self.can_edit) for field in self.written)

    @property
    def reads_row(self) -> bool:
        return self.can_edit and any(field.spec.type == "datetime" for field in self.written)

    @property
    def form_options(self) -> tuple[Target, ...]:
        return _targets(self.written)

    @property
    def status(self) -> str | None:
        rule = self._rule("status_flow")
        return str(rule.params["field"]) if rule else None

    @property
    def initial_states(self) -> str:
        """The only state that a new row may have, as a list."""
        rule = self._rule("status_flow")
        return f"[{js(str(rule.params['initial']))} as const]" if rule else "[]"

    @property
    def transitions(self) -> tuple[str, ...]:
        """Members of the object that says which states follow which."""
        return tuple(
            f"{object_key(state)}: [{', '.join(js(name) for name in following)}]"
            for state, following in transitions_of(self.plan, self.spec).items()
        )

    # The page of one row

    @property
    def facts(self) -> tuple[str, ...]:
        found = [(field.label, field.node()) for field in self.shown]
        found += [("Created at", "formatDateTime(row.created_at)"), ("Updated at", "formatDateTime(row.updated_at)")]
        lines = []
        for label, node in found:
            content = node if node.startswith("<") else f"{{{node}}}"
            lines.append(f"            <dt>{jsx(label)}</dt>\n            <dd>{content}</dd>")
        return tuple(lines)

    @property
    def detail_options(self) -> tuple[Target, ...]:
        return _targets(self.shown)

    @property
    def summaries(self) -> tuple[Summary, ...]:
        return summaries_of(self.plan, self.spec)

    @property
    def children(self) -> tuple[Children, ...]:
        return children_of(self.plan, self.spec)

    @cached_property
    def totals(self) -> Totals | None:
        return totals_of(self.plan, self.spec)

    @property
    def totals_options(self) -> tuple[Target, ...]:
        wanted = {group.options for group in self.totals.groups} if self.totals else set()
        return tuple(target for target in _targets(self.shown) if target.variable in wanted)


def _targets(fields: "list[FieldView] | tuple[FieldView, ...]") -> tuple[Target, ...]:
    """Every source of choices once, in order."""
    return tuple(dict.fromkeys(field.target for field in fields if field.target))
