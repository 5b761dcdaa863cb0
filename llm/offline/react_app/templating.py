"""Renders templates of source code. Their delimiters are `[[ ]]` and `<% %>`, because JSX is full of braces."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from llm.offline.react_app import text

TEMPLATES = Path(__file__).parent / "templates"


@cache
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
        "object_key": text.object_key,
        "member": text.member,
    }
    return made
