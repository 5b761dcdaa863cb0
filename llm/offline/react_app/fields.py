"""What one field of an entity becomes in the interface: cells, form controls, readers of the form, filters."""

from dataclasses import dataclass

from core.plan import EntitySpec, FieldSpec, Plan
from core.standard.schemas import is_nullable, key_fields, max_length
from llm.offline.entity_fields import humanize
from llm.offline.react_app.text import attr, camel, element, js, listing, pascal

NUMERIC = ("integer", "number", "decimal")
TEXTUAL = ("string", "text", "email", "url")


@dataclass(frozen=True)
class Target:
    """Where the choices of a reference come from."""

    variable: str
    hook: str
    module: str


@dataclass(frozen=True)
class FieldView:
    """One field with what its expressions need. Every method gives TypeScript, with `row` as the row's variable."""

    plan: Plan
    entity: EntitySpec
    spec: FieldSpec

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def label(self) -> str:
        """The field's name in words; a link to many rows is called as those rows are."""
        target = self.plan.entity(self.spec.references or "")
        if self.spec.type == "reference_list" and target:
            return target.label_plural
        return humanize(self.name)

    @property
    def nullable(self) -> bool:
        return is_nullable(self.plan, self.entity, self.spec)

    @property
    def is_key(self) -> bool:
        return self.name in key_fields(self.plan, self.entity)

    @property
    def must_be_filled(self) -> bool:
        """False where leaving the control empty is a value that the API takes."""
        if self.nullable or self.is_key or self.spec.type in ("boolean", "reference_list"):
            return False
        return self.spec.required or self.spec.type not in TEXTUAL

    @property
    def target(self) -> Target | None:
        """None for a field that refers to nothing, or to rows that cannot be listed."""
        name = self.spec.references
        if self.plan.auth and name == self.plan.auth.entity:
            return Target("userOptions", "useUserOptions", "@/auth/account")
        entity = self.plan.entity(name or "")
        if entity is None or "list" not in entity.operations:
            return None
        return Target(f"{camel(entity.name)}Options", f"use{entity.name}Options", f"@/api/{entity.path}")

    @property
    def values_constant(self) -> str:
        return f"{camel(self.entity.name)}{pascal(self.name)}Values"

    def constant(self) -> str | None:
        """The values of an enum, checked against the contract."""
        if self.spec.type != "enum":
            return None
        values = [js(value) for value in self.spec.values]
        type_name = f'{self.entity.name}Read["{self.name}"]'
        of = f"NonNullable<{type_name}>" if self.nullable else type_name
        return listing(f"export const {self.values_constant} = [", values, f"] as const satisfies readonly {of}[];")

    # What is shown

    def text(self) -> str:
        """An expression for the value in words."""
        value = f"row.{self.name}"
        match self.spec.type:
            case "boolean":
                return f"formatFlag({value})"
            case "date":
                return f"formatDate({value})"
            case "datetime":
                return f"formatDateTime({value})"
            case "decimal":
                return f"formatMoney({value})"
            case "number":
                return f"formatNumber({value})"
            case "enum":
                return f"formatChoice({value})"
            case "reference" if self.target:
                return f"nameOf({self.target.variable}.data, {value})"
            case "reference_list" if self.target:
                return f"namesOf({self.target.variable}.data, {value})"
            case "reference_list":
                return f'{value}.join(", ")'
            case _:
                return value if not self.nullable and self.spec.type in TEXTUAL else f"formatText({value})"

    def node(self, *, short: bool = False) -> str:
        """JSX for the value: links can be followed, and long text is cut in a table (`short`)."""
        value = f"row.{self.name}"
        if self.spec.type == "url":
            return f"<ExternalLink url={{{value}}} />"
        if self.spec.type == "email" and not self.nullable:
            return f"<a href={{`mailto:${{{value}}}`}}>{{{value}}}</a>"
        if self.spec.type == "text" and short:
            return f'<span className="excerpt">{{{self.text()}}}</span>'
        return self.text()

    # What is entered

    def control(self, *, editable: bool, indent: int = 6) -> str:
        """The labelled control of the form; `editable` when it may be filled from a `row`."""
        tag, attributes = self._control(editable)
        return element(tag, attributes, indent)

    def _control(self, editable: bool) -> tuple[str, list[str]]:
        spec = self.spec
        common = [f'name="{self.name}"', f"label={attr(self.label)}"]
        if self.must_be_filled:
            common.append("required")
        elif self.is_key:
            common.append('hint="Left empty, one is made up."')
        start = self._start("defaultValue", editable)
        match spec.type:
            case "string" | "email" | "url":
                kind = [] if spec.type == "string" else [f'type="{spec.type}"']
                return "TextField", [*common, *kind, f"maxLength={{{max_length(spec)}}}", *start]
            case "text":
                return "TextAreaField", [*common, f"maxLength={{{max_length(spec)}}}", *start]
            case "date":
                return "TextField", [*common, 'type="date"', *start]
            case "datetime":
                return "DateTimeField", [*common, *start]
            case "boolean":
                plain = [item for item in common if item != "required"]
                return "CheckboxField", [*plain, *self._start("defaultChecked", editable)]
            case "enum":
                choices = f"{self._states()}.map((value) => ({{ value, label: inWords(value) }}))"
                return "SelectField", [*common, f"choices={{{choices}}}", *start]
            case "reference" if self.target:
                return "ReferenceField", [*common, f"options={{{self.target.variable}}}", *start]
            case "reference_list" if self.target:
                return "ReferenceListField", [*common, f"options={{{self.target.variable}}}", *start]
            case _:
                return "NumberField", [*common, *self._bounds(), *start]

    def _states(self) -> str:
        """What the select offers: the next states of a workflow, else every value."""
        return "states" if self.is_workflow else self.values_constant

    @property
    def is_workflow(self) -> bool:
        return any(
            rule.kind == "status_flow" and rule.entity == self.entity.name and rule.params.get("field") == self.name
            for rule in self.plan.rules
        )

    def _start(self, attribute: str, editable: bool) -> list[str]:
        default = self.spec.default
        fallback = js(default) if isinstance(default, str | int | float) and default is not False else None
        if not editable:
            return [f"{attribute}={{{fallback}}}"] if fallback else []
        value = f"row?.{self.name}"
        return [f"{attribute}={{{value} ?? {fallback}}}" if fallback else f"{attribute}={{{value}}}"]

    def _bounds(self) -> list[str]:
        spec = self.spec
        least = 1 if spec.type == "reference" else spec.minimum
        whole = spec.type in ("integer", "reference", "reference_list")
        bounds = [f"min={{{_number(least)}}}"] if least is not None else []
        if spec.maximum is not None:
            bounds.append(f"max={{{_number(spec.maximum)}}}")
        step = "{1}" if whole else "{0.01}" if spec.type == "decimal" else '"any"'
        return [*bounds, f"step={step}"]

    def reader(self, *, editable: bool) -> str:
        """The member of the request's body that is read from the form; `editable` as for `control`."""
        name = js(self.name)
        if self.is_key:
            return f"{self.name}: readText(data, {name}) || undefined"
        optional = "" if not self.nullable else "Optional"
        match self.spec.type:
            case "boolean":
                call = f"readFlag(data, {name})"
            case "reference_list":
                call = f"readNumbers(data, {name})"
            case "integer" | "number" | "decimal" | "reference":
                call = f"read{optional}Number(data, {name})"
            case "datetime":
                before = f", row?.{self.name}" if editable else ""
                call = f"read{optional}DateTime(data, {name}{before})"
            case "enum":
                call = f"read{optional}Choice(data, {name}, {self.values_constant})"
            case _:
                call = f"read{optional}Text(data, {name})"
        return f"{self.name}: {call}"

    # What narrows a list

    def query(self) -> str:
        """The member of the list's query that is read from the address."""
        name = js(self.name)
        match self.spec.type:
            case "boolean":
                call = f"view.flag({name})"
            case "enum":
                call = f"view.oneOf({name}, {self.values_constant})"
            case "integer" | "number" | "decimal" | "reference" | "reference_list":
                call = f"view.number({name})"
            case "datetime":
                call = f"view.moment({name})"
            case _:
                call = f"view.text({name})"
        return f"{self.name}: {call}"

    def filter(self, indent: int) -> str:
        common = ["view={view}", f'name="{self.name}"', f"label={attr(self.label)}"]
        match self.spec.type:
            case "boolean":
                return element("FlagFilter", common, indent)
            case "enum":
                choices = f"choices={{{self.values_constant}.map((value) => ({{ value, label: inWords(value) }}))}}"
                return element("SelectFilter", [*common, choices], indent)
            case "reference" | "reference_list" if self.target:
                return element("ReferenceFilter", [*common, f"options={{{self.target.variable}}}"], indent)
            case "date":
                return element("TextFilter", [*common, 'type="date"'], indent)
            case "datetime":
                return element("TextFilter", [*common, 'type="datetime-local"'], indent)
            case "string" | "text" | "email" | "url":
                return element("TextFilter", common, indent)
            case _:
                return element("TextFilter", [*common, 'type="number"'], indent)


def _number(value: float) -> str:
    """A number without exponent and without a needless fraction."""
    return str(int(value)) if value == int(value) else repr(value)
