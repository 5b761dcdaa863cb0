"""Names in generated Python: where a word of the plan is taken, the code adds an underscore; API and tables keep the word."""

import keyword

from pydantic import BaseModel

from core.plan import EntitySpec, FieldSpec
from core.standard.operations import snake

_DECLARATIVE = frozenset({"metadata", "registry"})
_IN_CLASS_BODIES = frozenset(
    {"base", "bool", "dt", "float", "int", "list", "mapped_column", "property", "relationship", "sa", "self", "str"}
)
"""What a model or a schema refers to: a field of that name would stand in the way of the lines after it."""
_PROTECTED = ("model_dump", "model_validate")
_PYDANTIC = frozenset(name for name in dir(BaseModel) if not name.startswith("_"))
_TAKEN_MODULES = frozenset({"accounts", "auth", "base", "deps", "health", "user"})
"""Modules that every application has beside those of its entities."""
_TAKEN_TESTS = frozenset({"auth", "migrations", "service"})


def safe(name: str) -> str:
    """`name`, or `name_` where Python or SQLAlchemy has taken it."""
    return f"{name}_" if keyword.iskeyword(name) or name in _DECLARATIVE else name


def attribute(name: str) -> str:
    """The attribute that holds the field `name`: `class` -> `class_`."""
    if name.startswith(_PROTECTED):  # Pydantic warns of every name that begins so
        return f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in _DECLARATIVE | _IN_CLASS_BODIES | _PYDANTIC else name


def keyword_argument(name: str, value: str) -> str:
    """`name=value` for a call, also where `name` is none that Python would take there."""
    return f'**{{"{name}": {value}}}' if keyword.iskeyword(name) else f"{name}={value}"


def module_name(entity: EntitySpec) -> str:
    """Module of the entity's model and schemas: `blog_post`."""
    return _module(snake(entity.name))


def service_name(entity: EntitySpec) -> str:
    """Module of the entity's router and service: the table."""
    return _module(entity.table)


def _module(name: str) -> str:
    return f"{name}_rows" if name in _TAKEN_MODULES else safe(name)


def test_name(entity: EntitySpec) -> str:
    """Module of the entity's tests: `test_blog_posts`."""
    return f"test_{entity.table}_rows" if entity.table in _TAKEN_TESTS else f"test_{entity.table}"


def relation_name(field: FieldSpec, target_table: str) -> str:
    """`author_id` -> `author`, `tag_ids` -> the target's table."""
    return attribute(target_table if field.type == "reference_list" else field.name.removesuffix("_id"))


def alias_name(entity: EntitySpec, field: FieldSpec) -> str:
    """Name of a field's own type in the schemas: `BookTitle`."""
    name = entity.name + "".join(word.capitalize() for word in field.name.split("_"))
    suffixes = ("Create", "Update", "Read", "Page", "Filter", "Sort", "LowStock", "Totals", "TotalsItem", "TotalsQuery")
    return f"{name}Value" if name in {f"{entity.name}{suffix}" for suffix in suffixes} else name
