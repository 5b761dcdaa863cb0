"""What a person does with each entity in the browser tests: the statements of the generated Python functions."""

import keyword
from dataclasses import dataclass
from functools import cached_property

from core.plan import EntitySpec, Plan
from core.standard.operations import rules_for, snake
from core.standard.schemas import max_length, number_bounds
from llm.offline.entity_fields import display_field
from llm.offline.react_app import samples
from llm.offline.react_app.fields import NUMERIC, TEXTUAL, FieldView
from llm.offline.react_app.text import js
from llm.offline.react_app.views import EntityView

_USED = frozenset({"ui", "expect", "float", "int", "unique"})
"""What the functions of the browser tests use themselves."""
EXCLUSIVE_RULES = ("unique_per", "single_active", "no_overlap", "capacity")


@dataclass(frozen=True)
class Journey:
    """The way of one row: created, found in the list, changed, deleted. `name` holds what its row shows."""

    view: EntityView
    creatable: frozenset[str]

    @property
    def function(self) -> str:
        return f"new_{snake(self.view.name)}"

    @cached_property
    def filled(self) -> tuple[FieldView, ...]:
        """The controls that are used; a workflow's state starts where it must, and choices that cannot be made are left."""
        return tuple(field for field in self.view.written if not field.is_workflow and self._can_be_filled(field))

    def _can_be_filled(self, field: FieldView) -> bool:
        if field.target is None or samples.is_account(field):
            return True
        return field.spec.references in self.creatable

    @property
    def parents(self) -> tuple[FieldView, ...]:
        """References to rows that have to be there first."""
        return tuple(field for field in self.filled if field.target and not samples.is_account(field))

    @cached_property
    def naming(self) -> FieldView | None:
        """The field whose value tells this row from the others in the table."""
        named = display_field(self.view.spec)
        kinds: tuple[tuple[str, ...], ...] = (("reference",), NUMERIC, ("date", "datetime"))
        candidates = [field for field in self.filled if field.spec == named]
        for kind in kinds:
            candidates += [field for field in self.filled if field.spec.type in kind and not samples.is_account(field)]
        return candidates[0] if candidates else None

    def _needs_own_parents(self) -> bool:
        spec, plan = self.view.spec, self.view.plan
        exclusive = bool(spec.unique_together) or any(rules_for(plan, spec, kind) for kind in EXCLUSIVE_RULES)
        return exclusive or (self.naming is not None and self.naming.spec.type == "reference")

    @cached_property
    def _tied(self) -> frozenset[str]:
        """References that must agree with others, so that they go to the rows which all tests share."""
        rules = [rule.params for rule in self.view.plan.rules if rule.kind == "same_parent"]
        names = {str(rule["through"]) for rule in rules if rule["parent"] == self.view.name}
        for rule in rules_for(self.view.plan, self.view.spec, "same_parent"):
            names |= {str(rule.params["reference"]), str(rule.params["same"])}
        return frozenset(names)

    @property
    def create_lines(self) -> tuple[str, ...]:
        lines = []
        for field in self.parents:
            maker = f"new_{snake(field.spec.references or '')}"
            own = self._needs_own_parents() and field.name not in self._tied
            value = f"{maker}(ui)" if own else f"ui.once({maker})"
            lines.append(f"{_local(field)} = {value}" if _has_name(field) else value)
        if self.naming and self.naming not in self.parents:
            lines.append(f"{_local(self.naming)} = {_unique(self.naming)}")
        lines.append(f"ui.start({js(self.view.plural)}, {js('New ' + self.view.label)})")
        lines += [self._enter(field) for field in self.filled]
        lines.append(f"ui.save({js(self.view.plural)})")
        return tuple(lines)

    @property
    def shown_name(self) -> str:
        """A Python expression for what the created row shows of its naming field."""
        return _shown(self.naming, _local(self.naming)) if self.naming else '""'

    def _enter(self, field: FieldView) -> str:
        label = js(field.label)
        if field == self.naming and field not in self.parents:
            return f"ui.fill({label}, {_local(field)})"
        match field.spec.type:
            case "boolean":
                return f"ui.check({label})"
            case "enum":
                return f"ui.choose({label}, in_words({js(samples.choice(field, another=True))}))"
            case "reference" | "reference_list" if samples.is_account(field):
                return f"ui.choose({label}, ui.email)"
            case "reference" | "reference_list" if field.target:
                if _has_name(field):
                    return f"ui.choose({label}, {_local(field)})"
                newest = f"ui.choose_newest({label})"
                return f"{_local(field)} = {newest}" if field == self.naming else newest
            case _:
                return f"ui.fill({label}, {_unique(field) if field.spec.unique else js(samples.entered(field, 5))})"

    # What is changed

    @cached_property
    def changed(self) -> FieldView | None:
        for kinds in (TEXTUAL, NUMERIC, ("date", "datetime"), ("boolean",), ("reference",)):
            for field in self.filled:
                fixed = field.name in self._tied | self._ends
                if field.spec.type in kinds and not samples.is_account(field) and not fixed:
                    return field
        return None

    @cached_property
    def _ends(self) -> frozenset[str]:
        """Both ends of a period: one of them alone cannot be moved to any day."""
        plan, spec = self.view.plan, self.view.spec
        rules = [*rules_for(plan, spec, "ordered_fields"), *rules_for(plan, spec, "no_overlap")]
        return frozenset(str(rule.params[end]) for rule in rules for end in ("start", "end"))

    @property
    def change_lines(self) -> tuple[str, ...]:
        """Statements that leave the new text of the row's cell in `changed`."""
        field = self.changed
        if field is None:
            return ()
        edit = f"ui.edit({js(self.view.plural)}, name)"
        save = f"ui.save({js(self.view.plural)})"
        label = js(field.label)
        if field.spec.type == "boolean":
            return ('changed = "No"', edit, f"ui.uncheck({label})", save)
        if field in self.parents:
            maker, back = f"new_{snake(field.spec.references or '')}(ui)", f"ui.open({js(self.view.plural)})"
            if not _has_name(field):
                return (maker, back, edit, f"changed = ui.choose_newest({label})", save)
            return (f"changed = {maker}", back, edit, f"ui.choose({label}, changed)", save)
        value = _unique(field)
        shown = _shown(field, "value")
        if shown == "value":
            return (f"changed = {value}", edit, f"ui.fill({label}, changed)", save)
        return (f"value = {value}", f"changed = {shown}", edit, f"ui.fill({label}, value)", save)

    @property
    def renames(self) -> bool:
        """True when the change is to what the row is found by."""
        return self.changed is not None and self.changed == self.naming


def _has_name(field: FieldView) -> bool:
    """Whether the rows that the field refers to are called by a text of their own; others are called by their number."""
    target = field.plan.entity(field.spec.references or "")
    return target is None or display_field(target) is not None


def _local(field: FieldView) -> str:
    """The local variable that holds the field's value."""
    taken = keyword.iskeyword(field.name) or field.name in _USED
    return f"{field.name}_" if taken else field.name


def _unique(field: FieldView) -> str:
    """A Python expression for text that no other row has."""
    spec = field.spec
    match spec.type:
        case "email":
            return "unique_email()"
        case "url":
            return "unique_url()"
        case "date":
            return "unique_day()"
        case "datetime":
            return 'unique_day() + "T10:00"'
        case kind if kind in NUMERIC:
            least, most = number_bounds(spec)
            low = int(least) + 1 if spec.minimum is not None else 1
            high = int(most) if spec.maximum is not None and most < 1_000_000 else low + 100_000
            return f"unique_number({low}, {high})"
        case _:
            limit = min(max_length(spec), 60)
            return f"unique_key({limit})" if field.is_key else f"unique({js(field.label)}, {limit})"


def _shown(field: FieldView, value: str) -> str:
    """A Python expression for how the table shows what `value` holds as typed text."""
    match field.spec.type:
        case "decimal":
            return f'f"{{float({value}):,.2f}}"'
        case "number":
            return f'f"{{int({value}):,}}"'
        case "date":
            return f"day_in_words({value})"
        case "datetime":
            return f'day_in_words({value}[:10]) + ", 10:00"'
        case _:
            return value


def journeys(plan: Plan, entities: list[EntityView]) -> list[Journey]:
    """Every entity, referenced ones first; a reference that would lead back to itself is left empty."""
    done: dict[str, Journey] = {}
    views = {view.name: view for view in entities}

    def visit(entity: EntitySpec, under: tuple[str, ...]) -> None:
        if entity.name in done or entity.name in under or entity.name not in views:
            return
        for field in entity.fields:
            target = plan.entity(field.references or "")
            if target and not field.server_set:
                visit(target, (*under, entity.name))
        made = frozenset(name for name, journey in done.items() if journey.view.can_create)
        done[entity.name] = Journey(views[entity.name], made)

    for entity in plan.entities:
        visit(entity, ())
    return list(done.values())
