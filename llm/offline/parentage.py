"""Finds things that must share a parent: the choice of a vote is one of the question that is voted on."""

from collections.abc import Mapping, Sequence

from core.plan import EntitySpec, FieldSpec, RuleSpec
from core.standard.operations import snake
from llm.offline.reader.lexicon import is_person


def same_parent_rules(entities: Sequence[EntitySpec]) -> tuple[RuleSpec, ...]:
    """A `same_parent` rule for each thing with two parents one of which belongs to the other.

    Its params: `reference` (the child's field for the nearer parent), `parent` (that parent's entity), `through` (that
    parent's field for the common one), `same` (the child's field for the common one).
    """
    by_name = {entity.name: entity for entity in entities}
    found = []
    for child in entities:
        for near in _single_parents(child).values():
            parent = by_name.get(str(near.references))
            if parent is not None and parent is not child:
                found += _shared(child, near, parent, by_name)
    return tuple(found)


def _single_parents(entity: EntitySpec) -> dict[str, FieldSpec]:
    """Fields by the entity that they alone refer to."""
    fields = [field for field in entity.fields if field.type == "reference" and not field.server_set]
    targets = [str(field.references) for field in fields]
    return {target: field for target, field in zip(targets, fields, strict=True) if targets.count(target) == 1}


def _shared(
    child: EntitySpec, near: FieldSpec, parent: EntitySpec, by_name: Mapping[str, EntitySpec]
) -> list[RuleSpec]:
    """People are no common parent: who comments on a post need not be its author."""
    found, mine = [], _single_parents(child)
    for name, through in _single_parents(parent).items():
        same, common = mine.get(name), by_name.get(name)
        if same is None or common is None or not through.required or is_person(snake(name).split("_")[-1]):
            continue
        statement = f"The {parent.label.lower()} of a {child.label.lower()} belongs to its {common.label.lower()}."
        found.append(
            RuleSpec(
                id=f"{snake(child.name)}_{snake(parent.name)}_of_{snake(name)}"[:63], kind="same_parent",
                entity=child.name, statement=statement,
                params={"parent": parent.name, "reference": near.name, "through": through.name, "same": same.name},
            )
        )  # fmt: skip
    return found
