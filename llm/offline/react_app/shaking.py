"""Drops from a shared TypeScript module what the application does not use, so that no dead code is handed over."""

import re

from llm.offline.react_app.text import listing

_DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|interface|type|class) (\w+)", re.M)
_IMPORT = re.compile(r'^import (type )?\{ (.+?) \} from "(.+?)";$', re.M)


def words(source: str) -> set[str]:
    """Every identifier in a text, and every other word with them."""
    return set(re.findall(r"\w+", source))


def shaken(source: str, used: set[str]) -> str:
    """The module with the declarations that are exported and `used`, and those that they need; empty when none are.

    Top-level declarations have to be separated by an empty line, and imports to stand on one line each.
    """
    imports, chunks = _split(source)
    declared = [(set(_DECLARED.findall(chunk)[:1]), chunk) for chunk in chunks]
    kept = {name for names, chunk in declared for name in names if name in used and "export " in chunk}
    while True:
        needed = words("\n".join(chunk for names, chunk in declared if names & kept))
        grown = {name for names, _ in declared for name in names if name in needed} | kept
        if grown == kept:
            break
        kept = grown
    body = [chunk for names, chunk in declared if not names or names & kept]
    if not kept:
        return ""
    return "\n\n".join([*_needed_imports(imports, words("\n".join(body))), *body]) + "\n"


def _split(source: str) -> tuple[str, list[str]]:
    """The import lines, and the other top-level pieces in order."""
    pieces = re.split(r"\n\n(?=\S)", source.strip("\n"))
    head = pieces[0] if pieces[0].startswith("import ") else ""
    return head, pieces[1:] if head else pieces


def _needed_imports(imports: str, used: set[str]) -> list[str]:
    lines = []
    for is_type, members, module in _IMPORT.findall(imports):
        names = [name for name in members.split(", ") if name.removeprefix("type ") in used]
        if names:
            lines.append(listing(f"import {is_type}{{", names, f'}} from "{module}";'))
    return ["\n".join(lines)] if lines else []
