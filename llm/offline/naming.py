"""Names of classes, tables, paths and fields that are safe in Python, SQL and TypeScript and keep the sentence's words."""

import builtins
import keyword
import re
from dataclasses import dataclass, replace

from llm.offline.reader.draft import Draft, Link, Thing, plural_of
from llm.offline.reader.inflection import singular
from llm.offline.reader.relations import reference_name

_TAKEN_CLASSES = frozenset({
    "Any", "Annotated", "Array", "Base", "BaseModel", "Body", "Boolean", "Bool", "Callable", "Class", "Column",
    "Credentials", "Date", "Datetime", "DateTime", "Decimal", "Depends", "Dict", "Engine", "Enum", "Error",
    "Exception", "Field", "File", "Float", "Form", "ForeignKey", "Function", "Generic", "Health", "Import", "Index",
    "Integer", "Iterator", "List", "Literal", "Map", "Mapped", "Math", "Model", "None", "Number", "Numeric", "Object",
    "Optional", "Page", "Path", "Problem", "Promise", "Protocol", "Query", "Record", "Request", "Response", "Router",
    "Security", "Select", "Self", "Sequence", "Session", "Set", "Settings", "String", "Symbol", "Table", "Text",
    "Time", "Timestamp", "Token", "Tuple", "Type", "Union", "Update", "Url", "User", "Validation", "Create", "Read",
    "Return", "Lambda", "Global", "Nonlocal", "With", "While", "Yield", "Try", "Pass", "Raise", "For", "From",
    "Interface", "Option", "Status", "Json", "Schema", "Namespace", "Null", "Undefined", "Infinity", "True", "False",
    "This", "Super", "Private",
})  # fmt: skip
"""Class names that frameworks, languages and the shared schemas use themselves."""
_TAKEN_FIELDS = frozenset({
    "id", "created_at", "updated_at", "owner_id", "owner", "metadata", "registry", "query", "copy", "json", "schema",
    "dict", "construct", "validate", "fields", "parse_obj", "parse_raw", "from_orm", "update_forward_refs", "limit",
    "offset", "q", "sort", "order", "group", "select", "from", "where", "user", "constructor", "prototype", "key",
    "ref", "children", "class", "default", "delete", "new", "public", "private", "static", "function", "var", "let",
    "typeof", "void", "package", "interface", "items", "date", "time", "datetime", "timestamp", "model",
}
) | {name for name in dir(builtins) if name.islower()} | set(keyword.kwlist) | set(keyword.softkwlist)  # fmt: skip
_FINE_FIELDS = frozenset(["all", "any", "bin", "iter", "sum", "round", "open"]) - {"open"}
_TAKEN_TABLES = frozenset({
    "groups", "references", "values", "tables", "indexes", "columns", "rows", "views", "triggers", "users", "keys",
    "partitions", "functions", "sessions", "constraints", "windows", "options", "ranges", "alembic_version",
}
) - {"sessions", "options"}  # fmt: skip


@dataclass(frozen=True)
class EntityNames:
    """`words` is the singular noun that the other names are made of."""

    words: str
    entity: str
    table: str
    path: str
    label: str
    label_plural: str


def names_of(draft: Draft) -> dict[str, EntityNames]:
    """Names for every thing, no two alike."""
    found: dict[str, EntityNames] = {}
    taken: set[str] = set()
    for noun, thing in draft.things.items():
        words = _class_words(noun, thing, draft, taken)
        names = _entity_names(words)
        taken |= {names.entity, names.table}
        found[noun] = names
    return found


def _class_words(noun: str, thing: Thing, draft: Draft, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9 ]+", " ", noun.replace("-", " ")).strip() or "thing"
    base = base if base[0].isalpha() else f"the {base}"
    title = [word.lower() for word in draft.title.split() if word.isalpha()]
    title = [singular(word) if word.endswith("s") else word for word in title]  # `media` stays
    title = [word for word in title if word not in base.split()]
    options = [
        base,
        *([f"{thing.prefix} {base}"] if thing.prefix else []),
        *(f"{word} {base}" for word in title[:1]),
        f"{base} record",
        f"{base} item",
    ]
    for words in options:
        names = _entity_names(words)
        if names.entity not in _TAKEN_CLASSES and names.entity not in taken and names.table not in taken:
            return words
    return f"{base} {len(taken)}"


def _entity_names(words: str) -> EntityNames:
    words = words[:48].strip()
    many = plural_of(words)
    table = many.replace(" ", "_")
    return EntityNames(
        words=words,
        entity="".join(part[:1].upper() + part[1:] for part in words.split(" ")),
        table=f"app_{table}" if table in _TAKEN_TABLES else table,
        path=many.replace(" ", "-"),
        label=words[:1].upper() + words[1:],
        label_plural=many[:1].upper() + many[1:],
    )


def reference(link: Link, names: dict[str, EntityNames]) -> str:
    """Field name of a link in terms of the final entity names: `gym_class_id`."""
    return reference_name(replace(link, child=names[link.child].words, parent=names[link.parent].words))


def field_name(name: str, entity: EntityNames) -> str:
    """`date` of an expense becomes `expense_date`: the bare word means something else to Python or the frameworks."""
    clean = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "value"
    clean = clean if clean[0].isalpha() else f"n_{clean}"
    collides = clean in _TAKEN_FIELDS and clean not in _FINE_FIELDS
    if collides or clean.startswith(("model_", "metadata")) or clean.endswith(("_id", "_ids")):
        clean = f"{entity.words.replace(' ', '_')}_{clean}" if not clean.endswith(("_id", "_ids")) else f"{clean}_code"
    return clean[:60]


def slug_of(title: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    return slug if slug[:1].isalpha() else f"app-{slug}".strip("-")
