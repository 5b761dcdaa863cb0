"""Plans in which every name means something else to Python, Pydantic, SQLAlchemy, SQL, pytest or TypeScript."""

from core.plan import EntitySpec, FieldSpec, FieldType, Plan, RuleSpec
from tests.plans import OWNER, make_plan

NASTY_FIELDS: dict[FieldType, str] = {
    "string": (
        "class from import metadata registry model_config model_fields model_dump group schema dict str list "
        "base sa relationship mapped_column property select where table user values query db api path self "
        "key request default function typeof null constructor elements submit reset action name method row "
        "data ref create update field view options"
    ),
    "integer": "lambda order copy int length children page items",
    "enum": "type",
    "text": "json body",
    "boolean": "validate bool delete new read is",
    "number": "float",
    "date": "dt date global",
    "url": "target",
    "datetime": "time with try",
    "decimal": "total async",
    "email": "match",
}
"""Names of fields of each type, divided by spaces."""
NASTY_ENTITIES = (
    "Order", "Group", "Event", "Test", "Testimonial", "Config", "Account", "Service", "Migration", "Item", "Name", "Number2",
)  # fmt: skip


def _field(name: str, kind: FieldType) -> FieldSpec:
    values = ("class", "None", "it's") if kind == "enum" else ()
    return FieldSpec(name=name, type=kind, required=kind != "text", values=values)


_CLASS_FIELDS = frozenset(
    ("class", "from", "metadata", "schema", "path", "json", "lambda", "copy", "page", "type", "validate", "async", "global")
)  # fmt: skip


def _others() -> list[EntitySpec]:
    """The nasty fields that no rule speaks of, shared out among three kinds of rows."""
    fields = [_field(name, kind) for kind, names in NASTY_FIELDS.items() for name in names.split()]
    rest = [field for field in fields if field.name not in _CLASS_FIELDS]
    return [
        EntitySpec(
            name=name, table=f"{name.lower()}_rows", path=f"{name.lower()}-rows", label=name, label_plural=f"{name} rows",
            fields=tuple(rest[place::3]), sort=(rest[place].name,),
        )
        for place, name in enumerate(("Interface", "Package", "Object"))
    ]  # fmt: skip


def _lesson_rules() -> list[RuleSpec]:
    """Every kind of rule that names fields, with fields that are called as keywords are."""
    return [
        RuleSpec(
            id="room", kind="no_overlap", entity="Lesson", statement="One lesson at a time.",
            params={"reference": "class_id", "start": "from", "end": "is"},
        ),
        RuleSpec(
            id="after", kind="ordered_fields", entity="Lesson", statement="A lesson ends after it begins.",
            params={"start": "from", "end": "is"},
        ),
        RuleSpec(
            id="flow", kind="status_flow", entity="Lesson", statement="Lessons pass.",
            params={"field": "import", "initial": "def", "transitions": {"def": ["async"], "async": ["pass"]}},
        ),
        RuleSpec(
            id="sums", kind="totals", entity="Lesson", statement="Totals.",
            params={"value": "lambda", "date": "from", "group_by": ["month", "global"]},
        ),
        RuleSpec(id="out", kind="csv_export", entity="Lesson", statement="Lessons can be exported."),
        RuleSpec(
            id="low", kind="low_stock", entity="Lesson", statement="What is low.", params={"field": "lambda", "threshold": 5}
        ),
        RuleSpec(
            id="summary", kind="child_summary", entity="Class", statement="Lessons of a class.",
            params={"child": "Lesson", "reference": "class_id", "value": "lambda"},
        ),
    ]  # fmt: skip


def nasty_fields_plan() -> Plan:
    """Every nasty field, with rules that work with some of them."""
    fields = [_field(name, kind) for kind, names in NASTY_FIELDS.items() for name in names.split()]
    thing = EntitySpec(
        name="Class", table="classes", path="classes", label="Class", label_plural="Classes",
        fields=(
            *(field for field in fields if field.name in _CLASS_FIELDS),
            FieldSpec(name="before_id", type="reference", references="Class", required=False),
        ),
        search=("class", "metadata", "json"),
        filters=("class", "type", "validate", "lambda", "async", "global", "page", "path", "before_id"),
        sort=("from", "copy", "schema", "metadata"), unique_together=(("class", "from"),),
    )  # fmt: skip
    lesson = EntitySpec(
        name="Lesson", table="lessons", path="lessons", label="Lesson", label_plural="Lessons",
        fields=(
            FieldSpec(name="global", type="string"),
            FieldSpec(name="class_id", type="reference", references="Class"),
            FieldSpec(name="from", type="datetime"), FieldSpec(name="is", type="datetime"),
            FieldSpec(name="import", type="enum", values=("def", "async", "pass"), required=False, default="def"),
            FieldSpec(name="lambda", type="integer", minimum=0, maximum=1000),
        ),
        filters=("import",),
    )  # fmt: skip
    return make_plan("Nasty fields", [thing, lesson, *_others()], rules=_lesson_rules())


def nasty_entities_plan() -> Plan:
    """Kinds of rows that are called as modules, fixtures and tests of the application are, beside accounts."""
    entities = []
    for name in NASTY_ENTITIES:
        words = name.lower()
        table = "auth" if name == "Config" else f"{words}s"
        entities.append(
            EntitySpec(
                name=name, table=table, path=f"{words}s", label=name, label_plural=f"{name}s", access="owner",
                fields=(OWNER, FieldSpec(name="name", type="string")), search=("name",),
            )
        )  # fmt: skip
    return make_plan("Nasty entities", entities, auth=True)
