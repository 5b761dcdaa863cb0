"""Renders the templates beside this file; nothing here knows what is in them."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from llm.offline.python_app import layout, names


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # the output is Python, not HTML: escaping for HTML would break it
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    helpers = ("literal", "clean", "docstring", "fit", "explode", "sentence", "import_from", "test")
    environment.globals |= {name: getattr(layout, name) for name in helpers}
    environment.globals |= {name: getattr(names, name) for name in ("attribute", "keyword_argument")}
    return environment


def render(template: str, **values: object) -> str:
    """The template's text; unknown names are errors."""
    return _environment().get_template(template).render(values)


def macro(template: str, name: str) -> Callable[..., str]:
    """One macro of a template as a function."""
    found: Callable[..., str] = getattr(_environment().get_template(template).module, name)
    return found
