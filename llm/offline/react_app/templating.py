"""Renders templates of source code. Their delimiters are `[[ ]]` and `<% %>`, because JSX is full of braces."""

import html
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from llm.offline.react_app import text

TEMPLATES = Path(__file__).parent / "templates"


def environment(templates: Path = TEMPLATES) -> Environment:
    """An environment for a folder of templates: undefined names are errors, only filters escape, and each for one syntax."""
    made = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the output is source code, escaped for its own syntax by the filters below
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "js": text.js,
        "jsx": text.jsx,
        "attr": text.attr,
        "plain": text.plain,
        "js_template": text.js_template,
        "object_key": text.object_key,
        "member": text.member,
        "html": html.escape,
    }
    return made


def mirrored(templates: Path, folder: str) -> dict[str, str]:
    """Template name by the path it is rendered to, for templates that stand in `folder` as their output does."""
    root = templates / folder
    files = sorted(file for file in root.rglob("*.j2") if file.is_file())
    return {
        file.relative_to(root).as_posix().removesuffix(".j2"): file.relative_to(templates).as_posix() for file in files
    }
