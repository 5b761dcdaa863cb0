"""Names in generated Python: where a word of the plan would be a keyword or shadow something, it gets an underscore."""

import keyword

from core.plan import EntitySpec, FieldSpec
from llm.offline.operations import snake

_DECLARATIVE = frozenset({"metadata", "registry"})


def safe(name: str) -> str:
    """`name`, or `name_` where Python or SQLAlchemy has taken it."""
    return f"{name}_" if keyword.iskeyword(name) or name in _DECLARATIVE else name


def module_name(entity: EntitySpec) -> str:
    """Module of the entity's model and schemas: `blog_post`."""
    return safe(snake(entity.name))


def service_name(entity: EntitySpec) -> str:
    """Module of the entity's router and service: the table."""
    return safe(entity.table)


def relation_name(field: FieldSpec, target_table: str) -> str:
    """`author_id` -> `author`, `tag_ids` -> the target's table."""
    return safe(target_table if field.type == "reference_list" else field.name.removesuffix("_id"))


def alias_name(entity: EntitySpec, field: FieldSpec) -> str:
    """Name of a field's own type in the schemas: `BookTitle`."""
    name = entity.name + "".join(word.capitalize() for word in field.name.split("_"))
    taken = {f"{entity.name}{suffix}" for suffix in ("Create", "Update", "Read", "Page", "Filter", "Totals")}
    return f"{name}Value" if name in taken else name
