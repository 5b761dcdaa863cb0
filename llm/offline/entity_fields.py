"""What generators ask of an entity's fields: which are sent, which names a row, how one is called."""

import re

from core.plan import EntitySpec, FieldSpec


def humanize(name: str) -> str:
    """`published_year` -> `Published year`, `author_id` -> `Author`."""
    words = re.sub(r"_ids?$", "", name).replace("_", " ")
    return words[:1].upper() + words[1:]


def writable_fields(entity: EntitySpec) -> tuple[FieldSpec, ...]:
    """Fields that a client sends, in order."""
    return tuple(field for field in entity.fields if not field.server_set)


def display_field(entity: EntitySpec) -> FieldSpec | None:
    """The field that names a row for people: the first string-like one, required ones first."""
    named = [
        field for field in entity.fields if field.type in ("string", "email", "url", "text") and not field.server_set
    ]
    return next((field for field in named if field.required), named[0] if named else None)
