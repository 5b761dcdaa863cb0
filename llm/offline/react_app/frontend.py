"""Puts the frontend's files together: shared modules, one API module and up to four pages per entity."""

import json
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

from core.plan import Plan
from llm.offline.contract import page_limits
from llm.offline.react_app.checks import EntityChecks
from llm.offline.react_app.imports import LIBRARY, TESTING, with_imports
from llm.offline.react_app.shaking import shaken, words
from llm.offline.react_app.templating import TEMPLATES, environment, mirrored
from llm.offline.react_app.views import EntityView

TOOLBOXES = (
    "components/ExportButton.tsx",
    "components/ExternalLink.tsx",
    "components/filters.tsx",
    "components/fields.tsx",
    "components/readForm.ts",
    "format.ts",
    "api/options.ts",
)
TOOLCHAIN = Path(__file__).parents[3] / "sandbox" / "toolchains" / "node" / "package.json"


def frontend_files(plan: Plan) -> dict[str, str]:
    """Every file of the frontend by path, but the tests and `schema.d.ts`; the same plan gives the same bytes."""
    jinja, entities = environment(), entity_views(plan)
    pages = dict(_entity_files(jinja, entities))
    context = _context(plan, entities)
    templates = mirrored(TEMPLATES, "shared") | (mirrored(TEMPLATES, "auth") if plan.auth else {})
    shared = {path: jinja.get_template(name).render(context) for path, name in templates.items()}
    return dict(sorted(_without_unused(pages | shared).items()))


def _without_unused(files: dict[str, str]) -> dict[str, str]:
    """The files with the toolbox modules cut to what the others use of them; the last in order may serve the first."""
    left = dict(files)
    for name in TOOLBOXES:
        path = f"frontend/src/{name}"
        source = left.pop(path)
        if kept := shaken(source, words("\n".join(left.values()))):
            left[path] = kept
    return left


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
    package = json.loads(TOOLCHAIN.read_text())
    accounts = plan.auth.entity if plan.auth else None
    return {
        "title": plan.title,
        "slug": plan.slug,
        "summary": plan.summary,
        "auth": plan.auth is not None,
        "entities": entities,
        "redirects": any(entity.short_links for entity in entities),
        "user_options": any(field.spec.references == accounts for entity in entities for field in entity.shown),
        "page_size": min((page_limits(plan, entity.spec)[0] for entity in entities), default=20),
        "dependencies": json.dumps(package["dependencies"], indent=2).replace("\n", "\n  "),
        "dev_dependencies": json.dumps(package["devDependencies"], indent=2).replace("\n", "\n  "),
    }


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
