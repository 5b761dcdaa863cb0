"""Renders the starter. A template stands in its group's folder as its file stands in the application."""

import html
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.ownership import CI_PATHS
from core.plan import Plan
from starter.text import argument

TEMPLATES = Path(__file__).parent / "templates"
TOOLCHAINS = Path(__file__).parents[1] / "sandbox" / "toolchains"
TEST_TOOLS = ("httpx2", "pytest", "ruff")
BROWSER_TOOLS = ("playwright", "pytest")


def files(plan: Plan) -> dict[str, str]:
    """Path to text of every starter file for this plan, by path; the same plan gives the same bytes."""
    known = _context(plan)
    rendered = {
        _path(name, plan): _environment().get_template(name).render(known)
        for group in _groups(plan)
        for name in _templates(group)
    }
    return dict(sorted(rendered.items()))


def _groups(plan: Plan) -> list[str]:
    auth, frontend = plan.auth is not None, plan.has_frontend
    wanted = {"every": True, "auth": auth, "frontend": frontend, "auth_frontend": auth and frontend}
    wanted |= {host: plan.code_host == host for host in CI_PATHS}
    return [group for group, needed in wanted.items() if needed]


@lru_cache
def _templates(group: str) -> tuple[str, ...]:
    found = sorted(file for file in (TEMPLATES / group).rglob("*.j2") if file.is_file())
    return tuple(file.relative_to(TEMPLATES).as_posix() for file in found)


def _path(template: str, plan: Plan) -> str:
    _, _, path = template.removesuffix(".j2").partition("/")
    return path.replace("/models/user.py", f"/models/{_account_module(plan)}.py")


def _account_module(plan: Plan) -> str:
    return plan.auth.entity.lower() if plan.auth else ""


def _context(plan: Plan) -> dict[str, object]:
    accounts = [plan.auth.table] if plan.auth else []
    return {
        "title": plan.title,
        "summary": plan.summary,
        "slug": plan.slug,
        "code_host": plan.code_host,
        "auth": plan.auth,
        "account_module": _account_module(plan),
        "frontend": plan.has_frontend,
        "tables": sorted({*accounts, *(entity.table for entity in plan.entities)}),
        **_body_target(plan),
        **_versions(),
    }


def _body_target(plan: Plan) -> dict[str, str]:
    """Where tests send unreadable bodies: registration is open to everybody, else the first row that can be created."""
    if plan.auth:
        return {"body_path": "/api/auth/register", "body_field": "email", "allowed": "POST"}
    for entity in plan.entities:
        written = [field.name for field in entity.fields if not field.server_set]
        if "create" in entity.operations and written:
            methods = "GET, POST" if "list" in entity.operations else "POST"
            return {"body_path": f"/api/{entity.path}", "body_field": written[0], "allowed": methods}
    return {"body_path": "", "body_field": "", "allowed": ""}


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, object]:
    """What the application is checked with is what it asks for."""
    package = json.loads((TOOLCHAINS / "node" / "package.json").read_text())
    lock = (TOOLCHAINS / "python" / "requirements.lock").read_text()
    pinned = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+)", lock, re.M))
    return {
        "dependencies": json.dumps(package["dependencies"], indent=2).replace("\n", "\n  "),
        "dev_dependencies": json.dumps(package["devDependencies"], indent=2).replace("\n", "\n  "),
        "overrides": json.dumps(package["overrides"], indent=2).replace("\n", "\n  "),
        "test_pins": " ".join(f"{name}=={pinned[name]}" for name in TEST_TOOLS),
        "browser_pins": " ".join(f"{name}=={pinned[name]}" for name in BROWSER_TOOLS),
    }


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Delimiters are `<%= %>` and `<% %>`, because JSX is full of braces and Python of brackets."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is source code, escaped for its own syntax by the filters below
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<%=",
        variable_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"argument": argument, "html": html.escape, "js": _javascript}
    return made


def _javascript(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
