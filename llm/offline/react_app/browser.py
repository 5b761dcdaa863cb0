"""The browser tests: Python Playwright, run by pytest against a running application."""

import re

from core.plan import Plan
from llm.offline.react_app.frontend import entity_views
from llm.offline.react_app.journeys import journeys
from llm.offline.react_app.templating import environment

VALUES = frozenset(
    {"day_in_words", "in_words", "unique", "unique_day", "unique_email", "unique_key", "unique_number", "unique_url"}
)
"""What `e2e/values.py` of the starter makes."""


def browser_tests(plan: Plan) -> dict[str, str]:
    """The journeys by path. They use the starter's `e2e/`, and want an application without rows."""
    context = {"auth": plan.auth is not None, "journeys": journeys(plan, entity_views(plan))}
    cases = environment().get_template("browser/test_browser.py.j2")
    used = VALUES & set(re.findall(r"\w+", cases.render(context, values="")))
    return {"e2e/test_browser.py": cases.render(context, values=", ".join(sorted(used)))}
