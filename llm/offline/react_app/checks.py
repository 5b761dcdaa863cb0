"""What the generated Vitest tests do with each entity: how its form is filled, and what has to be sent then."""

from dataclasses import dataclass
from functools import cached_property

from llm.offline.entity_fields import display_field
from llm.offline.react_app import samples
from llm.offline.react_app.fields import TEXTUAL, FieldView
from llm.offline.react_app.rules import transitions_of
from llm.offline.react_app.text import camel, js, key
from llm.offline.react_app.views import EntityView

CREATED, EDITED = 3, 4
TYPED = (*TEXTUAL, "integer", "number", "decimal", "date", "datetime")


@dataclass(frozen=True)
class EntityChecks:
    """The tests of one entity. The fake API holds its rows 1 and 2."""

    view: EntityView

    @property
    def factory(self) -> str:
        """The function that makes row `id`."""
        return f"{camel(self.view.name)}Row"

    @property
    def factory_lines(self) -> tuple[str, ...]:
        fields = (FieldView(self.view.plan, self.view.spec, field) for field in self.view.spec.fields)
        return tuple(f"{field.name}: {samples.in_row(field)}" for field in fields)

    @property
    def title(self) -> str:
        return samples.row_name(self.view.plan, self.view.name, 1)

    @property
    def shown_text(self) -> str:
        """What stands in the table for the first row, where the row has a name of its own."""
        return self.title if display_field(self.view.spec) else ""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(field.label for field in self.view.shown)

    @property
    def create_steps(self) -> tuple[str, ...]:
        return tuple(_step(field, CREATED) for field in self.view.written)

    @property
    def created_body(self) -> tuple[str, ...]:
        return tuple(key(field.name, _sent(field, CREATED)) for field in self.view.written)

    @cached_property
    def edited(self) -> FieldView | None:
        """The field that the test of editing changes."""
        writable = self.view.written
        for kinds in (TYPED, ("boolean",), ("reference", "reference_list", "enum")):
            for field in writable:
                if field.spec.type in kinds and not (field.is_workflow or samples.is_account(field)):
                    return field
        return None

    @property
    def edit_step(self) -> str:
        return _step(self.edited, EDITED) if self.edited else ""

    @property
    def edited_body(self) -> str:
        return key(self.edited.name, _sent(self.edited, EDITED)) if self.edited else ""

    @property
    def has_required_text(self) -> bool:
        """True when an untouched form must not be sent."""
        return any(
            field.must_be_filled and field.spec.default is None and field.spec.type != "enum"
            for field in self.view.written
        )

    @property
    def narrowings(self) -> tuple[tuple[str, str, str], ...]:
        """Label, step and expected query of each filter."""
        found = []
        for field in self.view.narrowing:
            match field.spec.type:
                case "boolean":
                    step, sent = f'await choose({js(field.label)}, "Yes")', "true"
                case "datetime":
                    continue
                case "integer" | "number" | "decimal":
                    sent = f"{samples.number(field.spec, 1):g}"
                    step = f"typeAndEnter({js(field.label)}, {js(sent)})"
                case "enum":
                    sent = samples.choice(field)
                    step = _step(field, 1)
                case "reference" | "reference_list" if field.target:
                    sent = "1" if samples.is_account(field) else "2"
                    step = _step(field, 2)
                case _:
                    sent = samples.entered(field, 1)
                    step = f"typeAndEnter({js(field.label)}, {js(sent)})"
            found.append((field.name, step, sent))
        return tuple(found)

    @property
    def sort(self) -> tuple[str, str] | None:
        """Header and name of the first column that can be sorted and is a field."""
        for field in self.view.shown:
            if field.name in self.view.spec.sort:
                return field.label, field.name
        return None

    @property
    def workflow(self) -> tuple[str, tuple[str, ...]] | None:
        """Label of the status and the states offered for a row in its first state."""
        following = transitions_of(self.view.plan, self.view.spec)
        field = next((field for field in self.view.written if field.is_workflow), None)
        if field is None or not following:
            return None
        initial = samples.choice(field)
        return field.label, (initial, *following[initial])


def _step(field: FieldView, n: int) -> str:
    """The statement that enters value `n` into the field's control."""
    label = js(field.label)
    match field.spec.type:
        case "boolean":
            return f"await user.click(screen.getByLabelText({label}))"
        case "enum":
            value = samples.choice(field, another=n >= CREATED)
            return f"await choose({label}, inWords({js(value)}))"
        case "reference" | "reference_list" if field.target:
            name = samples.row_name(field.plan, field.spec.references or "", 2)
            return f"await choose({label}, {js(name)})"
        case _:
            return f"fill({label}, {js(samples.entered(field, n))})"


def _sent(field: FieldView, n: int) -> str:
    """TypeScript for the value that is sent after `_step`."""
    match field.spec.type:
        case "boolean":
            return js(not field.spec.default)
        case "enum":
            return js(samples.choice(field, another=True))
        case "reference":
            return "1" if samples.is_account(field) else "2" if field.target else str(n)
        case "reference_list":
            chosen = "1" if samples.is_account(field) else "2"
            return f"[1, {chosen}]" if n == EDITED and chosen == "2" else f"[{chosen}]"
        case "datetime":
            return f"new Date({js(samples.moment(field, n))}).toISOString()"
        case "integer" | "number" | "decimal":
            return f"{samples.number(field.spec, n):g}"
        case _:
            return js(samples.entered(field, n))
