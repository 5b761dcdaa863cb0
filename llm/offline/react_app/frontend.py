"""Puts the frontend's files together: one API module and up to four pages per entity, and what the navigation leads to."""

from collections.abc import Iterator

from jinja2 import Environment

from core.plan import Plan
from llm.offline.react_app.checks import EntityChecks
from llm.offline.react_app.imports import LIBRARY, TESTING, with_imports
from llm.offline.react_app.templating import environment
from llm.offline.react_app.text import words
from llm.offline.react_app.views import EntityView


def frontend_files(plan: Plan) -> dict[str, str]:
    """What the frontend agent writes on top of the starter, but for the tests; the same plan gives the same bytes."""
    jinja, entities = environment(), entity_views(plan)
    index = jinja.get_template("sections.tsx.j2").render(_context(plan, entities))
    return dict(sorted([("frontend/src/pages/index.tsx", index), *_entity_files(jinja, entities)]))


def frontend_tests(plan: Plan) -> dict[str, str]:
    """The Vitest tests of the frontend: the real components with an API in memory."""
    jinja, entities = environment(), entity_views(plan)
    context = _context(plan, entities) | {"checks": [EntityChecks(entity) for entity in entities]}
    cases = jinja.get_template("tests/cases.tsx.j2").render(context)
    body = jinja.get_template("tests/app.test.tsx.j2").render(context, cases=cases, used=words(cases))
    path = "app.test.tsx"
    matchers = 'import "@testing-library/jest-dom/vitest";\n'
    return {f"frontend/src/{path}": matchers + with_imports(path, body, TESTING)}


def entity_views(plan: Plan) -> list[EntityView]:
    """The entities that have a page: those that can be listed."""
    return [EntityView(plan, entity) for entity in plan.entities if "list" in entity.operations]


def _context(plan: Plan, entities: list[EntityView]) -> dict[str, object]:
    return {"auth": plan.auth is not None, "entities": entities}


def _entity_files(jinja: Environment, entities: list[EntityView]) -> Iterator[tuple[str, str]]:
    exports = [*LIBRARY, *(export for entity in entities for export in entity.exports)]
    for entity in entities:
        yield f"frontend/src/api/{entity.path}.ts", jinja.get_template("entity/api.ts.j2").render(entity=entity)
        wanted = {
            "List": "list",
            "Detail": "detail" if entity.can_read else "",
            "Form": "form" if entity.has_form else "",
        }
        wanted["Totals"] = "totals" if entity.totals else ""
        for suffix, template in wanted.items():
            if template:
                path = f"pages/{entity.path}/{entity.name}{suffix}.tsx"
                body = jinja.get_template(f"entity/{template}.tsx.j2").render(entity=entity)
                yield f"frontend/src/{path}", with_imports(path, body, exports)
