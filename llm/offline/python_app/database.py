"""The database agent's files: models, session and the initial migration."""

from dataclasses import dataclass

from core.plan import FieldSpec, Plan
from llm.offline.python_app import columns
from llm.offline.python_app.entities import Entity, Link, entities, in_creation_order
from llm.offline.python_app.layout import fit, text_call
from llm.offline.python_app.modules import assemble
from llm.offline.python_app.reflow import reflow
from llm.offline.python_app.render import render


@dataclass(frozen=True)
class Join:
    """The table between two entities, as its model module spells it."""

    table: str
    left: str
    right: str
    target_table: str
    field: str
    relation: str

    @property
    def variable(self) -> str:
        return f"{self.table}_table"


@dataclass(frozen=True)
class Table:
    """One table of the migration: the lines within `op.create_table`, and its indexes."""

    name: str
    lines: tuple[str, ...]
    indexes: tuple[str, ...]


def database_files(plan: Plan) -> dict[str, str]:
    """What the database agent writes on top of the starter: a model for every entity, and the initial migration."""
    found = {
        "backend/migrations/versions/0001_initial.py": reflow(render("database/migration.py.j2", tables=_tables(plan))),
        "backend/app/db/models/__init__.py": _models_package(plan),
    }
    for entity in entities(plan):
        found[f"backend/app/db/models/{entity.module}.py"] = _model(entity)
    return found


def _models_package(plan: Plan) -> str:
    modules = [(entity.module, entity.name) for entity in entities(plan)]
    if plan.auth:
        modules.append((plan.auth.entity.lower(), plan.auth.entity))
    names = sorted(["Base", *(name for _, name in modules)])
    return render("database/models_init.py.j2", modules=sorted(modules), exported=[f'"{name}"' for name in names])


def _model(entity: Entity) -> str:
    joins = _joins(entity)
    body = render(
        "database/model.py.j2",
        entity=entity,
        doc=_about(entity),
        joins=joins,
        typed=_typed_imports(entity),
        table_args=_table_args(entity),
        columns=[_column(entity, field) for field in entity.spec.fields if field.type != "reference_list"],
        relations=[_relation(entity, link) for link in entity.links],
    )
    return assemble(f"{entity.spec.label_plural} in the database.", body, {"base": "app.db"})


def _about(entity: Entity) -> str:
    owned = " Every one belongs to the account that made it." if entity.owned else ""
    return f"One {entity.label}.{owned}"


def _joins(entity: Entity) -> list[Join]:
    found = []
    for link in entity.lists:
        left, right = f"{entity.one}_id", link.field.name.removesuffix("s")
        right = f"other_{right}" if right == left else right
        table = f"{entity.many}_{link.target_table}"
        found.append(Join(table, left, right, link.target_table, link.field.name, link.relation))
    return found


def _typed_imports(entity: Entity) -> list[tuple[str, str]]:
    return sorted({(link.target_module, link.target) for link in entity.links if link.target != entity.name})


def _column(entity: Entity, field: FieldSpec) -> str:
    target = entity.link(field.name).target_table if field.type == "reference" else None
    return columns.model_column(entity.plan, entity.spec, field, target)


def _relation(entity: Entity, link: Link) -> str:
    if link.many:
        join = next(join for join in _joins(entity) if join.field == link.field.name)
        arguments = [f"secondary={join.variable}", f'order_by="{link.target}.id"']
        if link.target == entity.name:
            arguments += [
                f'primaryjoin=lambda: {entity.name}.id == {join.variable}.c.{join.left}',
                f'secondaryjoin=lambda: {entity.name}.id == {join.variable}.c.{join.right}',
            ]  # fmt: skip
        return fit(f'{link.relation}: Mapped[list["{link.target}"]] = relationship(', arguments, ")", indent=4)
    optional = " | None" if entity.nullable(link.field) else ""
    kind = f'Mapped["{link.target}{optional}"]'
    several = sum(other.target == link.target for other in entity.parents) > 1
    arguments = [f"foreign_keys=[{link.field.name}]"] if several else []
    if link.target == entity.name:
        arguments.append(f'remote_side="{entity.name}.id"')
    return fit(f"{link.relation}: {kind} = relationship(", arguments, ")", indent=4)


def _table_args(entity: Entity) -> list[str]:
    found = [fit("sa.UniqueConstraint(", [f'"{name}"' for name in group], ")", 8) for group in entity.unique_together]
    found += [_check(sql, f'name="{name}"', 8) for name, sql in columns.checks(entity.plan, entity.spec)]
    for name, reference, condition in _active_indexes(entity):
        found.append(_partial_index(f'"{name}", "{reference}"', condition, 8))
    return found


def _check(sql: str, name: str, indent: int) -> str:
    return text_call("sa.CheckConstraint", sql, name, indent)


def _active_indexes(entity: Entity) -> list[tuple[str, str, str]]:
    """Name, column and condition of the partial unique indexes that let one row per reference be active."""
    found = []
    for rule in entity.rules("single_active"):
        reference, returned = str(rule.params["reference"]), str(rule.params["returned_field"])
        found.append((f"uq_{entity.many}_active_{reference}", reference, f"{returned} IS NULL"))
    return found


def _partial_index(what: str, condition: str, indent: int) -> str:
    where = f'sa.text("{condition}")'
    items = [*what.split(", "), "unique=True", f"sqlite_where={where}", f"postgresql_where={where}"]
    head = "sa.Index(" if len(what.split(", ")) == 2 else "op.create_index("
    return fit(head, items, ")", indent)


def _tables(plan: Plan) -> list[Table]:
    found = [_account_table(plan)] if plan.auth else []
    ordered = in_creation_order(plan)
    found += [_table(entity) for entity in ordered]
    found += [_join_table(entity, join) for entity in ordered for join in _joins(entity)]
    return found


def _stamps() -> list[str]:
    return [f'sa.Column("{name}", sa.DateTime(), nullable=False)' for name in ("created_at", "updated_at")]


def _account_table(plan: Plan) -> Table:
    table = plan.auth.table if plan.auth else "users"
    lines = [
        'sa.Column("id", sa.Integer(), nullable=False)',
        'sa.Column("email", sa.String(254), nullable=False)',
        'sa.Column("password_hash", sa.String(255), nullable=False)',
        *_stamps(),
        f'sa.PrimaryKeyConstraint("id", name="pk_{table}")',
        f'sa.UniqueConstraint("email", name="uq_{table}_email")',
        "sqlite_autoincrement=True",
    ]
    return Table(table, tuple(lines), ())


def _table(entity: Entity) -> Table:
    plan, spec, table = entity.plan, entity.spec, entity.many
    stored = [field for field in spec.fields if field.type != "reference_list"]
    lines = ['sa.Column("id", sa.Integer(), nullable=False)']
    lines += [columns.migration_column(plan, spec, field) for field in stored]
    lines += [*_stamps(), f'sa.PrimaryKeyConstraint("id", name="pk_{table}")']
    for link in entity.parents:
        name = link.field.name
        key = [f'["{name}"]', f'["{link.target_table}.id"]', f'name="fk_{table}_{name}"']
        lines.append(fit("sa.ForeignKeyConstraint(", key, ")", 8))
    groups = [(field.name,) for field in stored if columns.is_unique(plan, spec, field)]
    for group in (*groups, *entity.unique_together):
        named = [*(f'"{name}"' for name in group), f'name="uq_{table}_{"_".join(group)}"']
        lines.append(fit("sa.UniqueConstraint(", named, ")", 8))
    for name, sql in columns.checks(plan, spec):
        lines.append(_check(sql, f'name=op.f("ck_{table}_{name}")', 8))
    indexes = [
        fit("op.create_index(", [f'"ix_{table}_{field.name}"', f'"{table}"', f'["{field.name}"]'], ")", 4)
        for field in stored
        if columns.is_indexed(spec, field) and not columns.is_unique(plan, spec, field)
    ]
    for name, reference, condition in _active_indexes(entity):
        indexes.append(_partial_index(f'"{name}", "{table}", ["{reference}"]', condition, 4))
    return Table(table, (*lines, "sqlite_autoincrement=True"), tuple(indexes))


def _join_table(entity: Entity, join: Join) -> Table:
    lines = []
    for column in (join.left, join.right):
        lines.append(f'sa.Column("{column}", sa.Integer(), nullable=False)')
    lines.append(f'sa.PrimaryKeyConstraint("{join.left}", "{join.right}", name="pk_{join.table}")')
    for column, target in ((join.left, entity.many), (join.right, join.target_table)):
        key = [f'["{column}"]', f'["{target}.id"]', f'name="fk_{join.table}_{column}"', 'ondelete="CASCADE"']
        lines.append(fit("sa.ForeignKeyConstraint(", key, ")", 8))
    index = fit("op.create_index(", [f'"ix_{join.table}_{join.right}"', f'"{join.table}"', f'["{join.right}"]'], ")", 4)
    return Table(join.table, tuple(lines), (index,))
