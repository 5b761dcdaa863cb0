"""Mistakes of backend_agent in how it reads what is stored, and in what it trusts."""

import re

from core.plan import Plan
from core.types import AgentName
from llm.offline.faults.fault import Fault, Files, fault_of, first, replaced, service_of
from llm.offline.python_app.entities import Entity

_BASE = "backend/app/services/base.py"


def _sql_by_string(files: Files, plan: Plan) -> Files | None:
    """The search is written as SQL text with what the user typed in the middle of it."""

    def edit(entity: Entity) -> Files | None:
        column = entity.spec.search[0] if entity.spec.search else ""
        pattern = (
            r"^        matching = base\.contains\(query\.q, [^()]*\)\n|^        matching = base\.contains\(\n[^()]*\)\n"
        )
        old = re.search(pattern, files.get(service_of(entity), ""), re.M)
        if old is None:
            return None
        new = (
            f"        sql = f\"SELECT id FROM {entity.many} WHERE {column} LIKE '%{{query.q}}%'\"\n"  # noqa: S608  # the mistake
            f"        matching = models.{entity.name}.id.in_(db.scalars(sa.text(sql)).all())\n"
        )
        return replaced(files, service_of(entity), (old[0], new))

    return first(plan, edit)


def _n_plus_one(files: Files, plan: Plan) -> Files | None:
    """Related rows are loaded when each row is looked at; where there are none, each row is fetched again."""

    def lazy(entity: Entity) -> Files | None:
        path = service_of(entity)
        text, found = re.subn(
            r"^    statement = statement\.options\(selectinload\(.*\)\)\n", "", files.get(path, ""), flags=re.M
        )
        if not found:
            return None
        return {**files, path: text.replace(", selectinload\n", "\n")}

    def again(entity: Entity) -> Files | None:
        path, model = service_of(entity), f"models.{entity.name}"
        text = files.get(path, "")
        old = re.search(r"^    return (base\.fetch_page\(db, statement, query, .*\))$", text, re.M)
        if old is None:
            return None
        each = f"[db.scalars(sa.select({model}).where({model}.id == row.id)).one() for row in rows]"
        new = f"    rows, total = {old[1]}\n    return {each}, total"
        return replaced(files, path, (old[0], new))

    return first(plan, lazy) or first(plan, again)


def _unbounded_list(files: Files, plan: Plan) -> Files | None:
    """Every row is sent, whatever `limit` says."""
    return replaced(files, _BASE, (".limit(query.limit).offset(query.offset)", ""))


def _secret_in_code(files: Files, plan: Plan) -> Files | None:
    """Tokens are signed with a key that everybody who reads the code knows."""
    path = "backend/app/security.py"
    setting = "settings.secret_key.get_secret_value()"
    return replaced(
        files, path,
        ('ALGORITHM = "HS256"\n', 'ALGORITHM = "HS256"\nSECRET_KEY = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"\n'),
        (f"jwt.encode(claims, {setting}, algorithm", "jwt.encode(claims, SECRET_KEY, algorithm"),
        ("    key = get_settings().secret_key.get_secret_value()\n", ""),
        ("jwt.decode(token, key, ", "jwt.decode(token, SECRET_KEY, "),
    )  # fmt: skip


def _lost_filter(files: Files, plan: Plan) -> Files | None:
    """A filter is documented and then forgotten."""

    def edit(entity: Entity) -> Files | None:
        path = service_of(entity)
        pattern = r"^    if query\.(?!q\b|year\b)\w+ is not MISSING:\n        statement = statement\.where\(.*\)\n"
        text, found = re.subn(pattern, "", files.get(path, ""), count=1, flags=re.M)
        if found and "MISSING" not in text.partition("import MISSING")[2]:
            text = text.replace("from pydantic import MISSING\n", "")
        return {**files, path: text} if found else None

    return first(plan, edit)


def _wrong_total(files: Files, plan: Plan) -> Files | None:
    """What is counted is the page, not all that there is."""
    counted = "    total = db.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0\n"
    return replaced(
        files, _BASE, (counted, ""), ("    return db.scalars(statement", "    rows = db.scalars(statement"),
        (".all(), total\n", ".all()\n    return rows, len(rows)\n"),
    )  # fmt: skip


def _ignored_sort(files: Files, plan: Plan) -> Files | None:
    """A list is sorted upwards, whatever the sign says."""
    if not any(entity.sort for entity in plan.entities):
        return None
    return replaced(files, _BASE, ('column.desc() if sort.startswith("-") else column.asc()', "column.asc()"))


def _boundless_page(files: Files, plan: Plan) -> Files | None:
    """`limit` may be as large as one likes."""
    bound = "limit: Annotated[int, Field(ge=1, le=100)]"
    return replaced(files, "backend/app/schemas/base.py", (bound, "limit: Annotated[int, Field(ge=1)]"))


def _open_origins(files: Files, plan: Plan) -> Files | None:
    """Pages of every site may read the answers."""
    path, setting = "backend/app/main.py", "    settings = get_settings()\n"
    edited = replaced(files, path, ("allow_origins=settings.allowed_origins", 'allow_origins=["*"]'))
    if edited is None or "settings." in edited[path].replace("app.settings", ""):
        return edited
    return replaced(edited, path, (setting, ""), ("from app.config import get_settings\n", ""))


_BACKEND = AgentName.BACKEND
FAULTS: tuple[Fault, ...] = (
    fault_of(_BACKEND, _sql_by_string, r"sql injection|sql.{0,40}string|string.{0,40}\bsql\b|\b[BS]608\b"),
    fault_of(_BACKEND, _n_plus_one, r"n\s?\+\s?1\b|quer(y|ies) (per|for each|for every) row"),
    fault_of(_BACKEND, _unbounded_list, r"(?<![a-z])limit(ed|=(?!\d{3}))|unbounded|whole table"),
    fault_of(_BACKEND, _secret_in_code, r"hard-?coded|secret.*(code|setting)|\b[BS]10[567]\b"),
    fault_of(_BACKEND, _lost_filter, r"(?<![a-z])filter|gives a row with"),
    fault_of(_BACKEND, _wrong_total, r"`total`|cut_into_pages|total (is|of|counts)"),
    fault_of(_BACKEND, _ignored_sort, r"\bsort(ed)?\b|sorted_both_ways"),
    fault_of(_BACKEND, _boundless_page, r"limit=1\d\d|page_beyond|beyond_the_bounds"),
    fault_of(_BACKEND, _open_origins, r"allow-origin|configured_origins|\bCORS\b|any origin"),
)  # fmt: skip
"""In the order in which they are made."""
