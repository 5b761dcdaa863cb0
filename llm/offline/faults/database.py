"""Mistakes of database_agent, all of them in the migration."""

import re

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, fault_of, first, replaced, without
from llm.offline.python_app.entities import Entity

_MIGRATION = "backend/migrations/versions/0001_initial.py"


def _failing_migration(files: Files, plan: Plan) -> Files | None:
    """An index is made on a column that the table does not have."""

    def edit(entity: Entity) -> Files | None:
        line = "\n\n\ndef downgrade() -> None:\n"
        index = (
            f'\n    op.create_index("ix_{entity.many}_{entity.one}_name", "{entity.many}", ["{entity.one}_name"]){line}'
        )
        return replaced(files, _MIGRATION, (line, index))

    return first(plan, edit)


def _forgotten_index(files: Files, plan: Plan) -> Files | None:
    """A column that rows are looked up by has no index."""
    return without(files, _MIGRATION, r'^    op\.create_index\("ix_\w+", "\w+", \["\w+"\]\)\n')


def _lost_column(files: Files, plan: Plan) -> Files | None:
    """A field of the model has no column; one that no constraint speaks of."""

    def edit(entity: Entity) -> Files | None:
        table = re.search(
            rf'^    op\.create_table\(\n        "{entity.many}",\n.*?^    \)\n', files[_MIGRATION], re.M | re.S
        )
        columns = re.findall(r'^        sa\.Column\("(\w+)", .*\),\n', table[0], re.M) if table else []
        plain = [name for name in columns if name not in ("id", "created_at", "updated_at")]
        name = next((name for name in plain if len(re.findall(rf"\b{name}\b", files[_MIGRATION])) == 1), None)
        if table is None or name is None:
            return None
        text = re.sub(rf'^        sa\.Column\("{name}", .*\),\n', "", table[0], count=1, flags=re.M)
        return replaced(files, _MIGRATION, (table[0], text))

    return first(plan, edit) if _MIGRATION in files else None


def _nullable_column(files: Files, plan: Plan) -> Files | None:
    """A column that is never empty may be."""
    line = 'sa.Column("created_at", sa.DateTime(), nullable=False)'
    return replaced(files, _MIGRATION, (line, 'sa.Column("created_at", sa.DateTime(), nullable=True)'))


def _missing_unique(files: Files, plan: Plan) -> Files | None:
    """What is there once only is not held to it."""
    return without(files, _MIGRATION, r"^        sa\.UniqueConstraint\(.*\),\n")


def _half_downgrade(files: Files, plan: Plan) -> Files | None:
    """Going back leaves a table behind."""
    text = files.get(_MIGRATION, "")
    lines = re.findall(r'^    op\.drop_table\("\w+"\)\n', text, re.M)
    if len(lines) < 2:  # an empty function would be another mistake
        return None
    return {**files, _MIGRATION: text.removesuffix(lines[-1])}


_DATABASE = AgentName.DATABASE
FAULTS: tuple[Fault, ...] = (
    fault_of(_DATABASE, _failing_migration, r"no such column|no column named|alembic|migration.*(fail|does not run)"),
    fault_of(_DATABASE, _forgotten_index, r"\badd index\b|has no index"),
    fault_of(_DATABASE, _lost_column, r"\badd column\b"),
    fault_of(_DATABASE, _nullable_column, r"modify nullable"),
    fault_of(_DATABASE, _missing_unique, r"\badd constraint\b|unique constraint"),
    fault_of(_DATABASE, _half_downgrade, r"\bdowngrade\b.*leaves"),
)
"""In the order in which they are made."""
