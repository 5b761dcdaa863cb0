"""The browser tests: Python Playwright, run by pytest against a running application."""

import re

from core.plan import Plan
from llm.offline.react_app.frontend import entity_views
from llm.offline.react_app.journeys import journeys
from llm.offline.react_app.templating import environment

MAKERS: dict[str, tuple[str, ...]] = {
    "unique": (
        "def unique(prefix: str, limit: int) -> str:",
        '    """Text of at most `limit` characters."""',
        '    return f"{prefix} {secrets.token_hex(4)}"[-limit:].strip()',
    ),
    "unique_key": (
        "def unique_key(limit: int) -> str:",
        '    """Text that can stand in an address."""',
        "    return secrets.token_hex(8)[:limit]",
    ),
    "unique_email": (
        "def unique_email() -> str:",
        '    return f"{secrets.token_hex(6)}@example.com"',
    ),
    "unique_url": (
        "def unique_url() -> str:",
        '    return f"https://example.com/{secrets.token_hex(6)}"',
    ),
    "unique_number": (
        "def unique_number(low: int, high: int) -> str:",
        "    return str(low + secrets.randbelow(high - low + 1))",
    ),
    "unique_day": (
        "def unique_day() -> str:",
        '    """A day in January, whose short name is the same for the browser and for Python."""',
        "    return date(2030 + secrets.randbelow(100), 1, 1 + secrets.randbelow(28)).isoformat()",
    ),
    "day_in_words": (
        "def day_in_words(day: str) -> str:",
        '    """A date as the browser shows it in British English."""',
        "    parsed = date.fromisoformat(day)",
        '    return f"{parsed.day} {parsed:%b %Y}"',
    ),
    "in_words": (
        "def in_words(value: str) -> str:",
        '    """A value of a fixed set as it is shown: `in_progress` is `In progress`."""',
        '    words = value.replace("_", " ")',
        "    return words[:1].upper() + words[1:]",
    ),
}


def browser_tests(plan: Plan) -> dict[str, str]:
    """The files of `e2e/` by path. They read E2E_BASE_URL and E2E_CHROMIUM and want an application without rows."""
    jinja = environment()
    context = {"auth": plan.auth is not None, "journeys": journeys(plan, entity_views(plan))}
    cases = jinja.get_template("browser/test_browser.py.j2")
    used = set(re.findall(r"\w+", cases.render(context, values="")))
    made = used & set(MAKERS)
    files = {
        "conftest.py": jinja.get_template("browser/conftest.py.j2").render(context),
        "test_browser.py": cases.render(context, values=", ".join(sorted(made))),
        "ui.py": jinja.get_template("browser/ui.py.j2").render(context, used=used),
    }
    if plan.auth:
        made.add("unique_email")
    if made:
        files["values.py"] = _values(made)
    return {f"e2e/{name}": text for name, text in sorted(files.items())}


def _values(made: set[str]) -> str:
    """The module of made-up values, with the functions that are used."""
    bodies = ["\n".join(lines) for name, lines in MAKERS.items() if name in made]
    source = "\n\n\n".join(bodies)
    imports = ["import secrets"] if "secrets." in source else []
    imports += ["from datetime import date"] if "date(" in source or "date." in source else []
    return "\n".join(['"""Values that no other row has."""', "", *imports, "", "", source, ""])
