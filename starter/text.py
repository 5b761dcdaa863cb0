"""Words of a plan as text of Python that cannot end the string it stands in."""

import textwrap

LINE = 120


def argument(text: str, name: str, indent: int) -> str:
    """`name="text",` as `ruff format` lays it out: cut into literals that Python joins where it is too long."""
    safe = _safe(text)
    line = f'{name}="{safe}",'
    if indent + len(line) <= LINE:
        return line
    pad = " " * (indent + 4)
    parts = textwrap.wrap(safe, LINE - indent - 6, drop_whitespace=False)
    return "\n".join([f"{name}=(", *(f'{pad}"{part}"' for part in parts), f"{' ' * indent}),"])


def _safe(text: str) -> str:
    """One line without quotes or backslashes."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.replace("\\", "/").replace('"', "'").split())
